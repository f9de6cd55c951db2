package translate

import (
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
)

// maxLandings bounds how often a Dockerfile copies one directory on.
const maxLandings = 64

// landings are the paths in the image to which COPY and ADD put a file or directory of
// this machine, from stage to stage, as far as that is sure.
func (i *builtImage) landings(file string, isDir bool) []string {
	return i.follow(file, func(c dockerCopy, origin string) []string { return c.landings(origin, isDir) })
}

// mayHave says whether the image may have a file of this machine: a variable may be
// anything.
func (i *builtImage) mayHave(file string) bool {
	return len(i.follow(file, dockerCopy.mayLand)) > 0
}

// follow are the paths in the image that a file of this machine has, by where each COPY
// puts what it finds at a path.
func (i *builtImage) follow(file string, lands func(dockerCopy, string) []string) []string {
	found := make([][]string, len(i.stages))
	for n, s := range i.stages {
		if base := stageNamed(i.stages[:n], s.from); base >= 0 {
			found[n] = slices.Clone(found[base])
		}
		for _, c := range s.copies {
			for _, origin := range i.origins(c, file, found[:n]) {
				found[n] = append(found[n], lands(c, origin)...)
			}
		}
		slices.Sort(found[n])
		found[n] = slices.Compact(found[n])
		found[n] = found[n][:min(len(found[n]), maxLandings)]
	}
	return found[i.end]
}

// origins are the paths at which a COPY finds a file of this machine: in its context, or
// in an earlier stage.
func (i *builtImage) origins(c dockerCopy, file string, stages [][]string) []string {
	context := i.build.Context
	if c.from != "" {
		n, err := strconv.Atoi(c.from)
		if err != nil {
			n = stageNamed(i.stages[:len(stages)], c.from)
		}
		if n >= 0 && n < len(stages) {
			return stages[n]
		}
		context = i.contextNamed(c.from)
	}
	name, ok := below(context, file)
	if !ok {
		return nil
	}
	return []string{path.Join("/", name)}
}

// contextNamed is an additional context, whose names are in lower case for BuildKit.
func (i *builtImage) contextNamed(name string) string {
	for _, known := range slices.Sorted(maps.Keys(i.build.AdditionalContexts)) {
		if strings.EqualFold(known, name) {
			return i.build.AdditionalContexts[known]
		}
	}
	return ""
}

// mayLand are where a COPY may put a file that is at a path of its source. What a
// variable stands for is the same wherever it is written, or anything.
func (c dockerCopy) mayLand(origin string) []string {
	if c.excludedBy(origin, func(pattern string) bool { return !strings.Contains(pattern, "$") }) {
		return nil
	}
	var out []string
	for _, source := range c.sources {
		rest, ok := matchSource(path.Join("/", unquoted(source)), origin)
		switch {
		case ok && rest == "", !ok && mayBeAny(path.Join("/", unquoted(source)), origin):
			out = append(out, c.target, path.Join(c.target, path.Base(origin)))
		case ok:
			out = append(out, path.Join(c.target, rest))
		}
		if c.parents && len(out) > 0 {
			out = append(out, path.Join(c.target, origin))
		}
	}
	return out
}

// mayBeAny says whether a source may be anything, as far as its variables are not the
// beginning of a path as well.
func mayBeAny(source, origin string) bool {
	i := strings.LastIndex(source, "$")
	if i < 0 {
		return false
	}
	known, _, below := strings.Cut(source[i:], "/")
	return !below || !strings.HasPrefix(origin, source[:i]+known+"/")
}

// landings are where a COPY puts what is at a path of its source.
func (c dockerCopy) landings(origin string, isDir bool) []string {
	if strings.Contains(c.target, "$") || c.excluded(origin) {
		return nil
	}
	var out []string
	for _, source := range c.sources {
		rest, ok := belowSource(source, origin)
		target := c.target
		if c.parents {
			target = path.Join(target, strings.TrimSuffix(origin, rest))
		}
		switch {
		case !ok:
		case rest == "" && !isDir && !c.parents:
			out = append(out, target, path.Join(target, path.Base(origin)))
		default:
			out = append(out, path.Join(target, rest))
		}
	}
	return out
}

// belowSource is the rest of a path below a source of COPY, which may be a pattern.
func belowSource(source, name string) (rest string, ok bool) {
	source = path.Join("/", unquoted(source))
	if source != "/" && strings.Contains(source, "$") {
		return "", false
	}
	return matchSource(source, name)
}

// matchSource is belowSource for a pattern that begins with a slash.
func matchSource(source, name string) (rest string, ok bool) {
	if source == "/" {
		return name, true
	}
	parts, n := strings.Split(name, "/"), strings.Count(source, "/")+1
	if len(parts) < n {
		return "", false
	}
	matched, err := path.Match(source, strings.Join(parts[:n], "/"))
	return strings.Join(parts[n:], "/"), err == nil && matched
}

// excluded says whether --exclude may leave a path out.
func (c dockerCopy) excluded(name string) bool {
	return c.excludedBy(name, func(string) bool { return true })
}

// excludedBy says whether one of the patterns of --exclude that count leaves a path out.
func (c dockerCopy) excludedBy(name string, counts func(pattern string) bool) bool {
	return slices.ContainsFunc(slices.DeleteFunc(slices.Clone(c.excludes), func(pattern string) bool { return !counts(pattern) }), func(pattern string) bool {
		for at := name; at != "/" && at != "."; at = path.Dir(at) {
			whole, _ := path.Match(path.Join("/", pattern), at)
			base, _ := path.Match(strings.TrimPrefix(pattern, "**/"), path.Base(at))
			if whole || base || strings.Contains(pattern, "$") {
				return true
			}
		}
		return false
	})
}
