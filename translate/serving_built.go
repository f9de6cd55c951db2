package translate

import (
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
)

// filesOf are the files of configuration that a container has: what is mounted hides what
// its Dockerfile puts there.
func (r *servingReader) filesOf(texts []*textFile) []*textFile {
	var out []*textFile
	seen := map[string]bool{}
	for _, f := range texts {
		if !f.built {
			out = append(out, f)
			seen[f.name] = true
		}
	}
	for _, f := range texts {
		if !f.copied {
			continue
		}
		for _, target := range f.targets {
			if !seen[target] {
				seen[target] = true
				there := *f
				there.name, there.env, there.is = target, r.environment(f.env), nil
				out = append(out, &there)
			}
		}
	}
	return out
}

// environment are the variables of a container with those of the ENV of its Dockerfile.
func (r *servingReader) environment(env types.MappingWithEquals) types.MappingWithEquals {
	out := types.MappingWithEquals{}
	for _, v := range r.built.variables() {
		out[v.words[0]] = &v.words[1]
	}
	maps.Copy(out, env)
	return out
}

// isWholeImage says whether a Dockerfile changes the configuration of its base at some
// places by files that are read alone, and starts the program as the base does.
func (r *servingReader) isWholeImage(places []string) bool {
	about := func(target string) bool {
		return slices.ContainsFunc(places, func(place string) bool { return within(target, place) || within(place, target) })
	}
	for _, stage := range r.built.chain() {
		for _, c := range stage.copies {
			read := slices.ContainsFunc(r.files, func(f *textFile) bool { return f.copied && within(f.name, c.target) })
			if strings.Contains(c.target, "$") || about(c.target) && !read {
				return false
			}
		}
		for _, dir := range stage.workdirs {
			if dir != "/" && about(dir) {
				return false
			}
		}
		if slices.ContainsFunc(stage.lines, func(line string) bool { return r.writes(line, places) }) {
			return false
		}
	}
	return !slices.ContainsFunc(r.built.commandsOf(r.container), func(c dockerWords) bool { return !r.isUsual(c.words) })
}

// removesOnly is a RUN that takes files away.
var removesOnly = regexp.MustCompile(`(?i)^\s*RUN\s+rm\s+(-[rf]+\s+)*[^&;|]*$`)

// writes says whether a line of a Dockerfile is a RUN that may write configuration.
func (r *servingReader) writes(line string, places []string) bool {
	if !strings.HasPrefix(strings.ToUpper(strings.TrimSpace(line)), "RUN") || removesOnly.MatchString(line) {
		return false
	}
	if strings.Contains(line, "APACHE_CONFDIR") { // a variable of those images
		return true
	}
	return slices.ContainsFunc(places, func(place string) bool {
		return strings.Contains(line, place) || path.Ext(place) != "" && strings.Contains(line, path.Dir(place))
	})
}

// removes says whether the Dockerfile takes a file of its base away.
func (r *servingReader) removes(file string) bool {
	if r.built == nil {
		return false
	}
	return slices.ContainsFunc(r.built.chain(), func(s dockerStage) bool {
		return slices.ContainsFunc(s.lines, func(line string) bool {
			return removesOnly.MatchString(line) && slices.ContainsFunc(strings.Fields(line), func(word string) bool {
				gone, _ := path.Match(word, file)
				return gone || within(file, path.Clean(word))
			})
		})
	})
}
