package content

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// put writes files below a directory.
func put(t *testing.T, root string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		file := filepath.Join(root, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
}

// read lists a tree and reads it.
func read(t *testing.T, tree Tree) *Listing {
	t.Helper()
	l, err := List(t.Context(), tree)
	if err == nil {
		err = l.Digest(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func paths(entries []Entry) []string {
	var out []string
	for _, e := range entries {
		out = append(out, e.Path)
	}
	return out
}

func TestAModeIsWhatGitKeepsAndWhatSomebodyMeant(t *testing.T) {
	const usual, strict, closed = 0, 0o007, 0o077
	for _, test := range []struct {
		umask      fs.FileMode
		mode, want fs.FileMode
	}{
		{usual, 0o644, 0o644},
		{usual, 0o664, 0o644},
		{usual, 0o666, 0o644},
		{usual, 0o444, 0o644},
		{usual, 0o755, 0o755},
		{usual, 0o775, 0o755},
		{usual, 0o744, 0o755},
		{usual, 0o600, 0o600},
		{usual, 0o620, 0o600},
		{usual, 0o400, 0o600},
		{usual, 0o700, 0o700},
		{usual, 0o640, 0o640},
		{usual, 0o750, 0o750},
		{strict, 0o640, 0o644},
		{strict, 0o750, 0o755},
		{strict, 0o600, 0o604},
		{closed, 0o600, 0o644},
		{closed, 0o700, 0o755},
		{usual, fs.ModeSetuid | 0o755, fs.ModeSetuid | 0o755},
		{usual, fs.ModeSetgid | 0o775, fs.ModeSetgid | 0o755},
		{usual, fs.ModeSetuid | 0o644, 0o644},
		{usual, fs.ModeDir | 0o755, fs.ModeDir | 0o755},
		{usual, fs.ModeDir | fs.ModeSetgid | 0o775, fs.ModeDir | 0o755},
		{usual, fs.ModeDir | fs.ModeSticky | 0o777, fs.ModeDir | 0o755},
		{usual, fs.ModeDir | 0o700, fs.ModeDir | 0o700},
		{closed, fs.ModeDir | 0o700, fs.ModeDir | 0o755},
		{usual, fs.ModeSymlink | 0o777, fs.ModeSymlink},
	} {
		if got := (Machine{Umask: test.umask}).Mode(test.mode); got != test.want {
			t.Errorf("%v under %03o counts as %v, want %v", test.mode, test.umask, got, test.want)
		}
	}
}

func TestAUmaskShowsInAllFilesOfACheckout(t *testing.T) {
	type modes = map[string]fs.FileMode
	closed := modes{".": 0o700, "compose.yaml": 0o600, "conf": 0o700, "conf/a.conf": 0o600, "run.sh": 0o700}
	repository := func(mode fs.FileMode) modes { return modes{".git": 0o755, ".git/description": mode} }
	for what, test := range map[string]struct {
		modes []modes
		want  fs.FileMode
	}{
		"usual":                             {[]modes{{"compose.yaml": 0o644, "a": 0o664}}, 0},
		"nothing but compose files":         {[]modes{{".": 0o750, "compose.yaml": 0o640}}, 0o007},
		"the same with a secret":            {[]modes{{".": 0o755, "compose.yaml": 0o644, "web.key": 0o600, ".env": 0o600}}, 0},
		"closed":                            {[]modes{closed}, 0o077},
		"into a directory of before":        {[]modes{closed, {".": 0o755}}, 0o077},
		"and a compose file of today":       {[]modes{closed, {".": 0o755, "compose.yaml": 0o644}}, 0o077},
		"closed to others":                  {[]modes{{".": 0o755, "compose.yaml": 0o640, "b": 0o750, "b/c": 0o640}}, 0o007},
		"one that is closed":                {[]modes{{"compose.yaml": 0o644, "a": 0o600, "b": 0o644}}, 0},
		"one in a directory":                {[]modes{{"compose.yaml": 0o644, "conf": 0o755, "conf/a": 0o600}}, 0},
		"as os.MkdirTemp makes directories": {[]modes{{".": 0o700, "compose.yaml": 0o644}}, 0},
		"a plan of another umask":           {[]modes{closed, {"plan.md": 0o644, ".compose2fargate": 0o755}}, 0o077},
		"a closed repository":               {[]modes{closed, repository(0o600), {"a": 0o644, "conf/a.conf": 0o644}}, 0o077},
		"an open repository":                {[]modes{closed, repository(0o644), {"b": 0o600}}, 0},
		"a worktree":                        {[]modes{closed, {".git": 0o640}}, 0o007},
		"a repository without anything":     {[]modes{closed, {".git": 0o755}}, 0o077},
	} {
		dir := filepath.Join(t.TempDir(), "checkout")
		for _, modes := range test.modes {
			setModes(t, dir, modes)
		}
		if got := UmaskOf(dir, filepath.Join(dir, "compose.yaml")); got != test.want {
			t.Errorf("%s: %03o, want %03o", what, got, test.want)
		}
	}
}

// setModes makes files and directories, those that may be run or begin with a dot, with
// modes.
func setModes(t *testing.T, root string, modes map[string]fs.FileMode) {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(modes)) {
		file := filepath.Join(root, name)
		if _, err := os.Stat(file); err != nil {
			switch isDir := modes[name]&0o100 != 0 && filepath.Ext(name) != ".sh"; {
			case isDir:
				put(t, file, map[string]string{".compose2fargate/x": ""})
			case filepath.Ext(name) == ".md":
				put(t, root, map[string]string{name: ownedFiles["plan.md"]})
			default:
				put(t, root, map[string]string{name: ""})
			}
		}
		if err := os.Chmod(file, modes[name]); err != nil {
			t.Fatal(err)
		}
	}
}

// ownedFiles are files of this tool as it writes them, or wrote them once.
var ownedFiles = map[string]string{
	".compose2fargate/simulator.json":         "{}",
	".compose2fargate/.gitignore":             "*\n",
	"deep/down/.compose2fargate/anything":     "x",
	".compose2fargate-plan-123":               "",
	"plan.json":                               "{\n  \"formatVersion\": \"1.0\",\n  \"kind\": \"compose2fargate.plan\",\n  \"resources\": []\n}\n",
	"deep/of another release":                 `{"formatVersion":"7.3","kind":"compose2fargate.plan"`,
	"windows.json":                            "{\r\n  \"formatVersion\": \"1.0\",\r\n  \"kind\": \"compose2fargate.plan\"\r\n}",
	"plan.md":                                 "<!-- compose2fargate:plan project=x -->\n### x",
	"deep/aws.json":                           "{\n  \"generation\": 3,\n  \"account\": \"1\",\n  \"region\": \"r\",\n  \"partition\": \"aws\",\n  \"clock\": 9,\n  \"tables\": {\n    \"a\": {}\n  }\n}\n",
	"deep/aws.json.lock":                      "",
	"deep/aws.json.journal":                   `{"generation":3,"clock":9,"tables":{"a":{}}}` + "\n",
	"deep/aws.json.4711":                      "",
	".compose2fargate-unfinished":             "",
	".compose2fargate-plan-":                  "",
	"deep/.compose2fargate/deeper/plan.json":  "{",
	"sorted.json":                             `{ "digest": "sha256:1", "facts": {"a": [1]}, "formatVersion": "1.0", "kind": "compose2fargate.plan" }`,
	"deep/sorted with messages.json":          `{"diagnostics": [{"severity": "note"}], "facts": {}, "kind": "compose2fargate.plan"}`,
	"deep/down/further/plan-of-yesterday.txt": `{ "formatVersion": "1.0", "kind": "compose2fargate.plan" }`,
}

func TestADirectoryForTheStateIsTheToolsToo(t *testing.T) {
	state := ownedFiles["deep/aws.json"]
	root := t.TempDir()
	put(t, root, map[string]string{
		"made/for/it/aws.json": state, "made/for/it/aws.json.lock": "", "mine/too/aws.json": state, "mine/a": "", "plans/p": planHead, "mine/empty/.keep": "",
	})
	want := []string{"mine", "mine/a", "mine/empty", "mine/empty/.keep", "plans"}
	if d := cmp.Diff(want, paths(read(t, Tree{Root: root}).Entries)); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}

const planHead = `{"formatVersion": "1.0", "kind": "compose2fargate.plan"}`

func TestADirectoryWithFilesOfThisToolIsEmpty(t *testing.T) {
	keep := func(name string) bool { return name == ".gitkeep" }
	for what, test := range map[string]struct {
		files map[string]string
		empty bool
	}{
		"nothing":                  {nil, true},
		"what keeps it":            {map[string]string{".gitkeep": ""}, true},
		"a plan":                   {map[string]string{"p": planHead}, true},
		"a state with its lock":    {map[string]string{"aws.json": ownedFiles["deep/aws.json"], "aws.json.lock": ""}, true},
		"a lock of something else": {map[string]string{"cargo.lock": ""}, false},
		"a file":                   {map[string]string{"p": planHead, "x": ""}, false},
		"a directory":              {map[string]string{"x/y": ""}, false},
	} {
		dir := t.TempDir()
		put(t, dir, test.files)
		if got, err := (Machine{}).IsEmpty(dir, keep); got != test.empty || err != nil {
			t.Errorf("%s: %t, %v", what, got, err)
		}
	}
}

// foreign look like them.
var foreign = map[string]string{
	"package-lock.json":       `{"lockfileVersion": 3}`,
	"plan.txt":                "compose2fargate.plan",
	"kinds.json":              `{"kind": "another.plan"}`,
	"nested.json":             `{"a": {"kind": "compose2fargate.plan"}}`,
	"late.json":               `{"list": [], "kind": "compose2fargate.plan"}`,
	"compose2fargate.yaml":    "kind: compose2fargate.plan",
	"data.json":               `{"generation": 3, "clock": 9}`,
	"cargo.lock":              "",
	"empty.json":              "",
	"deep/other.md":           "<!-- a comment -->",
	"my.compose2fargate/x":    "x",
	".compose2fargate.yaml":   "x",
	".compose2fargate-notes":  "x",
	".compose2fargate.d/x":    "x",
	".compose2fargate-plan-b": "x",
	"digests.json":            `{"digest": "sha256:1", "kind": "another.plan"}`,
	"binary":                  "{\x00\xff",
	"only an opening.json":    "{",
	"deep/down/long.txt":      strings.Repeat("long ", 1000),
	"deep/down/numbers.json":  `{"generation": [1], "clock": 2, "tables": {}}`,
}

func TestFilesOfThisToolAreNoContent(t *testing.T) {
	alone, together := t.TempDir(), t.TempDir()
	put(t, alone, foreign)
	put(t, together, foreign)
	put(t, together, ownedFiles)
	for _, tree := range []string{"deep/down/further"} { // a directory is content, whatever is in it
		if err := os.MkdirAll(filepath.Join(alone, tree), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	want, got := read(t, Tree{Root: alone}), read(t, Tree{Root: together})
	got.Root = want.Root
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-without +with)\n%s", d)
	}
}

func TestWhatThisProcessWritesIsNoContent(t *testing.T) {
	root := t.TempDir()
	put(t, root, map[string]string{"apply.log": "so far", "app.log": "mine", "logs/new": "", "empty": ""})
	asked := 0
	writing := func() []fs.FileInfo {
		asked++
		var out []fs.FileInfo
		for _, name := range []string{"apply.log", "logs/new"} {
			info, err := os.Stat(filepath.Join(root, name))
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, info)
		}
		return out
	}
	got := paths(read(t, Tree{Root: root, Machine: Machine{Writing: writing}}).Entries)
	if d := cmp.Diff([]string{"app.log", "empty", "logs"}, got); d != "" || asked != 1 {
		t.Errorf("asked %d times (-want +got)\n%s", asked, d)
	}
}

func TestAMountHasNoRepositoryAndNothingHidden(t *testing.T) {
	root := t.TempDir()
	put(t, root, map[string]string{
		".git/HEAD": "ref: refs/heads/main\n", ".gitignore": "dist", ".github/x": "", "dist/app.js": "", "lib/.git": "gitdir: ../.git/modules/lib\n",
		"lib/a": "", "node_modules/x/index.js": "", "node_modules_of_others/y": "",
	})
	l := read(t, Tree{Root: root, Hidden: func(name string) bool { return name == "node_modules" }})
	want := []string{".github", ".github/x", ".gitignore", "dist", "dist/app.js", "lib", "lib/a", "node_modules_of_others", "node_modules_of_others/y"}
	if d := cmp.Diff(want, paths(l.Entries)); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
	if d := cmp.Diff([]string{".git", "lib/.git"}, l.Git); d != "" {
		t.Errorf("left out (-want +got)\n%s", d)
	}
}

const (
	commit  = "1111111111111111111111111111111111111111"
	another = "2222222222222222222222222222222222222222"
)

func TestARepositoryCountsByItsCommit(t *testing.T) {
	outside := t.TempDir()
	put(t, outside, map[string]string{
		"main/HEAD": "ref: refs/heads/main\n", "main/refs/heads/topic": commit + "\n",
		"main/worktrees/w/HEAD": "ref: refs/heads/topic\n", "main/worktrees/w/commondir": "../..\n",
	})
	same := map[string]map[string]string{
		"a branch":           {".git/HEAD": "ref: refs/heads/main\n", ".git/refs/heads/main": commit + "\n"},
		"with another index": {".git/HEAD": "ref: refs/heads/main\n", ".git/refs/heads/main": commit + "\n", ".git/index": "later", ".git/logs/HEAD": "x"},
		"a branch that is packed": {
			".git/HEAD":        "ref: refs/heads/main\n",
			".git/packed-refs": "# pack-refs with: peeled\n" + another + " refs/heads/other\n" + commit + " refs/heads/main\n",
		},
		"a commit without a branch": {".git/HEAD": commit + "\n"},
		"a worktree":                {".git": "gitdir: " + filepath.Join(outside, "main/worktrees/w") + "\n"},
		"a submodule":               {".git": "gitdir: modules/x\n", "modules/x/HEAD": commit + "\n"},
	}
	entry := func(files map[string]string) Entry {
		root := t.TempDir()
		put(t, root, files)
		counted := read(t, Tree{Root: root, Git: true}).Counted()
		return counted[slices.IndexFunc(counted, func(e Entry) bool { return e.Path == gitName })]
	}
	want := entry(same["a branch"])
	for what, files := range same {
		if d := cmp.Diff(want, entry(files)); d != "" {
			t.Errorf("%s (-want +got)\n%s", what, d)
		}
	}
	if got := entry(map[string]string{".git/HEAD": another + "\n"}); got.SHA256 == want.SHA256 {
		t.Error("another commit counts as the same")
	}
	for what, files := range map[string]map[string]string{
		"nothing in it":          {".git/x": ""},
		"a branch without one":   {".git/HEAD": "ref: refs/heads/none\n"},
		"a repository that went": {".git": "gitdir: /nowhere/at/all\n"},
		"a file of that name":    {".git": "x"},
	} {
		if got := entry(files); got.SHA256 == want.SHA256 {
			t.Errorf("%s counts as the commit", what)
		}
	}
}

func TestOddFilesAreNotOpened(t *testing.T) {
	root := t.TempDir()
	put(t, root, map[string]string{"a": ""})
	if err := errors.Join(os.Mkdir(filepath.Join(root, "sub"), 0o755), syscall.Mkfifo(filepath.Join(root, "sub", "pipe"), 0o644)); err != nil {
		t.Fatal(err)
	}
	l := read(t, Tree{Root: root})
	if d := cmp.Diff([]string{"sub/pipe"}, l.Odd); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
	if _, err := ReadIgnored(filepath.Join(root, "sub", "pipe")); err == nil {
		t.Error("a pipe is read as a list of patterns")
	}
}

func TestAnEmptyDirectoryIsNotCounted(t *testing.T) {
	root := t.TempDir()
	put(t, root, map[string]string{
		"kept/.gitkeep": "", "deep/er/file": "x", "logs/plan.json": planHead, ".git/HEAD": "1", ".git/objects/ab/cd": "x", "only/ignored": "",
	})
	for _, dir := range []string{"empty", "hollow/in/side", "deep/none", "kept/none"} {
		if err := os.MkdirAll(filepath.Join(root, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("../empty", filepath.Join(root, "hollow", "link")); err != nil {
		t.Fatal(err)
	}
	put(t, root, map[string]string{".dockerignore": "only/*\n.dockerignore\n"})
	ignored, err := ReadIgnored(IgnoreFiles(root, "")...)
	if err != nil {
		t.Fatal(err)
	}
	l := read(t, Tree{Root: root, Git: true, Ignored: ignored})
	want := []string{".git", "deep", "deep/er", "deep/er/file", "hollow", "hollow/link", "kept", "kept/.gitkeep"}
	if d := cmp.Diff(want, paths(l.Counted())); d != "" {
		t.Errorf("counted (-want +got)\n%s", d)
	}
	for _, shipped := range []string{"empty", "hollow/in/side", ".git/objects/ab/cd"} {
		if !slices.Contains(paths(l.Entries), shipped) {
			t.Errorf("%s is not shipped", shipped)
		}
	}
}

// asNobody runs a test again, in a process of a user to whom files can be closed.
func asNobody(t *testing.T) {
	t.Helper()
	test := exec.Command("/proc/self/exe", "-test.run", "^"+t.Name()+"$", "-test.v")
	test.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	test.Env, test.Dir = append(os.Environ(), "TMPDIR=/tmp"), "/"
	out, err := test.CombinedOutput()
	if err != nil || !bytes.Contains(out, []byte("--- PASS: "+t.Name())) {
		t.Errorf("as nobody: %v\n%s", err, out)
	}
}

// TestWhatIsLeftOutNeedNotBeReadable has directories that only their owner can list, as
// databases leave them. To root nothing is closed.
func TestWhatIsLeftOutNeedNotBeReadable(t *testing.T) {
	if os.Getuid() == 0 {
		asNobody(t)
		return
	}
	for patterns, readable := range map[string]bool{
		"*\n!app\n":              true,
		"pgdata\n":               true,
		"pgdata\n!app\n":         true,
		"**\n!app\n!pgdata/*.so": true, // nothing to be let in can be seen
		"*\n!app\n!pgdata\n":     false,
		"app\n":                  false,
		"pgdata/*\n":             false, // what is in it is left out, and it is not
		"*\n!app\n!other\n":      true,
	} {
		root := t.TempDir()
		put(t, root, map[string]string{"app/a.py": "x", "pgdata/PG_VERSION": "17", ".dockerignore": patterns})
		closed := filepath.Join(root, "pgdata")
		if err := os.Chmod(closed, 0); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { os.Chmod(closed, 0o755) }) //nolint:errcheck // to be removed
		ignored, err := ReadIgnored(IgnoreFiles(root, "")...)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := List(t.Context(), Tree{Root: root, Ignored: ignored}); (err == nil) != readable {
			t.Errorf("%q: %v", patterns, err)
		}
		if in := ignored.LetsIn(root, "pgdata", func(string) bool { return true }); in == readable {
			t.Errorf("%q lets it in: %t", patterns, in)
		}
	}
}

func TestTooManyFilesAreFoundEarly(t *testing.T) {
	root := t.TempDir()
	for i := range 30 {
		put(t, root, map[string]string{fmt.Sprint("cache/", i): "", fmt.Sprint("src/", i%3): ""})
	}
	_, err := List(t.Context(), Tree{Root: root, Most: 20})
	many, ok := errors.AsType[*TooManyError](err)
	if !ok || many.Largest != "cache" || many.Most != 20 {
		t.Errorf("got %v", err)
	}
	if _, err := List(t.Context(), Tree{Root: root, Most: 35}); err != nil {
		t.Errorf("35 entries: %v", err)
	}
}

func TestReadingEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := List(ctx, Tree{Root: t.TempDir()}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestPrivateFilesAreKnown(t *testing.T) {
	const key = "-----BEGIN OPENSSH PRIVATE KEY-----\n"
	certificate := "-----BEGIN CERTIFICATE-----\n" + strings.Repeat("QUJD\n", 500) + "-----END CERTIFICATE-----\n"
	for name, test := range map[string]struct {
		head string
		is   bool
	}{
		"tls/web.key": {key, true}, "server.pem": {"-----BEGIN RSA PRIVATE KEY-----", true}, "notes.txt": {key, true},
		"server.crt": {"-----BEGIN CERTIFICATE-----", false}, "public.key": {"ssh-ed25519 AAAA", false},
		".env": {"", true}, "app/.env.production": {"", true}, ".env.example": {"", false}, ".env.local.sample": {"", false}, ".environment": {"", false},
		"password.txt": {"", true}, "db/secrets.yaml": {"", true}, "credentials": {"", true}, ".npmrc": {"", true}, "store.p12": {"", true},
		"password.go": {"", false}, "passwords.html": {"", false}, "secret_santa.txt": {"", false},
		"haproxy.pem": {certificate + key, true}, "traefik.yml": {"a: 1\n" + strings.Repeat("# x\n", 1000) + "  key: |\n    " + key, true},
		"crlf.pem": {strings.ReplaceAll(certificate+key, "\n", "\r\n"), true}, "release.asc": {certificate + "-----BEGIN PGP PRIVATE KEY BLOCK-----\n", true},
		"parse_pem.go": {certificate + "\tif s == \"" + strings.TrimSpace(key) + "\" {\n", false}, "README.md": {certificate + "The line " + key, false},
		"config/master.key": {"0123456789abcdef", true}, "tls.key": {"", true}, "apt.key": {"-----BEGIN PGP PUBLIC KEY BLOCK-----\n", false},
		"pubring.key": {"\x99\x01", false}, "slides.key": {"PK\x03\x04", false}, "key": {"", false}, "monkey": {"", false},
		"prod.env": {"", true}, "docker/web.prod.ENV": {"", true}, ".envrc": {"", true}, "example.env": {"", false}, "web-sample.env": {"", false}, "env": {"", false},
		"node_modules/https/test/key.pem": {key, false}, "vendor/x/.env": {"", false},
	} {
		if got := Private(name, []byte(test.head)); (got != "") != test.is {
			t.Errorf("%s: %q", name, got)
		}
	}
}

const (
	verdict = "shop: 1 to create, 0 to delete; 1 task starts\n"
	account = "account 123456789012, region eu-west-1, simulated AWS\n"
)

func TestPlansInTextAreKnown(t *testing.T) {
	own := map[string]string{
		"plan":      verdict + account + "\nsymbols:",
		"calm":      "shop: no changes. What runs is what the compose file says.\n" + account,
		"blocked":   "my_shop-1: blocked: 1 guard refuses this plan\n" + account,
		"destroy":   "shop: destroy: 3 to delete\n" + account,
		"offline":   "shop: 2 new revisions, 0 to delete\noffline: no account was read\n",
		"effects":   "shop: a starts empty: its data stays in db, unused; shop: 1 to create, 0 to delete\n" + account,
		"anything":  "shop: what a later release says\n" + account,
		"many":      "shop: " + strings.Repeat("a starts empty: its data stays in db, unused; ", 100) + "0 to delete\n" + account,
		"narrow":    "shop: a starts empty: its data\nstays in db, unused\naccount 123456789012, region\nap-southeast-1, simulated AWS (nothing\nreal is read)\n",
		"windows":   "shop: it finds other data; 1 to create\r\naccount 123456789012, region eu-west-1\r\n",
		"script":    "Script started on 2026-11-30 00:35:11+00:00 [COMMAND=\"x plan\"]\r\n\x1b]0;title\ashop: 1 to create\r\n" + account,
		"session":   "Script started on 2026-11-30\n\x1b[?2004h$ x plan\r\na.yaml:1:1: note: x\r\n\x1b[1mshop: y starts empty\x1b[0m\r\n" + account,
		"no place":  "note: x\n" + verdict + account,
		"spaces":    "my shop/a.yaml:1:1: warning: x\n" + verdict + account,
		"wrapped":   "shop: 1 to create, 0 to\ndelete; 1 task starts\n" + account,
		"coloured":  "\x1b[1mshop: 1 to create, 0 to delete\x1b[0m\n\x1b[2maccount 123456789012, region eu-west-1\x1b[0m\n",
		"with talk": "compose.yaml:3:1: note: services: 0.25 vCPU\n  help: set sizes\n" + strings.Repeat("a.yaml:4:5: warning: x\n", 1000) + verdict + account,
	}
	others := map[string]string{
		"no account":    verdict + "\n",
		"another tool":  "shop: 1 to create\nregion eu-west-1\n",
		"own words":     "shop: open\naccount 123456789012, region eu-west-1 is ours\n",
		"another part":  "shop: open\n\n" + account,
		"a typescript":  "Script started on 2026-11-30\n$ make\r\n",
		"quoted":        "As it says:\n" + verdict + account,
		"of a compiler": "main.go:3:1: error: expected a statement\n",
		"empty":         "",
	}
	root := t.TempDir()
	put(t, root, own)
	put(t, root, others)
	if d := cmp.Diff(slices.Sorted(maps.Keys(others)), paths(read(t, Tree{Root: root}).Entries)); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}
