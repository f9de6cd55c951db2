package table

import (
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWords(t *testing.T) {
	for expr, want := range map[string][]string{
		`nginx`:                      {"nginx"},
		`^(?:/usr/s?bin/)?nginx\b`:   {"nginx"},
		`\b(?:nc|ncat)\s+-z`:         {"nc"},
		`\bcelery\b.*\bbeat\b`:       {"celery"},
		`(?:air|astro)flow`:          {"flow"},
		`foo(?:bar|quux)+`:           {"foo"},
		`(redis|valkey)-cli`:         {"redis", "valkey"},
		`(?i)nginx`:                  nil, // a match is written in many ways
		`(?:nginx)?`:                 nil,
		`nginx|.*`:                   nil,
		`a|b`:                        nil,
		`^$`:                         nil,
		`(?:nginx){2,3}`:             {"nginx"},
		`(?:nginx){0,3}`:             nil,
		`ab|cd|ef|gh|ij|kl|mn|op|qr`: nil, // too many
	} {
		if diff := cmp.Diff(want, MustCompile(expr).words); diff != "" {
			t.Errorf("%s (-want +got):\n%s", expr, diff)
		}
	}
}

func TestAPatternFindsWhatItsExpressionFinds(t *testing.T) {
	texts := []string{"", "nginx", "NGINX", "/usr/sbin/nginx -g", "celery -A x beat", "nc -z db 5432", "airflow", "a", "redis-cli ping", "nginxnginx"}
	for _, expr := range []string{
		`nginx`, `^(?:/usr/s?bin/)?nginx\b`, `\b(?:nc|ncat)\s+-z (\w+)`, `\bcelery\b.*\bbeat\b`, `(?:air|astro)flow`, `(?i)NGinx`, `(?:nginx)*`, `a|b|`, `(redis|valkey)-cli`, `(?:nginx){2}`,
	} {
		plain, p := regexp.MustCompile(expr), MustCompile(expr)
		for _, text := range texts {
			if got, want := p.MatchString(text), plain.MatchString(text); got != want {
				t.Errorf("%s matches %q: %v, want %v", expr, text, got, want)
			}
			if diff := cmp.Diff(plain.FindStringSubmatch(text), p.FindStringSubmatch(text)); diff != "" {
				t.Errorf("%s in %q (-want +got):\n%s", expr, text, diff)
			}
			if diff := cmp.Diff(plain.FindAllStringSubmatch(text, -1), p.FindAllStringSubmatch(text, -1)); diff != "" {
				t.Errorf("%s in %q (-want +got):\n%s", expr, text, diff)
			}
		}
	}
}
