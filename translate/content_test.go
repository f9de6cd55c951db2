package translate

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/compose2fargate/compose2fargate/content"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

func TestAPathIsWithinAnother(t *testing.T) {
	for _, test := range []struct {
		name, dir string
		want      bool
	}{
		{"/a", "/a", true}, {"/a/b", "/a", true}, {"/a/b", "/a/", true}, {"/ab", "/a", false}, {"/a", "/a/b", false}, {"/a", "/", true}, {"/", "/", true},
		{"./x", ".", true}, {"x", "./", true}, {".", ".", true}, {"./x/y", "./x", true}, {"x/y", "./x", true}, {"./xy", "./x", false},
		{"../x", ".", false}, {"..", ".", false}, {"..x", ".", true}, {"~/x", ".", false}, {"/x", ".", false}, {"../x/y", "../x", true}, {"~/x/y", "~/x", true},
	} {
		if got := within(test.name, test.dir); got != test.want {
			t.Errorf("%s within %s: %t", test.name, test.dir, got)
		}
	}
}

func TestWhichFilesACopyCovers(t *testing.T) {
	for _, test := range []struct {
		source, file string
		want         bool
	}{
		{".", ".env", true}, {"./", "a/.env", true}, {"/", "a", true}, {"*", ".env", true}, {"src", "src/a", true}, {"./src/", "src/a/b", true},
		{"src", "source/a", false}, {"package*.json", "package-lock.json", true}, {"*.go", ".env", false}, {"*/conf", "app/conf/key", true},
		{"$FILES", ".env", true}, {"${A}/x", ".env", true}, {"a", "b", false}, {"'.env'", ".env", true},
	} {
		if got := (dockerCopy{sources: []string{test.source}, target: "/x"}).mayLand("/" + test.file); (len(got) > 0) != test.want {
			t.Errorf("COPY %s puts %s at %v", test.source, test.file, got)
		}
	}
}

// projectOf loads compose files below a new directory.
func projectOf(t *testing.T, files map[string]string) *Project {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		writeTree(t, dir, map[string]string{name: text})
	}
	p, ds := Load(t.Context(), Options{Dir: dir})
	if p == nil || ds.HasErrors() {
		t.Fatal(printed(ds))
	}
	return p
}

const builtHere = "name: shop\nservices:\n  web:\n    build: .\n"

func TestAContextThatCannotBeReadIsSaidInItsPlace(t *testing.T) {
	p := projectOf(t, map[string]string{"compose.yaml": builtHere, "Dockerfile": "FROM busybox\n"})
	build := spec.BuildSource{Service: "web", Context: p.Directory}
	locked := &fs.PathError{Op: "open", Path: filepath.Join(p.Directory, "data", "key"), Err: fs.ErrPermission}
	for want, err := range map[string]error{
		"compose.yaml:4:5: error: services.web.build: the build context has ": fmt.Errorf("read: %w", locked),
		"data/key, which cannot be read: permission denied\n":                 locked,
		"the build context has more than 5 files, most of them in ":           fmt.Errorf("list: %w", &content.TooManyError{Most: 5, Largest: "cache"}),
		"list what the build does not need in ":                               &content.TooManyError{Most: 5, Largest: "cache"},
	} {
		got := printed(p.ContextError(build, err))
		if !strings.Contains(got, want) || !strings.Contains(got, "compose.yaml:4:5: error") {
			t.Errorf("%v gives %s", err, got)
		}
	}
}

// TestPrivateFilesOfAContextAreSaidWhereTheyAreShipped varies what the Dockerfile
// copies.
func TestPrivateFilesOfAContextAreSaidWhereTheyAreShipped(t *testing.T) {
	for dockerfile, said := range map[string]bool{
		"FROM busybox\nCOPY . .\n":                                             true,
		"FROM busybox\nCOPY app.js /\n":                                        false,
		"FROM busybox AS b\nCOPY . .\nFROM busybox\nCOPY --from=b /app /app\n": false,
		"FROM busybox AS b\nCOPY . .\nFROM b\n":                                true,
		// from stage to stage
		"FROM node AS build\nWORKDIR /app\nCOPY . .\nRUN npm ci\nFROM node\nWORKDIR /app\nCOPY --from=build /app .\n":     true,
		"FROM node AS build\nWORKDIR /app\nCOPY . .\nFROM node\nCOPY --from=build /app/dist /app/dist\n":                  false,
		"FROM node AS deps\nCOPY . /src\nFROM deps AS build\nFROM node\nCOPY --from=build / /\n":                          true,
		"FROM a\nCOPY . /one\nFROM b\nCOPY --from=0 /one /two\nFROM c\nCOPY --from=1 /two /three\n":                       true,
		"FROM a\nCOPY . /one\nFROM b\nCOPY --from=0 /one/.env /settings\nFROM c\nCOPY --from=1 /settings /etc/settings\n": true,
		"FROM a\nCOPY . /one\nFROM b\nCOPY --from=0 /one /two\nFROM c\nCOPY --from=1 /three /three\n":                     false,
		"FROM a AS b\nARG DIR\nWORKDIR $DIR/app\nCOPY . .\nFROM c\nCOPY --from=b $DIR/app /app\n":                         true,
		"FROM a AS b\nWORKDIR $GOPATH/app\nCOPY . .\nFROM c\nCOPY --from=b $GOPATH/app/bin /app\n":                        false,
		"FROM a AS b\nCOPY --exclude=.env . /app\nFROM c\nCOPY --from=b /app /app\n":                                      false,
		"FROM a AS b\nCOPY . /app\nFROM c\nCOPY --from=b --exclude=.env* /app /app\n":                                     false,
		"FROM a AS b\nCOPY . /app\nFROM c\nCOPY --from=b --exclude=$NOT /app /app\n":                                      true,
		"FROM a AS b\nCOPY . /app\nFROM c AS unused\nCOPY --from=b /app /app\nFROM d\nCOPY app.js /\n":                    false,
		"FROM busybox\nADD .e* /\n": true,
		"FROM busybox\nINCLUDE x\n": true,
	} {
		p := projectOf(t, map[string]string{"compose.yaml": builtHere, "Dockerfile": dockerfile, ".env": "A=1", "app.js": ""})
		l, err := content.List(t.Context(), content.Tree{Root: p.Directory, Git: true})
		if err == nil {
			err = l.Digest(t.Context())
		}
		if err != nil {
			t.Fatal(err)
		}
		got := printed(p.AboutContexts([]spec.BuildSource{{Service: "web"}}, map[string]map[string]*content.Listing{"web": {"": l}}))
		if strings.Contains(got, ".env (a file of variables)") != said {
			t.Errorf("%q: %s", dockerfile, got)
		}
	}
}

