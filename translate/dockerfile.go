package translate

import (
	"cmp"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/moby/buildkit/frontend/dockerfile/command"
	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"

	"github.com/compose2fargate/compose2fargate/plan"
)

// These are more than anybody writes.
const (
	maxDockerfile  = 1 << 20 // bytes, and those that its variables stand for
	maxDockerLines = 5_000
	// of all builds of a project, each of which is searched for ports, hosts and more
	mostDockerLines = 100_000
	dockerLinesEach = 50 // and for each build
)

// dockerStage is a stage of a Dockerfile, as far as translation needs it. Variables
// have their values; one whose value is not known stays as it is written, with its $.
type dockerStage struct {
	from        string   // image, or the name of another stage
	name        string   // in lower case; "" without one
	exposes     []string // PORT or PORT/PROTOCOL
	workdirs    []string // absolute, in the order of the file
	copies      []dockerCopy
	volumes     []string         // of VOLUME
	user        string           // the last one; "" is that of the image
	users       map[string]int   // by name, those that its RUN commands make with a number
	healthcheck *plan.ImageCheck // the last one; nil without one
	shell       []string         // of SHELL; nil without one
	runsShell   bool             // a RUN is a line for /bin/sh
	entrypoint  dockerWords      // the last ENTRYPOINT, as an image's configuration has it, which ends the CMD of what the stage goes on from
	command     dockerWords      // the last CMD, as an image's configuration has it
	variables   []dockerWords    // of ENV: a name and a value each
	lines       []string         // its instructions as they are written, but for HEALTHCHECK
}

// dockerWords are words of an instruction, and its line. The zero value: there is none.
type dockerWords struct {
	words []string
	line  int // counted from 1
}

// dockerCopy is a COPY or ADD.
type dockerCopy struct {
	sources  []string // in the build context, or in from; ADD also takes URLs
	target   string   // absolute
	from     string   // stage, context or image of COPY --from; "" is the build context
	parents  bool     // the directories of a source are made below target
	excludes []string // patterns of what is not copied
}

// dockerfileName is the file on this machine; of a remote context there is no such file.
func dockerfileName(build *types.BuildConfig) string {
	name := cmp.Or(build.Dockerfile, "Dockerfile")
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(build.Context, name)
}

// readDockerfile returns the stages of a Dockerfile, or what of it is not understood here,
// with its line. A variable has the value that the build, ARG or ENV gives it.
func readDockerfile(text string, args types.MappingWithEquals) (stages []dockerStage, problem string) {
	switch {
	case len(text) > maxDockerfile:
		return nil, "it has more than 1 MiB"
	case strings.Count(text, "\n") > maxDockerLines: // BuildKit looks for the end of each heredoc in all that follow
		return nil, fmt.Sprintf("it has more than %d lines", maxDockerLines)
	}
	parsed, err := parser.Parse(strings.NewReader(text))
	if err != nil {
		return nil, err.Error()
	}
	if problem := misunderstood(parsed.AST.Children); problem != "" {
		return nil, problem
	}
	r := dockerReader{values: map[string]string{}, args: args}
	for _, instruction := range parsed.AST.Children {
		if r.read(instruction); r.filled > maxDockerfile {
			return nil, fmt.Sprintf("line %d: its variables stand for more than 1 MiB up to here", instruction.StartLine)
		}
	}
	return r.stages, ""
}

// misunderstood says which instruction this tool does not understand, with its line; ""
// where there is none.
func misunderstood(all []*parser.Node) string {
	stages := false
	for _, n := range all {
		stages = stages || strings.EqualFold(n.Value, command.From)
		problem := instructionProblem(n)
		if problem == "" && !stages && !strings.EqualFold(n.Value, command.Arg) {
			problem = n.Value + " stands before FROM"
		}
		if problem != "" {
			return fmt.Sprintf("line %d: %s", n.StartLine, problem)
		}
	}
	if !stages {
		return "it has no FROM"
	}
	return ""
}

// instructionProblem is what BuildKit has against an instruction. A flag that this release
// of it does not know is one of a later release, or of another builder.
func instructionProblem(n *parser.Node) string {
	if _, known := command.Commands[strings.ToLower(n.Value)]; !known {
		return "unknown instruction " + n.Value
	}
	if _, err := instructions.ParseInstruction(n); err != nil && !strings.Contains(err.Error(), "unknown flag") {
		return err.Error()
	}
	return ""
}

