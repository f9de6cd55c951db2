package main

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/compose2fargate/compose2fargate/plan"
)

// progress draws what an apply is doing: on a terminal a line for each step that
// is under way, redrawn in place; elsewhere a line for each event.
type progress struct {
	mu      sync.Mutex
	w       io.Writer
	screen  io.Writer // the same terminal, for what moves on it; nil where it is none
	live    bool
	width   int
	running []*runningStep // in the order in which they began
	drawn   int            // lines below the last finished one
	ticker  *time.Ticker
	done    chan struct{}
	closed  sync.Once
}

type runningStep struct {
	step  plan.Step
	note  string
	since time.Time
}

func newProgress(t terminal) *progress {
	p := &progress{w: t.err, done: make(chan struct{})}
	p.width, p.live = size(t.err)
	p.live = p.live && t.getenv("TERM") != "dumb"
	if p.live {
		p.screen = streamBehind(t.err)
		p.ticker = time.NewTicker(time.Second)
		go p.tick()
	}
	return p
}

// tick keeps the elapsed times moving.
func (p *progress) tick() {
	for {
		select {
		case <-p.done:
			return
		case <-p.ticker.C:
			p.mu.Lock()
			p.redraw()
			p.mu.Unlock()
		}
	}
}

func (p *progress) close() {
	p.closed.Do(func() {
		if p.ticker != nil {
			p.ticker.Stop()
		}
		close(p.done)
	})
}

// Start implements apply.Events.
func (p *progress) Start(step plan.Step) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.running = append(p.running, &runningStep{step: step, since: time.Now()})
	if !p.live {
		fmt.Fprintf(p.w, "%s: %s\n", subject(step), underWay(step))
		return
	}
	p.redraw()
}

// Note implements apply.Events.
func (p *progress) Note(step plan.Step, text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.live {
		fmt.Fprintf(p.w, "%s: %s\n", step.Address, text)
		return
	}
	for _, r := range p.running {
		if r.step.ID == step.ID {
			r.note = text
		}
	}
	p.redraw()
}

// say writes a line above those of the steps in progress.
func (p *progress) say(line string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clear()
	fmt.Fprintln(p.w, line)
	p.redraw()
}

// Done implements apply.Events.
func (p *progress) Done(step plan.Step, took time.Duration, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, r := range p.running {
		if r.step.ID == step.ID {
			p.running = append(p.running[:i], p.running[i+1:]...)
			break
		}
	}
	p.clear()
	fmt.Fprintf(p.w, "%s: %s\n", subject(step), outcome(step, took, err))
	p.redraw()
}

func outcome(step plan.Step, took time.Duration, err error) string {
	if err != nil {
		first, _, _ := strings.Cut(err.Error(), "\n")
		return "not " + did[step.Verb] + ": " + first
	}
	if took < time.Second {
		return did[step.Verb]
	}
	return fmt.Sprintf("%s after %s", did[step.Verb], took.Round(time.Second))
}

// subject is what a step is about: its resource, or all of a kind.
func subject(step plan.Step) string {
	if step.Idle() {
		return strings.TrimSuffix(step.ID, "#"+string(step.Verb))
	}
	return step.Address.String()
}

func underWay(step plan.Step) string {
	if step.Verb == plan.WaitVerb {
		return fmt.Sprintf("waiting %ds %s", step.Seconds, step.What)
	}
	return doing[step.Verb]
}

var doing = map[plan.Verb]string{
	plan.CreateVerb: "creating", plan.UpdateVerb: "updating", plan.StartVerb: "starting", plan.DeleteVerb: "deleting",
	plan.ExtendVerb: "extending", plan.StopVerb: "stopping the tasks", plan.ReleaseVerb: "stopping the old tasks", plan.RunVerb: "running",
}

var did = map[plan.Verb]string{
	plan.CreateVerb: "created", plan.UpdateVerb: "updated", plan.StartVerb: "started", plan.DeleteVerb: "deleted",
	plan.ExtendVerb: "extended", plan.StopVerb: "stopped the tasks", plan.WaitVerb: "waited", plan.ReleaseVerb: "stopped the old tasks", plan.RunVerb: "run to its end",
}

// redraw replaces the lines of the steps under way.
func (p *progress) redraw() {
	if !p.live {
		return
	}
	p.clear()
	for _, r := range p.running {
		line := fmt.Sprintf("  %s: %s, %s", subject(r.step), underWay(r.step), time.Since(r.since).Round(time.Second))
		if r.note != "" {
			line += ": " + r.note
		}
		fmt.Fprintln(p.w, cut(line, p.width))
	}
	p.drawn = len(p.running)
}

// clear takes away the lines that redraw drew.
func (p *progress) clear() {
	if p.drawn > 0 {
		fmt.Fprint(p.screen, strings.Repeat("\x1b[1A\x1b[2K", p.drawn))
		p.drawn = 0
	}
}

// cut keeps a line on one row of the terminal: a wrapped one could not be
// cleared.
func cut(line string, width int) string {
	runes := []rune(line)
	if width <= 1 || len(runes) < width {
		return line
	}
	return string(runes[:width-2]) + "…"
}
