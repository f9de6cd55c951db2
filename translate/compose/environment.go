package compose

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"github.com/compose-spec/compose-go/v2/consts"
	"github.com/compose-spec/compose-go/v2/dotenv"
	"github.com/compose-spec/compose-go/v2/template"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/docker/cli/pkg/kvfile"
	"github.com/sirupsen/logrus"

	"github.com/compose2fargate/compose2fargate/content"
	"github.com/compose2fargate/compose2fargate/diag"
)

// readDotEnv adds the variables of the env files to those of the environment,
// which win.
func (s *settings) readDotEnv(o Options, ds *diag.List) {
	files, named := s.envFiles(o)
	for _, file := range files {
		if !named && !s.gate.admitFound(file, ds) {
			continue
		}
		text, err := s.envText(file)
		switch info, missing := os.Stat(file); {
		case missing != nil:
			by := namesEnvFiles(o)
			ds.Errorf(diag.Pos{}, "", "make the file, or correct "+by, "no such env file: %s, which %s names", s.display(file), by)
			continue
		case info.IsDir():
			sayEnv(s.display(file), "", "", errors.New("is a directory"), ds)
			continue
		case err != nil:
			ds.Errorf(dotEnvPos(s.display(file), "", err), "", "", "%s", reasonOf(err))
			continue
		case !s.spent.settings(diag.Pos{File: s.display(file), Line: 1, Column: 1}, len(s.env)+bytes.Count(text, []byte("\n"))+1, ds):
			return
		}
		s.addEnv(file, text, ds)
	}
}

// envText reads an env file of the project. What a shell made for this command, such as
// <(COMMAND), can be read only once.
func (s *settings) envText(file string) ([]byte, error) {
	if text, ok := s.envTexts[file]; ok {
		return text, nil
	}
	text, err := content.ReadFile(file, longestFile)
	if err == nil {
		s.envTexts[file] = text
	}
	return text, err
}

// addEnv adds the variables of an env file.
func (s *settings) addEnv(file string, text []byte, ds *diag.List) {
	if reason := newEnvFileCheck(s.env.Resolve).text(text, ""); reason != "" {
		ds.Errorf(dotEnvPos(s.display(file), "", errors.New(reason)), "", "", "%s", ofLine.ReplaceAllString(reason, ""))
		return
	}
	vars, err := parseEnv(text, s.env)
	if err != nil {
		sayEnv(s.display(file), string(text), "", err, ds)
		return
	}
	envFiles{s.display, s.withheld, ds, true}.readText(file, string(text), s.env.Clone(), func(string) bool { return false })
	s.env.Merge(vars)
	for name, said := range s.withheld {
		if said.Summary != "" { // it has what is withheld in its value
			delete(s.env, name)
		}
	}
}

// parseEnv is what compose-go makes of an env file, as GetEnvFromFile (dotenv/env.go).
func parseEnv(text []byte, env types.Mapping) (map[string]string, error) {
	out := map[string]string{}
	err := dotenv.ParseWithFormat(bytes.NewReader(text), "", out, func(name string) (string, bool) {
		if value, ok := env[name]; ok {
			return value, true
		}
		value, ok := out[name]
		return value, ok
	}, "")
	return out, err
}

// envFiles are the env files that the options name, or else .env in the project
// directory if it exists. Named are those that the user himself named.
func (s *settings) envFiles(o Options) (files []string, named bool) {
	named = len(o.EnvFiles) > 0 || o.Environment["COMPOSE_ENV_FILES"] != ""
	files = o.EnvFiles
	if list := s.env["COMPOSE_ENV_FILES"]; len(files) == 0 && list != "" {
		files = strings.Split(list, ",")
	}
	if len(files) > 0 {
		var out []string
		for _, file := range files {
			out = append(out, Absolute(s.cwd, file))
		}
		return out, named
	}
	if off, _ := strconv.ParseBool(s.env[consts.ComposeDisableDefaultEnvFile]); off {
		return nil, false
	}
	file := filepath.Join(s.dir, ".env")
	if info, err := os.Stat(file); err != nil || info.IsDir() {
		return nil, false
	}
	return []string{file}, false
}

// namesEnvFiles is the option or the variable that names the env files.
func namesEnvFiles(o Options) string {
	if len(o.EnvFiles) > 0 {
		return "--env-file"
	}
	return "COMPOSE_ENV_FILES"
}

// substitute fills in the variables of text; where that fails, text stays.
func substitute(text string, env types.Mapping) string {
	out, err := template.SubstituteWithOptions(text, env.Resolve, template.WithoutLogging)
	if err != nil {
		return text
	}
	return out
}

// registerRaw teaches compose-go the format "raw" of env files, as docker compose
// does at its start (rawEnv in cmd/compose/compose.go): values are taken to the
// letter, and a name alone takes its value from the environment.
var registerRaw = sync.OnceFunc(func() {
	dotenv.RegisterFormat("raw", func(r io.Reader, _ string, vars map[string]string, lookup func(string) (string, bool)) error {
		lines, err := kvfile.ParseFromReader(r, lookup)
		for _, line := range lines {
			name, value, _ := strings.Cut(line, "=")
			vars[name] = value
		}
		return err
	})
})

// silenced counts the loads under way, so that the first to begin takes the
// output of compose-go's logger away and the last to end gives it back.
var silenced struct {
	sync.Mutex
	loads  int
	output io.Writer
}

// silence keeps compose-go, which warns through the logger of the process, from
// writing to stderr. What it warns of is found here in the files themselves,
// where it has a position. The caller calls the returned function at the end.
func silence() func() {
	silenced.Lock()
	defer silenced.Unlock()
	logger := logrus.StandardLogger()
	if silenced.loads == 0 {
		silenced.output = logger.Out
		logger.SetOutput(io.Discard)
	}
	silenced.loads++
	return func() {
		silenced.Lock()
		defer silenced.Unlock()
		silenced.loads--
		if silenced.loads == 0 {
			logger.SetOutput(silenced.output)
		}
	}
}
