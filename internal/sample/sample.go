// Package sample chooses which of many cases a run of the tests tries: a few of
// them in `go test`, more in `.ci/run`, all of them in `.ci/full`.
package sample

import (
	"hash/fnv"
	"os"
	"testing"
)

// Variable names the environment variable that says how much is tried. Unset, it
// is a small sample, always the same one. "full" is everything. Any other value,
// the commit in .ci/run, is the seed of a sample that is larger and moves.
const Variable = "COMPOSE2FARGATE_TESTS"

const (
	full = "full"
	more = 16 // how much larger the sample with a seed is
)

// Full says whether everything is tried.
func Full() bool { return os.Getenv(Variable) == full }

// Takes says whether the case of this name is among those that are tried, about
// one in every n. It depends on nothing but the name and the seed, so that a case
// that failed is tried again.
func Takes(name string, n int) bool {
	seed := os.Getenv(Variable)
	switch {
	case seed == full:
		return true
	case seed != "":
		n /= more
	}
	hash := fnv.New64a()
	hash.Write([]byte(seed + "\x00" + name))         // never fails
	return n <= 1 || hash.Sum64()>>16%uint64(n) == 0 // the lowest bits of this hash tell little apart
}

// Of returns the cases that are tried, about one in every n and at least one, in
// their order, and logs how many that are.
func Of[T any](t testing.TB, cases []T, n int, name func(T) string) []T {
	t.Helper()
	var out []T
	for _, c := range cases {
		if Takes(name(c), n) {
			out = append(out, c)
		}
	}
	if len(out) == 0 && len(cases) > 0 {
		out = cases[:1]
	}
	if len(out) < len(cases) {
		t.Logf("%d of %d cases; %s=full tries all", len(out), len(cases), Variable)
	}
	return out
}
