package content

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// TestTheRootOfAGate has a machine with a home that is a repository, one that is none, and
// a repository above homes.
func TestTheRootOfAGate(t *testing.T) {
	machine := t.TempDir()
	for _, dir := range []string{"homes/.git", "homes/u/repo/.git", "homes/u/repo/svc", "homes/u/plain", "homes/git/.git", "homes/git/svc", "homes/git/.config/app"} {
		if err := os.MkdirAll(filepath.Join(machine, dir), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		dir, given, user, system string
		want                     string // "": no root
		of                       RootKind
		wrong                    bool
	}{
		{dir: "homes/u/repo/svc", user: "homes/u", system: "homes/u", want: "homes/u/repo", of: RootOfRepository},
		{dir: "homes/u/repo/svc", user: "homes/u/repo", system: "homes/u", want: "homes/u/repo/svc"},
		{dir: "homes/u/repo/svc", user: "homes/u/repo/.home", want: "homes/u/repo", of: RootOfRepository},
		{dir: "homes/u/repo/svc", user: "homes/u/repo/svc", want: "homes/u/repo/svc"},
		{dir: "homes/u/plain", user: "homes/u", want: "homes/u/plain"},
		{dir: "homes/u/plain", system: "homes/u", want: "homes/u/plain"},
		{dir: "homes/u", user: "homes/u", system: "homes/u", want: "homes/u"},
		{dir: "homes/git/svc", user: "homes/git", system: "homes/git", want: "homes/git/svc"},
		{dir: "homes/git", user: "homes/git", system: "homes/git", want: "homes/git", of: RootOfRepository},
		{dir: "homes/git/svc", system: "homes/u", want: "homes/git", of: RootOfRepository},
		{dir: "homes", system: "homes/u"},
		{dir: "homes", user: "homes/u", want: "homes", of: RootOfRepository},
		{dir: "homes/u/plain", given: "homes/u", user: "homes/u", system: "homes/u", want: "homes/u", of: RootGiven},
		{dir: "homes/u/plain", given: "homes", user: "homes/u", system: "homes/u", want: "homes/u/plain", wrong: true},
		{dir: "homes/u/plain", given: "/", user: "homes/u", want: "homes/u/plain", wrong: true},
		{dir: "/", user: "/"},
	} {
		at := func(name string) string {
			if name == "" || name == "/" {
				return name
			}
			return Resolve(filepath.Join(machine, name))
		}
		g, err := NewGate(at(test.dir), at(test.given), Homes{at(test.user), at(test.system)})
		if g.Root != at(test.want) || g.Of != test.of || errors.Is(err, ErrRoot) != test.wrong {
			t.Errorf("%+v: the root is %q (%d), %v", test, g.Root, g.Of, err)
		}
	}
}

// TestWhatIsHiddenInAHome is outside of any directory that is allowed, but for one in it.
func TestWhatIsHiddenInAHome(t *testing.T) {
	home := Resolve(t.TempDir())
	at := func(name string) string { return filepath.Join(home, name) }
	for _, test := range []struct {
		dir, root, file string
		allowed         []string
		hidden          bool
	}{
		{"", "", ".ssh/id", nil, true},
		{"", "", ".netrc", nil, true},
		{"", "", ".env", nil, false},
		{"", "", ".env.production", nil, false},
		{"", "", ".dockerignore", nil, false},
		{"", "", ".envrc", nil, true},
		{"", "", ".env.d/a", nil, true},
		{"", "", "visible/.hidden", nil, false},
		{"svc", ".", ".env", nil, false},
		{"svc", ".", "svc/.aws/a", nil, false},
		{"svc", ".", ".aws/a", []string{"."}, true},
		{"svc", ".", ".aws/a", []string{".aws"}, false},
		{"svc", ".", ".aws/a", []string{".aws/b"}, true},
		{"svc", ".", "..odd", nil, true},
		{".config/app", ".", ".config/app/a", nil, false},
		{".config/app", ".", ".config/other/a", nil, true},
		{".config/app", "", ".config/app/.x", nil, false},
	} {
		var allowed []string
		for _, name := range test.allowed {
			allowed = append(allowed, at(name))
		}
		root := ""
		if test.root != "" {
			root = at(test.root)
		}
		g, err := NewGate(at(test.dir), root, Homes{User: home}, allowed...)
		if err != nil {
			t.Fatal(err)
		}
		outside, _ := errors.AsType[*OutsideError](g.Check(at(test.file)))
		if hidden := outside != nil && outside.Home == home; hidden != test.hidden {
			t.Errorf("%+v: %v", test, g.Check(at(test.file)))
		}
	}
}
