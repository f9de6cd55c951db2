package main

import (
	"flag"
	"os"
	"path/filepath"
	"runtime/debug"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/compose2fargate/compose2fargate/internal/sample"
)

var update = flag.Bool("update", false, "rewrite the expectations")

func TestMain(m *testing.M) {
	testscript.Main(seldomCollected{m}, map[string]func(){
		"compose2fargate": func() { os.Exit(mainCode()) },
		"compose-go":      loadBare,
	})
}

// seldomCollected runs the tests, and not the commands, with more garbage and less
// time for it.
type seldomCollected struct{ *testing.M }

func (m seldomCollected) Run() int {
	debug.SetGCPercent(seldom)
	return m.M.Run()
}

func TestScripts(t *testing.T) {
	testdata, err := filepath.Abs(filepath.Join("..", "..", "testdata"))
	if err != nil {
		t.Fatal(err)
	}
	scripts, err := filepath.Glob(filepath.Join("testdata", "script", "*.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Files:               sample.Of(t, scripts, 8, filepath.Base),
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("TESTDATA", testdata)
			env.Setenv("AWS_EC2_METADATA_DISABLED", "true")
			env.Setenv("AWS_CONFIG_FILE", "/dev/null")
			env.Setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"scale":     scaleBehindOurBack,
			"target":    registerBehindOurBack,
			"log-group": makeLogGroup,
			"code":      exitWith,
		},
	})
}
