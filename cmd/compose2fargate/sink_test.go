package main

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestNothingThatIsWrittenDrivesAnything writes what files, registries and AWS may have in
// their texts, in one piece and byte by byte.
func TestNothingThatIsWrittenDrivesAnything(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"a plan\n\tof äöü → 世界\n", "a plan\n\tof äöü → 世界\n"},
		{"\x1b[32m+ web\x1b[0m\n", `\u001b[32m+ web\u001b[0m` + "\n"},
		{"\x1b[2J\x1b[8mhidden\x1b[0m", `\u001b[2J\u001b[8mhidden\u001b[0m`},
		{"\x1b]0;title\a \x9b1A", `\u001b]0;title\u0007 ` + "\ufffd1A"},
		{"over\rwritten\x7f\b", `over\u000dwritten\u007f\u0008`},
		{"::error::x\n", `:\u003aerror::x` + "\n"},
		{"  ::stop-commands::x\na ::b\n", `  :\u003astop-commands::x` + "\na ::b\n"},
		{"a ##vso[task.setvariable variable=x]y ##[error]z ##teamcity[x]\n## a heading\n", `a #\u0023vso[task.setvariable variable=x]y #\u0023[error]z #\u0023teamcity[x]` + "\n## a heading\n"},
		{"gnp.\u202exe \u2066 \u200b", `gnp.\u202exe \u2066 \u200b`},
		{"\U000e0001", `\udb40\udc01`},
		{"the value hunter22-long, and hunter22-long again", "the value ***, and *** again"},
		{"a key: -----BEGIN-----\nMII\n", "a key: ***\n"},
		{`in quotes "-----BEGIN-----\nMII"`, `in quotes "***"`},
		{"short stays", "short stays"},
	} {
		var whole, bytewise bytes.Buffer
		for _, to := range []struct {
			buffer *bytes.Buffer
			size   int
		}{{&whole, len(test.text)}, {&bytewise, 1}} {
			s := newSink(to.buffer)
			s.keepSecret([]string{"hunter22-long", "hunter22", "short", "-----BEGIN-----\nMII"})
			for at := 0; at < len(test.text); at += to.size {
				if n, err := s.Write([]byte(test.text[at : at+to.size])); n != to.size || err != nil {
					t.Fatal(n, err)
				}
			}
		}
		if d := cmp.Diff(test.want, whole.String()); d != "" {
			t.Errorf("%q: -want +got:\n%s", test.text, d)
		}
		if s := bytewise.String(); bytes.ContainsAny([]byte(s), "\a\b\r\x7f") || bytes.HasPrefix([]byte(s), []byte("::")) {
			t.Errorf("%q byte by byte: %q", test.text, s)
		}
	}
}

// TestPlansArePainted lets through what plans are painted with, and nothing else.
func TestPlansArePainted(t *testing.T) {
	var out bytes.Buffer
	to := newSink(&out)
	text := "\x1b[32m+ web\x1b[0m \x1b[1;31m!\x1b[0m \x1b[8m \x1b[2J\n"
	for _, w := range []io.Writer{painted(to), to} {
		if _, err := io.WriteString(w, text); err != nil {
			t.Fatal(err)
		}
	}
	want := "\x1b[32m+ web\x1b[0m \x1b[1;31m!\x1b[0m " + `\u001b[8m \u001b[2J` + "\n" +
		`\u001b[32m+ web\u001b[0m \u001b[1;31m!\u001b[0m \u001b[8m \u001b[2J` + "\n"
	if d := cmp.Diff(want, out.String()); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}

// TestADocumentMeansTheSameBehindTheSink writes JSON with all that the sink escapes.
func TestADocumentMeansTheSameBehindTheSink(t *testing.T) {
	want := map[string]string{"a": "::x\n##vso[y]\u202e \U000e0001 \x7f \u00a0 \x1b[2J"}
	var out bytes.Buffer
	encoder := json.NewEncoder(newSink(&out))
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(want); err != nil {
		t.Fatal(err)
	}
	var got map[string]string
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatalf("%v in %s", err, out.Bytes())
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}

// Documents of translate have the values of variables in them.
func TestDocumentsAreForTheirOwnerAlone(t *testing.T) {
	s := &settings{terminal: terminal{out: io.Discard, err: io.Discard}}
	dir := filepath.Join(t.TempDir(), "out")
	if err := s.write(dir, "web.json", []byte("{}\n")); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(filepath.Join(dir, "web.json"))
	if err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("%v, %v; want a file that others cannot read", info.Mode(), err)
	}
}

// What this process prints into a file is found behind the sink.
func TestTheFileBehindASinkIsWritten(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "plan.txt"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		t.Fatal(err)
	}
	found := terminal{out: newSink(file), err: newSink(io.Discard)}.writing()
	if len(found) != 1 || !os.SameFile(found[0], info) {
		t.Errorf("found %v", found)
	}
}
