//go:build linux

package main

import (
	"bytes"
	"context"
	"errors"
	"hash/fnv"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode"

	"github.com/compose2fargate/compose2fargate/internal/sample"
)

// What no file may have this program use.
const (
	mostProcessor = 10 * time.Second
	mostMemory    = 1 << 20 // KiB
)

// TestNoFileBringsDown changes compose files at random and has each checked and planned:
// whatever becomes of it, the program ends with a code that it documents, says where what
// is wrong is, in words of its own, and uses no more than a machine has.
func TestNoFileBringsDown(t *testing.T) {
	t.Parallel()
	sources := mutable(t)
	names := slices.Sorted(maps.Keys(mutations))
	cases := make([]int, 3000)
	for i := range cases {
		cases[i] = i
	}
	seed := fnv.New64a()
	seed.Write([]byte(os.Getenv(sample.Variable)))
	for _, i := range sample.Of(t, cases, 160, strconv.Itoa) { // with a seed 300
		r := rand.New(rand.NewPCG(seed.Sum64(), uint64(i)))
		source := sources[r.IntN(len(sources))]
		text, err := os.ReadFile(source)
		if err != nil {
			t.Fatal(err)
		}
		text, how := mutated(r, text, names)
		t.Run(strconv.Itoa(i), func(t *testing.T) {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "compose.yaml"), text, 0o600); err != nil {
				t.Fatal(err)
			}
			for _, args := range [][]string{{"check"}, {"plan", "--simulate"}} {
				if wrong := harm(t, dir, args); wrong != "" {
					kept := filepath.Join(os.TempDir(), "compose2fargate-hostile-"+strconv.Itoa(i)+".yaml")
					t.Errorf("%s of %s (%s): %s; the file is %s: %v", args[0], source, how, wrong, kept, os.WriteFile(kept, text, 0o600))
				}
			}
		})
	}
}

// mutable are compose files to change: those of tests, and of the corpus where it is.
func mutable(t *testing.T) []string {
	t.Helper()
	var out []string
	for _, pattern := range []string{"../../testdata/*", "../../translate/testdata/*/*", "../../../shared/corpus/*", "../../../shared/corpus/*/*"} {
		for _, name := range []string{"compose.yaml", "docker-compose.yml"} {
			files, err := filepath.Glob(filepath.Join(pattern, name))
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, files...)
		}
	}
	return out
}

// Words that say that nobody thought of what is in a file.
var unthought = regexp.MustCompile(`a fault of compose2fargate|panic:|goroutine \d|<nil>|map\[|%![a-zA-Z]\(|invalid jsonType|interface conversion|compose-go, which|this is not YAML: \d`)

// withoutPlace is an error that does not say where.
var withoutPlace = regexp.MustCompile(`(?m)^error: .*`)

// harm says what a command does that it must not, "" for nothing.
func harm(t *testing.T, dir string, args []string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute) // whoever waits uses no processor
	defer cancel()
	cmd := exec.CommandContext(ctx, "compose2fargate", args...)
	cmd.Dir = dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + filepath.Join(dir, "home"), "AWS_REGION=eu-west-1", "TMPDIR=" + os.TempDir()}
	out, err := cmd.CombinedOutput()
	if exit, ok := errors.AsType[*exec.ExitError](err); err != nil && !ok {
		return err.Error()
	} else if ok && !slices.Contains([]int{codeError, codeBlocked}, exit.ExitCode()) {
		return exit.String() + ": " + string(out[:min(len(out), 2000)])
	}
	return harmDone(cmd.ProcessState, out)
}

// ownMemory is the peak of this process in KiB. What it starts begins with that as its own (Linux
// keeps it over execve), and under the race detector it is above the limit.
func ownMemory() int64 {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		return 0
	}
	return used.Maxrss
}

func harmDone(state *os.ProcessState, out []byte) string {
	used := state.SysUsage().(*syscall.Rusage)
	control := bytes.IndexFunc(out, func(r rune) bool { return r != '\n' && r != '\t' && !unicode.IsPrint(r) })
	switch {
	case state.UserTime()+state.SystemTime() > mostProcessor:
		return "it took " + (state.UserTime() + state.SystemTime()).String()
	case used.Maxrss > max(mostMemory, ownMemory()):
		return "it took " + strconv.FormatInt(used.Maxrss>>10, 10) + " MiB"
	case control >= 0:
		return "it printed " + strconv.Quote(string(out[max(control-40, 0):min(control+40, len(out))]))
	case unthought.Match(out):
		at := unthought.FindIndex(out)[0]
		return "it said " + string(out[max(bytes.LastIndexByte(out[:at], '\n'), 0):min(at+200, len(out))])
	case withoutPlace.Match(out):
		return strings.TrimSpace(string(withoutPlace.Find(out)))
	default:
		return ""
	}
}
