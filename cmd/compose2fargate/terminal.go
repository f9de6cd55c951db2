package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/compose2fargate/compose2fargate/plan/render"
	"github.com/compose2fargate/compose2fargate/translate/compose"
)

// terminal holds the streams of the process: data goes to out, everything else
// to err.
type terminal struct {
	in      io.Reader
	out     io.Writer
	err     io.Writer
	environ []string
}

// environment is environ as a map; the last one of a name counts.
func (t terminal) environment() map[string]string {
	out := make(map[string]string, len(t.environ))
	for _, entry := range t.environ {
		if name, value, ok := strings.Cut(entry, "="); ok {
			out[name] = value
		}
	}
	return out
}

// withoutCredentials is the environment for programs that work for the compose files: it
// has no credentials for AWS.
func (t terminal) withoutCredentials() []string {
	out := []string{} // not nil, which stands for all of it
	for _, entry := range t.environ {
		if name, _, _ := strings.Cut(entry, "="); !compose.IsAWSCredential(name) {
			out = append(out, entry)
		}
	}
	return out
}

// keepSecret keeps values out of what is said, which AWS, a registry or a builder may have
// worded. Plans mask by field.
func (t terminal) keepSecret(values []string) {
	if s, ok := t.err.(*sink); ok {
		s.keepSecret(values)
	}
}

func (t terminal) getenv(name string) string { return t.environment()[name] }

// style is how a plan is drawn on w: colour and a width on a terminal only.
func (t terminal) style(w io.Writer, full bool) render.TextOptions {
	width, isTerminal := size(w)
	return render.TextOptions{Color: isTerminal && t.colours(), Width: width, Full: full}
}

// colours follows https://no-color.org and the terminals that have none.
func (t terminal) colours() bool { return t.getenv("NO_COLOR") == "" && t.getenv("TERM") != "dumb" }

// size is the width of the terminal behind a stream; not ok where it is none.
func size(stream any) (width int, ok bool) {
	if w, ok := stream.(io.Writer); ok {
		stream = streamBehind(w)
	}
	file, isFile := stream.(*os.File)
	if !isFile || !term.IsTerminal(int(file.Fd())) {
		return 0, false
	}
	width, _, err := term.GetSize(int(file.Fd()))
	if err != nil {
		return 0, true
	}
	return width, true
}

// confirm asks for a yes. Anything else is no; without a terminal to ask it is an error.
func (t terminal) confirm(ctx context.Context, question string) (bool, error) {
	if _, ok := size(t.in); !ok {
		return false, errors.New("apply needs confirmation and stdin is not a terminal: pass --auto-approve, or apply a saved plan")
	}
	line, err := t.ask(ctx, question+" Type \"yes\" to apply: ")
	return line == "yes", err
}

// confirmName asks for the name of a project all of whose data is to be deleted. A script
// can answer on stdin.
func (t terminal) confirmName(ctx context.Context, project string) (bool, error) {
	line, err := t.ask(ctx, "This deletes all data of the project. Type its name, "+project+", to do so: ")
	return line == project, err
}

// ask asks on err and reads one line.
func (t terminal) ask(ctx context.Context, question string) (string, error) {
	fmt.Fprint(t.err, "\n"+question)
	answer := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(t.in).ReadString('\n')
		answer <- strings.TrimSpace(line)
	}()
	select {
	case <-ctx.Done():
		fmt.Fprintln(t.err)
		return "", ctx.Err()
	case line := <-answer:
		return line, nil
	}
}
