package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/compose2fargate/compose2fargate/image"
	"github.com/compose2fargate/compose2fargate/internal/sensitive"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/resource"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// builderVariable names the program that builds images, docker by default.
const builderVariable = "COMPOSE2FARGATE_BUILDER"

// maker builds and pushes images on this machine and reports the progress.
type maker struct {
	registries *image.Registries
	builder    image.Builder
	say        func(line string) // nil: nobody listens
}

func newMaker(s *settings, registries *image.Registries, variables map[string]string) *maker {
	return &maker{registries: registries, builder: image.Builder{
		Command: s.terminal.getenv(builderVariable), Environ: s.terminal.withoutCredentials(), Variables: variables,
	}}
}

// Make implements resource.Maker.
func (m *maker) Make(ctx context.Context, o image.Order) (string, error) {
	name := path.Base(o.To.Repository)
	lines := &lineWriter{prefix: name + ": ", hide: hidden(o.Source.Build, m.builder.Variables), say: m.say}
	defer lines.flush()
	builder := m.builder
	builder.Output = lines
	if o.Source.Build == nil {
		fmt.Fprintf(lines, "copying %s for %s\n", o.Source.Base, o.Platform)
	}
	return m.registries.Make(ctx, o, builder)
}

// ready checks, before anything is written, that the images of a plan can be
// made: the builder works and the registry can be reached.
func (s *session) ready(ctx context.Context, p *plan.Plan, st stacks) error {
	if s.maker == nil {
		return nil
	}
	var builds []string
	makes := false
	for _, r := range st.want.Resources {
		if !resource.Unmade(st.live, p, r.Address) {
			continue
		}
		makes = true
		if source, ok := r.Payload.(*spec.ImageSource); ok && source.Build != nil {
			builds = append(builds, r.Address.Name)
		}
	}
	if !makes {
		return nil
	}
	if len(builds) > 0 {
		if err := s.maker.builder.Check(ctx); err != nil {
			return fmt.Errorf("%s cannot be built, nothing was written: %w", strings.Join(builds, ", "), s.withoutBuilder(err))
		}
	}
	if err := s.mayPull(ctx, p, st); err != nil {
		return err
	}
	registry, err := s.account.Registry(ctx)
	if err == nil {
		err = s.maker.registries.Reach(ctx, registry)
	}
	if err != nil {
		return fmt.Errorf("images cannot be pushed, nothing was written: %w", err)
	}
	return nil
}

// withoutBuilder says what to do about a builder that is not there.
func (s *session) withoutBuilder(err error) error {
	return fmt.Errorf("%w\n  help: install and start docker with buildx, or name a program with the same command line in %s (now %s)",
		err, builderVariable, cmp.Or(s.maker.builder.Command, "docker"))
}

// lineWriter passes on the output of a builder line by line, under the name of
// the service, without values that must stay hidden.
type lineWriter struct {
	prefix string
	hide   *strings.Replacer
	say    func(string)

	mu   sync.Mutex
	rest []byte
}

// Write implements io.Writer. It never fails: a build does not end for its talk.
func (w *lineWriter) Write(data []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.rest = append(w.rest, data...)
	for {
		line, rest, found := bytes.Cut(w.rest, []byte("\n"))
		if !found {
			return len(data), nil
		}
		w.rest = rest
		w.tell(string(line))
	}
}

// flush tells the last line, which need not end.
func (w *lineWriter) flush() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.tell(string(w.rest))
	w.rest = nil
}

func (w *lineWriter) tell(line string) {
	line = strings.TrimRight(line, "\r")
	if i := strings.LastIndexByte(line, '\r'); i >= 0 { // a bar that was drawn over itself
		line = line[i+1:]
	}
	if line != "" && w.say != nil {
		w.say(w.prefix + printable(w.hide.Replace(line)))
	}
}

// printable drops what drives a terminal.
func printable(line string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case unicode.IsPrint(r):
			return r
		default:
			return -1
		}
	}, line)
}

// hidden replaces the secrets of a build: those given as such, and arguments whose
// names or values say that they are some.
func hidden(b *spec.BuildSource, variables map[string]string) *strings.Replacer {
	if b == nil {
		return strings.NewReplacer()
	}
	secret := map[string]bool{}
	for name, value := range b.Args {
		secret[value] = secret[value] || sensitive.Is(name, value)
	}
	for _, s := range b.Secrets {
		if s.Env != "" {
			secret[variables[s.Env]] = true
		}
	}
	var pairs []string
	for _, value := range slices.SortedFunc(maps.Keys(secret), longestFirst) {
		if secret[value] && len(value) >= shortestSecret {
			pairs = append(pairs, value, "***")
		}
	}
	return strings.NewReplacer(pairs...)
}

// shortestSecret is the length from which on a value can be told from other text.
const shortestSecret = 4

func longestFirst(a, b string) int {
	return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b))
}
