package main

import (
	"bufio"
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/compose2fargate/compose2fargate/internal/sample"
)

// publicStack is a stack of the corpus: files in the copy of a repository.
type publicStack struct {
	root  string
	files []string
}

func (s publicStack) name() string { return filepath.Base(s.root) + ":" + strings.Join(s.files, ",") }

// publicStacks are a sample of those that the manifest of the corpus lists.
func publicStacks(t *testing.T) []publicStack {
	t.Helper()
	shared := os.Getenv("CORPUS_DIR")
	if shared == "" {
		shared = filepath.Join("..", "..", "..", "shared")
	}
	manifest, err := os.Open(filepath.Join(shared, "corpus", "manifest.tsv"))
	if err != nil {
		t.Skipf("SKIPPED, nothing was checked: %v; CORPUS_DIR may name another folder", err)
	}
	defer manifest.Close()
	var out []publicStack
	for lines := bufio.NewScanner(manifest); lines.Scan(); {
		fields := strings.Split(lines.Text(), "\t")
		if len(fields) > 2 && !strings.HasPrefix(fields[0], "#") {
			root := filepath.Join(shared, "corpus", strings.ReplaceAll(fields[0], "/", "__"))
			out = append(out, publicStack{root, strings.Split(fields[2], ",")})
		}
	}
	return sample.Of(t, out, 480, publicStack.name)
}

// outside matches paths that lead out of a directory.
var outside = regexp.MustCompile(`\.\.[A-Za-z0-9_./-]*`)

// alone is the stack in the directory of its first file, where it needs no other.
func (s publicStack) alone(t *testing.T) publicStack {
	t.Helper()
	out := publicStack{root: filepath.Join(s.root, filepath.Dir(s.files[0]))}
	for _, file := range s.files {
		data, err := os.ReadFile(filepath.Join(s.root, file))
		if err != nil {
			t.Fatal(err)
		}
		if filepath.Dir(file) != filepath.Dir(s.files[0]) {
			return s
		}
		for _, name := range outside.FindAll(data, -1) {
			if _, err := os.Stat(filepath.Join(s.root, filepath.Dir(file), string(name))); err == nil {
				return s
			}
		}
		out.files = append(out.files, filepath.Base(file))
	}
	return out
}

// TestASecondCheckoutOfPublicStacksPlansNothing applies stacks of the corpus and plans
// them from another checkout, as TestASecondCheckoutPlansNothing does with the cases.
func TestASecondCheckoutOfPublicStacksPlansNothing(t *testing.T) {
	t.Parallel()
	files := map[string][]byte{}
	for name, data := range toolFiles(t) {
		if len(data) < 64<<10 || sample.Full() { // the rest takes its time in trees of thousands of directories
			files[name] = data
		}
	}
	tried := 0
	stacks := publicStacks(t)
	for _, stack := range stacks {
		t.Run(stack.name(), func(t *testing.T) {
			state := filepath.Join(t.TempDir(), "aws.json")
			stack := stack.alone(t)
			first, second := checkout(t, stack.root), checkout(t, stack.root)
			disguise(t, second, files)
			if _, code := stack.command(t, first, state, "apply", "--auto-approve"); code != codeDone {
				return // it is refused, which .ci/refusals looks at
			}
			tried++
			if text, code := stack.command(t, second, state, "plan", "--detailed-exitcode"); code != codeDone {
				t.Errorf("from a second checkout, a plan ended with %d\n%s", code, text)
			}
		})
	}
	if tried == 0 {
		t.Errorf("all of %d stacks are refused", len(stacks))
	}
}

// requiredVariable matches variables without which a file does not load.
var requiredVariable = regexp.MustCompile(`\$\{([A-Za-z_][A-Za-z0-9_]*):?\?`)

// command runs one command line in the directory of the first file of a checkout.
func (s publicStack) command(t *testing.T, root, state string, args ...string) (text string, code int) {
	t.Helper()
	environ := []string{"AWS_REGION=" + caseRegion}
	args = append(args, "--simulate", "--simulator-state", state, "--project-name", "corpus")
	for _, file := range s.files {
		file = filepath.Join(root, file)
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range requiredVariable.FindAllSubmatch(data, -1) {
			environ = append(environ, string(found[1])+"=value")
		}
		args = append(args, "--file", file)
	}
	var out bytes.Buffer
	code = run(t.Context(), terminal{in: new(bytes.Buffer), out: &out, err: &out, environ: environ}, args)
	return out.String(), code
}
