package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/smithy-go/logging"

	"github.com/compose2fargate/compose2fargate/content"
	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/resource"
	"github.com/compose2fargate/compose2fargate/simulator"
	"github.com/compose2fargate/compose2fargate/translate"
)

// session is a project beside the account that it is for.
type session struct {
	*settings
	name    string             // of the project
	project *translate.Project // nil where a command does without compose files
	// loadProblems are what loading the project had to say.
	loadProblems diag.List
	once         *translate.Once // nil but for the command run
	account      *resource.Account
	// look returns another account that has seen nothing yet.
	look func() *resource.Account
	// simulator is the embedded AWS behind account, nil for a real one.
	simulator *simulator.Simulator
	images    images
	maker     *maker // nil under --simulate, where no image is made
}

// translate reads the compose files.
func (s *settings) translate(ctx context.Context) (*translate.Project, diag.List, error) {
	type loaded struct {
		project  *translate.Project
		problems diag.List
	}
	load := s.load
	load.Writing = s.terminal.writing
	l, err := untilInterrupted(ctx, func() loaded {
		project, problems := translate.Load(ctx, load)
		return loaded{project, problems}
	})
	if l.project != nil {
		s.terminal.keepSecret(l.project.HiddenValues())
	}
	return l.project, l.problems, err
}

// loadProject reads the compose files. Where they make no project, it has printed
// why.
func (s *settings) loadProject(ctx context.Context) (*translate.Project, diag.List, error) {
	project, problems, err := s.translate(ctx)
	if err != nil {
		return nil, nil, err
	}
	if !problems.HasErrors() {
		return project, problems, nil
	}
	if project != nil { // find the rest as well before giving up
		more, err := untilInterrupted(ctx, func() translated { return stackOf(project, plan.Facts{}) })
		if err != nil {
			return nil, nil, err
		}
		problems = append(problems, more.problems...).Sorted()
	}
	problems.Print(s.terminal.err)
	return nil, nil, ended(codeError)
}

// open connects to AWS, or to the simulator, for a project.
func (s *settings) open(ctx context.Context, name, directory string) (*session, error) {
	if s.simulate {
		return s.openSimulator(ctx, name, directory)
	}
	if s.script != "" || s.pass != 0 {
		return nil, errors.New("--simulate-script and --simulate-time are for the embedded AWS: add --simulate")
	}
	// The SDK would write warnings to stderr by itself; what matters of them is in
	// its errors.
	cfg, err := config.LoadDefaultConfig(ctx, config.WithLogger(logging.Nop{}))
	if err != nil {
		return nil, fmt.Errorf("read the AWS configuration: %w", err)
	}
	look := func() *resource.Account { return resource.New(cfg, name) }
	return &session{settings: s, name: name, account: look(), look: look}, nil
}

func (s *settings) openSimulator(ctx context.Context, name, directory string) (*session, error) {
	file := s.stateFile
	if file == "" {
		file = filepath.Join(directory, content.Directory, "simulator.json")
	}
	if err := makePlace(filepath.Dir(file)); err != nil {
		return nil, fmt.Errorf("make a place for the simulator's state: %w", err)
	}
	script, err := s.readScript()
	if err != nil {
		return nil, err
	}
	fake, err := simulator.New(simulator.Options{StateFile: file, Region: s.region(), Script: script})
	if err != nil {
		return nil, fmt.Errorf("open the simulator: %w", err)
	}
	if s.pass > 0 {
		if err := fake.Pass(ctx, s.pass); err != nil {
			return nil, fmt.Errorf("let %s pass in the simulator: %w", s.pass, err)
		}
	}
	look := func() *resource.Account {
		return resource.New(fake.Config(), name).WithPoll(simulatedPoll).WithMaker(resource.NewRecorder(fake.Config()))
	}
	return &session{settings: s, name: name, account: look(), look: look, simulator: fake}, nil
}

// makePlace makes a directory, of which git keeps nothing where it is this tool's.
func makePlace(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil || filepath.Base(dir) != content.Directory {
		return err
	}
	file := filepath.Join(dir, ".gitignore")
	if _, err := os.Lstat(file); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.WriteFile(file, []byte("*\n"), 0o600)
}

// readScript reads the file of --simulate-script; nil without one.
func (s *settings) readScript() (*simulator.Script, error) {
	if s.pass < 0 {
		return nil, fmt.Errorf("--simulate-time is %s, and time does not go back", s.pass)
	}
	if s.script == "" {
		return nil, nil
	}
	data, err := content.ReadFile(s.script, longestScript)
	if err != nil {
		return nil, fmt.Errorf("read the script for the embedded AWS: %w", err)
	}
	script, err := simulator.ParseScript(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.script, err)
	}
	return script, nil
}

// longestScript is how many bytes a script may have.
const longestScript = 1 << 20

// region is the region from the environment, "" if it has none. Only the
// simulator and offline commands need it: otherwise the SDK finds the region.
func (s *settings) region() string {
	return cmp.Or(s.terminal.getenv("AWS_REGION"), s.terminal.getenv("AWS_DEFAULT_REGION"))
}

// close lets go of the simulator's state.
func (s *session) close() error {
	if s.simulator == nil {
		return nil
	}
	return s.simulator.Close()
}

// lookups are what the compose files ask of the account.
func (s *session) lookups() plan.Lookups {
	if s.project == nil {
		return plan.Lookups{}
	}
	return s.project.Lookups()
}

// simulatedPoll is the time between two looks at the simulator, whose deployments
// move on with each look.
const simulatedPoll = time.Millisecond

// simulatedSleep lets time go by in the embedded account.
func (s *session) simulatedSleep(ctx context.Context, d time.Duration) error {
	return s.simulator.Pass(ctx, d)
}

// refuse holds the account against --expect-account.
func (s *session) refuse(account string) error {
	if s.expect != "" && s.expect != account {
		return &exitError{Code: codeBlocked, Err: fmt.Errorf("these credentials are for account %s, and --expect-account asks for %s", account, s.expect)}
	}
	return nil
}
