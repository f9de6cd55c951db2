package translate

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// nestLinks runs the script that makes links in a volume.
func nestLinks(t *testing.T, volume, lines string) {
	t.Helper()
	lines = strings.ReplaceAll(lines, "VOLUME", quote(volume))
	out, err := exec.CommandContext(t.Context(), "sh", "-c", "set -eu\numask 022\n"+linkScript+"\n"+lines).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}

// seenIn are the files of a volume with what they hold, and the links with what they lead
// to. What the tool keeps for itself there is left out but for what it put aside.
func seenIn(t *testing.T, volume string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.Walk(volume, func(name string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() {
			return err
		}
		below := strings.TrimPrefix(name, volume+"/")
		if link, err := os.Readlink(name); err == nil {
			out[below] = "-> " + link
		} else if !strings.HasPrefix(below, ".compose2fargate/links/") {
			out[below] = readText(t, name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestLinksStandInVolumesForAsLongAsTheirFiles(t *testing.T) {
	const leads = "/opt/compose2fargate/v/"
	for what, test := range map[string]struct {
		there map[string]string
		runs  []string
		want  map[string]string
	}{
		"a directory that is missing": {
			nil, []string{"nest VOLUME a sub/dir/x " + leads + "sub/dir/x"},
			map[string]string{"sub/dir/x": "-> " + leads + "sub/dir/x"},
		},
		"a real file is put aside once": {
			map[string]string{"x": "mine"}, []string{"nest VOLUME a x " + leads + "x", "nest VOLUME a x " + leads + "x"},
			map[string]string{"x": "-> " + leads + "x", ".compose2fargate/kept/x": "mine"},
		},
		"and comes back": {
			map[string]string{"d/x": "mine", "d/y": "too"},
			[]string{"nest VOLUME a d " + leads + "d 'a b' " + leads + "ab", "nest VOLUME a z " + leads + "z"},
			map[string]string{"d/x": "mine", "d/y": "too", "z": "-> " + leads + "z"},
		},
		"a program replaced the link": {
			map[string]string{"x": "first"},
			[]string{"nest VOLUME a x " + leads + "x", "rm VOLUME/x; printf second > VOLUME/x; nest VOLUME a x " + leads + "x"},
			map[string]string{"x": "-> " + leads + "x", ".compose2fargate/kept/x": "first", ".compose2fargate/kept/x.1": "second"},
		},
		"and the file left then": {
			nil, []string{"nest VOLUME a x " + leads + "x", "rm VOLUME/x; printf second > VOLUME/x; nest VOLUME a y " + leads + "y"},
			map[string]string{"x": "second", "y": "-> " + leads + "y"},
		},
		"a link of the program's own": {
			nil, []string{"ln -s other VOLUME/x; nest VOLUME a x " + leads + "x", "nest VOLUME a"},
			map[string]string{"x": "-> other"},
		},
		"what another service has there stays": {
			nil, []string{"nest VOLUME a x " + leads + "x", "nest VOLUME b x " + leads + "x y " + leads + "y", "nest VOLUME a", "nest VOLUME b x " + leads + "x"},
			map[string]string{"x": "-> " + leads + "x"},
		},
		"a file becomes a secret": {
			map[string]string{"x": "mine"}, []string{"nest VOLUME a x " + leads + "x", "nest VOLUME a x /run/compose2fargate/v/x"},
			map[string]string{"x": "-> /run/compose2fargate/v/x", ".compose2fargate/kept/x": "mine"},
		},
		"another container fills the volume": {
			nil, []string{"(sleep 1; : > VOLUME/.compose2fargate-unfinished; printf theirs > VOLUME/x; rm VOLUME/.compose2fargate-unfinished) & filled VOLUME; nest VOLUME a x " + leads + "x"},
			map[string]string{"x": "-> " + leads + "x", ".compose2fargate/kept/x": "theirs"},
		},
		"two tasks at once": {
			map[string]string{"x": "mine"},
			[]string{"(nest VOLUME a x " + leads + "x) & p=$!; nest VOLUME a x " + leads + "x; wait $p"},
			map[string]string{"x": "-> " + leads + "x", ".compose2fargate/kept/x": "mine"},
		},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			volume := t.TempDir()
			for name, text := range test.there {
				file := filepath.Join(volume, name)
				if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			for _, lines := range test.runs {
				nestLinks(t, volume, lines)
			}
			if d := cmp.Diff(test.want, seenIn(t, volume)); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
		})
	}
}