func TestAContextOfTwoServicesIsSpokenOfOnce(t *testing.T) {
	p := projectOf(t, map[string]string{
		"compose.yaml": "name: shop\nservices:\n  web: {build: .}\n  worker: {build: .}\n", "Dockerfile": "FROM busybox\n", ".git/HEAD": "1\n",
	})
	l, err := content.List(t.Context(), content.Tree{Root: p.Directory, Git: true})
	if err != nil {
		t.Fatal(err)
	}
	trees := map[string]*content.Listing{"": l}
	ds := p.AboutContexts([]spec.BuildSource{{Service: "web"}, {Service: "worker"}}, map[string]map[string]*content.Listing{"web": trees, "worker": trees})
	if len(ds) != 1 || !strings.Contains(printed(ds), "every commit makes a new image") {
		t.Errorf("said: %s", printed(ds))
	}
}

// TestModesOfMountedFilesAreThoseOfGit mounts files as another umask leaves them.
func TestModesOfMountedFilesAreThoseOfGit(t *testing.T) {
	p := projectOf(t, map[string]string{
		"compose.yaml": "name: shop\nservices:\n  web: {image: nginx, volumes: ['./conf:/etc/nginx/conf.d:ro', './run.sh:/run.sh:ro']}\n",
		"conf/a.conf":  "a", "conf/key": "k", "run.sh": "#!/bin/sh\n",
	})
	for name, mode := range map[string]fs.FileMode{"conf": 0o775 | fs.ModeDir, "conf/a.conf": 0o664, "conf/key": 0o600, "run.sh": 0o775 | fs.ModeSetuid} {
		if err := os.Chmod(filepath.Join(p.Directory, name), mode); err != nil {
			t.Fatal(err)
		}
	}
	stack, ds := p.Stack(knownFacts)
	if stack == nil {
		t.Fatal(printed(ds))
	}
	got := modesOf(stack)
	want := fmt.Sprint(map[string]string{"/etc/nginx/conf.d": "d0755", "/etc/nginx/conf.d/a.conf": "0644", "/etc/nginx/conf.d/key": "0600", "/run.sh": "4755"})
	if fmt.Sprint(got) != want {
		t.Errorf("got %v, want %s", got, want)
	}
}

// modesOf are the files in the images of a stack, with their modes.
func modesOf(stack *plan.Stack) map[string]string {
	out := map[string]string{}
	for _, r := range stack.Resources {
		if s, ok := r.Spec.(*spec.Image); ok {
			for _, f := range s.Files {
				out[f.Path] = f.Mode
			}
		}
	}
	return out
}

// TestAWholeDirectoryLeavesOutWhatNoImageNeeds mounts a checkout as people do: what git keeps
// and what other mounts hide stays here, and files of secrets are warned of.
func TestAWholeDirectoryLeavesOutWhatNoImageNeeds(t *testing.T) {
	p := projectOf(t, map[string]string{
		"compose.yaml": "name: shop\nservices:\n  dev: {image: 'node:22', command: node app.js, volumes: ['.:/app', /app/node_modules]}\n",
		"app.js":       "listen()\n", ".env": "DB_PASSWORD=hunter22hunter22\n", ".git/HEAD": "1\n", "node_modules/a/a.js": "a\n",
		"key.pem": "-----BEGIN " + "PRIVATE KEY-----\nMIIB\n-----END " + "PRIVATE KEY-----\n",
	})
	stack, ds := p.Stack(knownFacts)
	if stack == nil {
		t.Fatal(printed(ds))
	}
	got := slices.Sorted(maps.Keys(modesOf(stack)))
	if want := []string{"/app", "/app/.env", "/app/app.js", "/app/compose.yaml", "/app/key.pem"}; !slices.Equal(got, want) {
		t.Errorf("the image has %v, want %v", got, want)
	}
	for _, want := range []string{"everybody who may pull it can read it: .env, key.pem (a file of variables, a private key)", "left out of the image: .git\n"} {
		if !strings.Contains(printed(ds), want) {
			t.Errorf("%q is not said:\n%s", want, printed(ds))
		}
	}
}
