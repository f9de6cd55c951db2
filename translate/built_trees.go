package translate

import (
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/compose2fargate/compose2fargate/content"
)

// putsTrees says whether the build works in a directory, or puts whole trees into it.
func (i *builtImage) putsTrees(target string) bool {
	return slices.ContainsFunc(i.chain(), func(s dockerStage) bool {
		return slices.ContainsFunc(s.workdirs, func(dir string) bool { return within(dir, target) }) || len(i.trees(s, target)) > 0
	})
}

// trees are the COPY of a stage that put trees into a directory.
func (i *builtImage) trees(s dockerStage, target string) []dockerCopy {
	var out []dockerCopy
	for _, c := range s.copies {
		isTree := func(source string) bool { return c.from != "" || isDirectory(filepath.Join(i.build.Context, source)) }
		if within(c.target, target) && slices.ContainsFunc(c.sources, isTree) {
			out = append(out, c)
		}
	}
	return out
}

// installs matches commands that fill the directory they work in with packages.
var installs = regexp.MustCompile(`\b(?:composer|npm|pnpm|yarn)\b[^&|;]*\b(?:install|ci|create-project)\b`)

// manyFiles are more than a helper copies to EFS in two minutes, for sure: some
// milliseconds for each of several calls a file.
const manyFiles = 5_000

// putsMany says whether the build fills a directory with what package managers fetch, or
// with thousands of files of its context.
func (i *builtImage) putsMany(target string) bool {
	if !i.putsTrees(target) {
		return false
	}
	left := manyFiles
	for _, s := range i.chain() {
		if slices.ContainsFunc(s.lines, installs.MatchString) && slices.ContainsFunc(s.workdirs, func(dir string) bool { return within(dir, target) }) {
			return true
		}
		for _, c := range i.trees(s, target) {
			for _, source := range c.sources {
				if slices.Contains(packageNames, path.Base(source)) || c.from == "" && i.counts(filepath.Join(i.build.Context, source), &left) {
					return true
				}
			}
		}
	}
	return false
}

// counts says whether a directory of the context has as many files as are left to count.
func (i *builtImage) counts(dir string, left *int) bool {
	for child, err := range content.Children(dir) {
		name := filepath.Join(dir, child.Name())
		switch {
		case err != nil:
			return false
		case child.Name() == ".git", i.leavesOut(name):
		case child.IsDir():
			if i.counts(name, left) {
				return true
			}
		default:
			if *left--; *left <= 0 {
				return true
			}
		}
	}
	return false
}

func (i *builtImage) leavesOut(name string) bool {
	relative, ok := i.inContext(name)
	return ok && i.ignored.LeavesOut(relative)
}

// packageNames are directories that package managers fill.
var packageNames = strings.Fields("node_modules bower_components vendor .venv venv site-packages bundle .m2 .gradle .cargo .pnpm-store")