// stagesOfTarget are the stage that a build ends with and those that it goes on
// from, in this order. The target is the last stage where it is "" or unknown.
func stagesOfTarget(stages []dockerStage, target string) []dockerStage {
	i := stageNamed(stages, target)
	if i < 0 {
		i = len(stages) - 1
	}
	var out []dockerStage
	for ; i >= 0; i = stageNamed(stages[:i], stages[i].from) {
		out = append(out, stages[i])
	}
	return out
}

// stageNamed is the index of a stage, of several that of the last; -1 where there is none.
// A number is no name (BuildKit, findStateByName in dockerfile2llb/convert.go).
func stageNamed(stages []dockerStage, name string) int {
	for i, s := range slices.Backward(stages) {
		if s.name != "" && s.name == strings.ToLower(name) {
			return i
		}
	}
	return -1
}

// dockerReader goes through the instructions of a Dockerfile.
type dockerReader struct {
	stages []dockerStage
	dirs   []string                // in which each of them works at last
	values map[string]string       // of variables
	args   types.MappingWithEquals // of the build
	filled int                     // bytes that variables stood for so far: one may double with each line
}

func (r *dockerReader) read(n *parser.Node) {
	words := nodeTexts(n.Next)
	if len(words) == 0 && !strings.EqualFold(n.Value, command.Cmd) { // CMD [] has none
		return
	}
	if s := len(r.stages) - 1; s >= 0 && !strings.EqualFold(n.Value, command.From) && !strings.EqualFold(n.Value, command.Healthcheck) {
		r.stages[s].lines = append(r.stages[s].lines, n.Original)
		for _, h := range n.Heredocs {
			r.stages[s].lines = append(r.stages[s].lines, h.Content)
		}
	}
	switch strings.ToUpper(n.Value) {
	case "FROM":
		r.from(words)
	case "ARG":
		r.arguments(words)
	case "ENV": // name, value and separator of each variable
		for i := 0; i+1 < len(words); i += 3 {
			r.values[words[i]] = unquoted(r.expanded(words[i+1]))
			if s := len(r.stages) - 1; s >= 0 {
				r.stages[s].variables = append(r.stages[s].variables, dockerWords{[]string{words[i], r.values[words[i]]}, n.StartLine})
			}
		}
	default:
		if len(r.stages) > 0 {
			r.readInStage(&r.stages[len(r.stages)-1], n, words)
		}
	}
}

func (r *dockerReader) readInStage(s *dockerStage, n *parser.Node, words []string) {
	switch strings.ToUpper(n.Value) {
	case "EXPOSE":
		s.exposes = append(s.exposes, r.allExpanded(words)...)
	case "WORKDIR":
		r.dirs[len(r.dirs)-1] = under(r.dir(), unquoted(r.expanded(words[0])))
		s.workdirs = append(s.workdirs, r.dir())
	case "COPY", "ADD":
		s.copies = append(s.copies, r.copied(n, r.allExpanded(words)))
	case "VOLUME":
		for _, word := range r.allExpanded(words) {
			s.volumes = append(s.volumes, under("/", unquoted(word)))
		}
	case "USER":
		s.user = unquoted(r.expanded(words[0]))
	case "RUN":
		s.addUsers(r.expanded(strings.Join(words, " ")))
		s.runsShell = s.runsShell || s.shell == nil && !n.Attributes["json"]
	case "ENTRYPOINT":
		s.entrypoint = dockerWords{s.commandOf(words, n.Attributes["json"]), n.StartLine}
	case "HEALTHCHECK":
		s.healthcheck = s.healthcheckOf(n, words)
	case "SHELL":
		s.shell = words
	case "CMD":
		s.command = dockerWords{s.commandOf(words, n.Attributes["json"]), n.StartLine}
	}
}

// commandOf is an ENTRYPOINT or a CMD as the configuration of an image has it.
func (s *dockerStage) commandOf(words []string, isList bool) []string {
	switch {
	case isList:
		return append([]string{}, words...)
	case s.shell != nil:
		return append(slices.Clone(s.shell), words...)
	default:
		return append([]string{"/bin/sh", "-c"}, words...)
	}
}

// copied reads a COPY or an ADD.
func (r *dockerReader) copied(n *parser.Node, words []string) dockerCopy {
	last := len(words) - 1
	out := dockerCopy{
		sources: words[:last], target: under(r.dir(), unquoted(words[last])),
		from: r.expanded(flagOf(n, "from")), parents: hasFlag(n, "parents"),
	}
	for _, flag := range n.Flags {
		if pattern, ok := strings.CutPrefix(flag, "--exclude="); ok {
			out.excludes = append(out.excludes, r.expanded(pattern))
		}
	}
	return out
}

// dir is the directory in which the current stage works.
func (r *dockerReader) dir() string { return r.dirs[len(r.dirs)-1] }

