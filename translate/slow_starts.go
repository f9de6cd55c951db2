package translate

import (
	_ "embed"
	"slices"
	"strings"

	"github.com/compose2fargate/compose2fargate/internal/table"
)

//go:embed slow_starts.json
var slowStartsJSON []byte

// slowStarts are programs that may answer only minutes after they were started, where they
// have a part of a processor: those in Java, and those that build, install or migrate
// something first.
var slowStarts = table.Of[struct {
	Images    []slowProgram `json:"images"`    // by their references
	Variables []slowProgram `json:"variables"` // by the names of those of a container
	Commands  []slowProgram `json:"commands"`  // by lines that a container may run
	Checks    []slowProgram `json:"checks"`    // by the commands of health checks
}](slowStartsJSON)

type slowProgram struct {
	Form   table.Pattern `json:"form"`
	Source string        `json:"source"`
}

// slowGraces are the grace periods, in seconds, of programs that start slowly, by the CPU
// units that a task has at most: what takes a minute on a whole processor takes four on a
// quarter of one.
var slowGraces = []slowGrace{{256, fillingGrace}, {512, 600}, {largest().cpu, 300}}

type slowGrace struct{ cpu, grace int }

// slowGraceOf is 0 for a task in which nothing is known to start slowly.
func (p *Project) slowGraceOf(k *task, chosen size) int {
	if !slices.ContainsFunc(k.members, p.startsSlowly) {
		return 0
	}
	return slowGraces[slices.IndexFunc(slowGraces, func(row slowGrace) bool { return chosen.cpu <= row.cpu })].grace
}

func (p *Project) startsSlowly(s container) bool {
	if isSlowImage(nameOf(p.baseImage(s)).tagged()) {
		return true
	}
	for name := range s.Environment {
		if isSlowVariable(name) {
			return true
		}
	}
	return slices.ContainsFunc(p.possibleLines(s), func(line startedLine) bool { return anyMatches(slowStarts().Commands, line.text) })
}

var (
	isSlowImage    = table.ByText(func(image string) bool { return anyMatches(slowStarts().Images, image) })
	isSlowVariable = table.ByText(func(name string) bool { return anyMatches(slowStarts().Variables, name) })
)

func anyMatches(rows []slowProgram, text string) bool {
	return slices.ContainsFunc(rows, func(row slowProgram) bool { return row.Form.MatchString(text) })
}

// slowCheckCPU is up to how many CPU units a health check that starts such a program has as
// long as ECS allows, so that a container which works is not ended: docker only marks it.
const slowCheckCPU = 512

// isSlowCheck says whether a health check starts a program anew that takes seconds of a
// whole processor to start.
func isSlowCheck(test []string) bool {
	return anyMatches(slowStarts().Checks, strings.Join(test, " "))
}
