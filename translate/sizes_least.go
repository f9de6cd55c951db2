package translate

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/translate/compose"
)

// leastMemory is the least that a container needs by what the files say of it.
type leastMemory struct {
	mib      int       // with what a program needs beside what it is told to take
	told     int       // MiB, by its settings alone
	settings string    // as they are written; "" for none
	why      string    // lower-case words that go on from an amount
	path     diag.Path // where the files say so
}

// leastOf is the least memory of a container: by the settings of its program, or by what
// is documented of its image.
func (p *Project) leastOf(s container) leastMemory {
	known := memoryOf(p.baseImage(s))
	told, place := p.memoryAsks(s)
	var settings []string
	for _, ask := range largestOf(told) {
		settings = append(settings, ask.text)
	}
	out := leastMemory{told: sumOf(told), settings: strings.Join(settings, ", "), path: place}
	if saysHeap := slices.ContainsFunc(told, func(ask memoryAsk) bool { return ask.part == javaHeap }); len(told) > 0 {
		out.mib, out.why = withRoom(out.told, known.OfHeap), "for "+out.settings+" and what the program needs beside that"
		if saysHeap {
			return out
		}
	}
	if known.MiB > out.mib {
		out.mib, out.why, out.path = known.MiB, "because "+known.Why, p.imagePlace(s)
	}
	return out
}

// withRoom adds what a program needs beside the memory that it is told to take: a third,
// and at least 256 MiB. Node.js is to be given 1.5 GiB of 2 (Node.js documentation,
// --max-old-space-size); a JVM has the code, the stacks and the classes beside its heap, a
// quarter of a gigabyte as a rule (Paketo, "JVM memory calculator": 240 MiB of code and
// 1 MiB for each of 250 threads); MySQL takes a tenth more than its buffer pool
// (InnoDB buffer pool configuration) and as much again for itself. Elasticsearch wants its
// heap to be at most half of all (Elasticsearch guide, "Set the JVM heap size").
func withRoom(told int, ofHeap int) int {
	if ofHeap > 1 {
		return told * ofHeap
	}
	return told + max(told/3, 256)
}

// memoryAsks are the settings of the program in a container, and where the largest is.
func (p *Project) memoryAsks(s container) (all []memoryAsk, place diag.Path) {
	largest := 0
	add := func(found []memoryAsk, path ...string) {
		for _, ask := range found {
			if ask.mib > largest {
				largest, place = ask.mib, s.at(path...)
			}
		}
		all = append(all, found...)
	}
	for _, name := range sortedKeys(s.Environment) {
		if value := s.Environment[name]; value != nil {
			add(slices.Concat(asks(memoryOptions, *value), asks(memoryVariables, name+"="+strings.TrimSpace(*value))), "environment", name)
		}
	}
	add(asks(memoryOptions, strings.Join(s.Entrypoint, " ")), "entrypoint")
	add(asks(memoryOptions, strings.Join(s.Command, " ")), "command")
	for i, v := range s.Volumes {
		if v.Type == types.VolumeTypeBind {
			add(p.asksInFile(v.Source), "volumes", strconv.Itoa(i))
		}
	}
	for i, c := range s.Configs {
		config := p.Compose.Configs[c.Source]
		name := targetOf(c.Target, "/", c.Source)
		add(asksInText(name, config.Content), "configs", strconv.Itoa(i))
		if config.File != "" {
			add(p.asksInFile(config.File), "configs", strconv.Itoa(i))
		}
	}
	return all, place
}

// Settings are read of files of up to 64 KiB, and of up to 20 in a directory: what people
// write themselves.
const (
	maxSettings     = 64 << 10
	maxSettingFiles = 20
)

// asksInFile are the settings of a file of this machine, or of the files in a directory.
// Nothing is said here of what cannot be read.
func (p *Project) asksInFile(name string) []memoryAsk {
	name = compose.Absolute(p.Directory, name)
	if !isDirectory(name) {
		return p.asksInOne(name)
	}
	var out []memoryAsk
	read := 0
	for _, end := range memoryFiles {
		found, _ := filepath.Glob(filepath.Join(globQuoted(name), "*"+end)) // it is well formed
		for _, file := range found {
			if read++; read <= maxSettingFiles {
				out = append(out, p.asksInOne(file)...)
			}
		}
	}
	return out
}

func (p *Project) asksInOne(name string) []memoryAsk {
	if !slices.Contains(memoryFiles, filepath.Ext(name)) {
		return nil
	}
	resolved := realPath(name)
	info, err := os.Stat(resolved)
	if err != nil || !info.Mode().IsRegular() || info.Size() > maxSettings || inside(p.Directory, name) && !inside(realPath(p.Directory), resolved) {
		return nil
	}
	text, err := os.ReadFile(resolved)
	if err != nil {
		return nil
	}
	return asksInText(filepath.Base(name), string(text))
}

// globQuoted is a name in which nothing is a pattern.
func globQuoted(name string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(name)
}

func (p *Project) imagePlace(s container) diag.Path {
	if s.Image != "" {
		return s.at("image")
	}
	return s.at("build")
}

// warnTooSmall warns of sizes that are less than what a program is told to take.
func (z sizing) warnTooSmall(k *task, chosen size) {
	for _, m := range k.members {
		limit := chosen.memory
		if given := asked(m).memory; given > 0 {
			limit = given
		}
		if l := z.leastOf(m); l.told > limit {
			z.warnf(sizePath(z.base, m.Name), fmt.Sprintf("give it %s, or let the program take less", memoryText(l.mib)),
				"%s of memory, but the program is told to take %s (%s): its container is ended when it does",
				memoryText(limit), memoryText(l.told), l.settings)
		}
	}
}
