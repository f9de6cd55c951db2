package sensitive

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// BenchmarkRows judges the rows of all lists, whose texts ByText knows after the first time.
func BenchmarkRows(b *testing.B) {
	all := allRows(b)
	for b.Loop() {
		for _, r := range all {
			r.judged(b)
		}
	}
}

// BenchmarkTexts judges the same texts as if each were new.
func BenchmarkTexts(b *testing.B) {
	all := allRows(b)
	for b.Loop() {
		for _, r := range all {
			_ = hasForm(r.value) || hasSecretURL(r.value) || hasSecretPair(r.value)
		}
	}
}

func allRows(tb testing.TB) []row {
	files, err := filepath.Glob("testdata/*.tsv")
	if err != nil || len(files) == 0 {
		tb.Fatalf("lists are missing: %v", err)
	}
	var all []row
	for _, file := range files {
		all = append(all, rows(tb, file)...)
	}
	return all
}

// FuzzJudge looks for panics, and for texts that a judgement takes long for.
func FuzzJudge(f *testing.F) {
	for i, r := range allRows(f) {
		if i%20 == 0 {
			f.Add(r.name, r.value)
		}
	}
	f.Add("key", "a: |\n  b")
	f.Add("X_ARGS", "-u a:b 'sh' -c \"x\\")
	f.Add("htpasswd", `["htpasswd","-b"]`)
	f.Fuzz(func(t *testing.T, name, value string) {
		began := time.Now()
		Is(name, value)
		IsNaming(name)
		File(name, value)
		Script(value)
		Command(append([]string{name}, strings.Fields(value)...))
		var words []string
		if json.Unmarshal([]byte(value), &words) == nil {
			if got := Command(words); len(got) != len(words) {
				t.Errorf("%d verdicts on %d words", len(got), len(words))
			}
		}
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("it took %v for %d bytes", took, len(value))
		}
	})
}

// TestLongTexts judges texts that are made to be slow: short enough for all of them, and
// some of 1 MiB.
func TestLongTexts(t *testing.T) {
	if testing.Short() {
		t.Skip("long texts")
	}
	for _, part := range slowParts {
		judgeAll(t, part, 1<<13)
	}
	for _, part := range []string{"a", "password: x1 \n", "a=b ", `{"a":"b"},`, "http://a:@b/?c=d ", "echo 'x' | sh -c y;", "A1b2"} {
		judgeAll(t, part, 1<<20)
	}
}

var slowParts = []string{
	" ", "=", ":", "a=a", "password=", `"password":`, `password: "`, "p='", "\n", "a\n", "a: b\n", "password x ", "user x ", "://", "http://a:", "a@", "a:b@", "://a@b?x=y&",
	"mysql -p ", "mc add ", "mc set -x ", "sh -c ", "sh -c ' ", "-c ", "docker login -p ", `\`, `\"`, "$(", "${", "${a}", "{{", "[", "{", "key: |\n x\n", "tokens:\n  a: b\n", "eyJ", "sk-", "xoxb-", "bearer ", "Authorization: Bearer ",
	"<a>", `<a name="password">`, `("a","`, "passwordpassword", "pw", "Aa", "a_", "x-", "hunter2 ", "0", "0s", "/a", "a.", "é", "\xff", "&a=b", ";a=b", "-----BEGIN ", "$2a$", "SK0", "-us1", "1234567:", "echo password x\n", "user a >x ", "password '", "identified by '", "1/s;", "a,b1c2d3e4,",
}

func judgeAll(t *testing.T, part string, size int) {
	t.Helper()
	text := strings.Repeat(part, size/len(part))
	for what, judge := range map[string]func(){
		"a value":       func() { Is("DB_PASSWORD", text) },
		"a quiet value": func() { Is("X", text) },
		"an own value":  func() { Is("X_KEY", text) },
		"arguments":     func() { Is("X_ARGS", text) },
		"a name":        func() { Is(text, "hunter22") },
		"a word":        func() { Command([]string{"sh", "-c", text}) },
		"words":         func() { Command(strings.Fields(text)) },
		"a file":        func() { File("x.conf", text) },
		"a secret file": func() { File("db_password", text) },
	} {
		began := time.Now()
		judge()
		if took := time.Since(began); took > time.Second {
			t.Errorf("%s of %d bytes of %q took %v", what, size, part, took)
		}
	}
}
