package translate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/plan"
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
// is documented of its image, and what it keeps in memory as files.
func (p *Project) leastOf(s container) leastMemory {
	out := p.leastOfProgram(s)
	files, place := p.filesInMemory(s)
	if files <= defaultShare/2 { // there is room for them in what is counted without a setting
		return out
	}
	if out.mib == 0 {
		out.mib, out.why = defaultShare, "for the program"
	}
	if out.path == nil || files > out.mib {
		out.path = place
	}
	out.mib, out.why = out.mib+files, out.why+", and "+memoryText(files)+" of it for tmpfs"
	return out
}

func (p *Project) leastOfProgram(s container) leastMemory {
	known := memoryOf(p.baseImage(s))
	told, place := p.memoryAsks(s)
	var settings []string
	for _, ask := range largestOf(told) {
		settings = append(settings, ask.text)
	}
	out := leastMemory{told: sumOf(told), settings: strings.Join(settings, ", "), path: place}
	if len(told) > 0 {
		out.mib, out.why = withRoom(out.told, known.OfHeap), "for "+out.settings+" and what the program needs beside that"
	}
	isWhole := slices.ContainsFunc(told, func(ask memoryAsk) bool { return ask.part == javaHeap })
	if known.MiB > out.mib && !isWhole {
		out.mib, out.why, out.path = known.MiB, "because "+known.Why, p.imagePlace(s)
	}
	return out
}

// filesInMemory are the MiB of the directories that a container has in memory and of which
// the files give a size, which count as its memory (tmpfs(5); moby, "tmpfs mounts").
func (p *Project) filesInMemory(s container) (mib int, place diag.Path) {
	for _, m := range memoryMounts(newBase(p, plan.Facts{}), s, p.memoryVolume) {
		if mib += m.size; m.size > 0 && place == nil {
			place = m.path
		}
	}
	return mib, place
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