// from reads IMAGE [AS NAME]. A stage works where the one ended that it goes on from.
func (r *dockerReader) from(words []string) {
	s := dockerStage{from: r.expanded(words[0])}
	if len(words) == 3 && strings.EqualFold(words[1], "as") {
		s.name = strings.ToLower(words[2])
	}
	dir := workDirectoryOf(s.from)
	if base := stageNamed(r.stages, s.from); base >= 0 {
		dir, s.shell = r.dirs[base], r.stages[base].shell
	}
	r.stages, r.dirs = append(r.stages, s), append(r.dirs, dir)
}

// workDirectories are those of official images whose users copy to "." (WORKDIR in their
// Dockerfiles); that of an image which is not here is taken to be /.
var workDirectories = map[string]string{
	"php": "/var/www/html", "wordpress": "/var/www/html", "nextcloud": "/var/www/html", "joomla": "/var/www/html",
	"matomo": "/var/www/html", "drupal": "/opt/drupal", "httpd": "/usr/local/apache2", "tomcat": "/usr/local/tomcat", "caddy": "/srv",
	"golang": "/go", "ghost": "/var/lib/ghost", "redmine": "/usr/src/redmine",
}

func workDirectoryOf(image string) string {
	name, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(image, "docker.io/"), "library/"), ":")
	return cmp.Or(workDirectories[name], "/")
}

// arguments reads NAME or NAME=VALUE, any number of them. A value of the build counts
// before that of the file.
func (r *dockerReader) arguments(words []string) {
	for _, word := range words {
		name, value, ok := strings.Cut(word, "=")
		if given := r.args[name]; given != nil {
			r.values[name] = *given
		} else if ok {
			r.values[name] = unquoted(r.expanded(value))
		}
	}
}

func (r *dockerReader) allExpanded(words []string) []string {
	out := make([]string, len(words))
	for i, word := range words {
		out[i] = r.expanded(word)
	}
	return out
}

// expanded fills in variables. One without a value stays.
func (r *dockerReader) expanded(word string) string {
	return os.Expand(word, func(text string) string {
		name, fallback, otherwise := strings.Cut(text, ":-")
		value, ok := r.values[name]
		if r.filled += len(value); r.filled > maxDockerfile {
			ok, otherwise = false, false
		}
		switch {
		case ok:
			return value
		case otherwise:
			return fallback
		default:
			return "${" + text + "}"
		}
	})
}

// healthcheckOf is a HEALTHCHECK as the configuration of an image has it: NONE, CMD and its
// words, or CMD-SHELL and a line. A shell of its own stands in the words: what ECS takes
// for one is not said.
func (s *dockerStage) healthcheckOf(n *parser.Node, words []string) *plan.ImageCheck {
	test := append([]string{strings.ToUpper(words[0])}, words[1:]...)
	switch {
	case test[0] != "CMD" || n.Attributes["json"]:
	case s.shell != nil:
		test = slices.Concat(test[:1], s.shell, words[1:])
	default:
		test[0] = "CMD-SHELL"
	}
	retries, _ := strconv.Atoi(flagOf(n, "retries"))
	return &plan.ImageCheck{
		Test: test, Retries: retries,
		Interval: durationOf(n, "interval"), Timeout: durationOf(n, "timeout"), StartPeriod: durationOf(n, "start-period"),
	}
}

// durationOf is a flag in nanoseconds, 0 without it.
func durationOf(n *parser.Node, flag string) int64 {
	d, _ := time.ParseDuration(flagOf(n, flag)) // BuildKit refuses what is none
	return d.Nanoseconds()
}

func nodeTexts(n *parser.Node) []string {
	var out []string
	for ; n != nil; n = n.Next {
		out = append(out, n.Value)
	}
	return out
}

func flagOf(n *parser.Node, name string) string {
	for _, flag := range n.Flags {
		if value, ok := strings.CutPrefix(flag, "--"+name+"="); ok {
			return value
		}
	}
	return ""
}

func hasFlag(n *parser.Node, name string) bool {
	return slices.ContainsFunc(n.Flags, func(flag string) bool { return flag == "--"+name || flag == "--"+name+"=true" })
}

func unquoted(word string) string { return strings.Trim(word, `"'`) }

// under is a path of a container as it is seen from a directory.
func under(dir, name string) string {
	if path.IsAbs(name) {
		return path.Clean(name)
	}
	return path.Join(dir, name)
}

// isPublished says whether what a stage begins with can be an image of a registry.
func isPublished(from string) bool {
	return from != "" && from != "scratch" && !strings.Contains(from, "$")
}
