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

// FuzzJudge looks for panics, and for words that nothing was said of.
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
	})
}

// BenchmarkLongTexts judges texts that are made to be slow, and reports how much longer eight
// times as much takes: about 8 where it grows with the text.
func BenchmarkLongTexts(b *testing.B) {
	for b.Loop() {
		var short, long time.Duration
		for _, part := range slowParts {
			short += judgeAll(part, 1<<12)
			long += judgeAll(part, 1<<15)
		}
		b.ReportMetric(float64(long)/float64(short), "growth")
	}
}

var slowParts = []string{
	" ", "=", ":", "a=a", "password=", `"password":`, `password: "`, "p='", "\n", "a\n", "a: b\n", "password x ", "user x ", "://", "http://a:", "a@", "a:b@", "://a@b?x=y&",
	"mysql -p ", "mc add ", "mc set -x ", "sh -c ", "sh -c ' ", "-c ", "docker login -p ", `\`, `\"`, "$(", "${", "${a}", "{{", "[", "{", "key: |\n x\n", "tokens:\n  a: b\n", "eyJ", "sk-", "xoxb-", "bearer ", "Authorization: Bearer ",
	"<a>", `<a name="password">`, `("a","`, "passwordpassword", "pw", "Aa", "a_", "x-", "hunter2 ", "0", "0s", "/a", "a.", "é", "\xff", "&a=b", ";a=b", "-----BEGIN ", "$2a$", "SK0", "-us1", "1234567:", "echo password x\n", "user a >x ", "password '", "identified by '", "1/s;", "a,b1c2d3e4,",
}

func judgeAll(part string, size int) time.Duration {
	text := strings.Repeat(part, size/len(part))
	began := time.Now()
	Is("DB_PASSWORD", text)
	Is("X", text)
	Is("X_KEY", text)
	Is("X_ARGS", text)
	Is(text, "hunter22")
	Command([]string{"sh", "-c", text})
	Command(strings.Fields(text))
	File("x.conf", text)
	File("db_password", text)
	return time.Since(began)
}
