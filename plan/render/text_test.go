package render

import (
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/plan"
)

func TestTextIsTheGoldenText(t *testing.T) {
	eachCase(t, func(t *testing.T, name string, p *plan.Plan) {
		golden(t, name+".txt", text(t, p, TextOptions{Width: 80}))
		golden(t, name+".full.txt", text(t, p, TextOptions{Full: true}))
	})
}

func TestTheHeadingIsHowTheTextBegins(t *testing.T) {
	eachCase(t, func(t *testing.T, _ string, p *plan.Plan) {
		var heading strings.Builder
		if err := Heading(&heading, kinds, p, TextOptions{Width: 80}); err != nil {
			t.Fatal(err)
		}
		if got := heading.String(); strings.Count(got, "\n") < 2 || !strings.HasPrefix(text(t, p, TextOptions{Width: 80}), got) {
			t.Errorf("got %q", got)
		}
	})
}

func TestColourSaysNothingOfItsOwn(t *testing.T) {
	sgr := regexp.MustCompile("\x1b\\[[0-9]+m")
	eachCase(t, func(t *testing.T, _ string, p *plan.Plan) {
		want := text(t, p, TextOptions{Width: 80})
		got := sgr.ReplaceAllString(text(t, p, TextOptions{Width: 80, Color: true}), "")
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("(-plain +coloured)\n%s", d)
		}
	})
}

func TestNoLineIsWiderThanTheTerminal(t *testing.T) {
	eachCase(t, func(t *testing.T, _ string, p *plan.Plan) {
		for _, width := range []int{40, 60, 80, 132} {
			for row := range strings.Lines(text(t, p, TextOptions{Width: width})) {
				if n := utf8.RuneCountInString(strings.TrimSuffix(row, "\n")); n > width {
					t.Errorf("%d columns in a terminal of %d: %s", n, width, row)
				}
			}
		}
	})
}

func TestNoSecretAndNoControlCharacterIsShown(t *testing.T) {
	eachCase(t, func(t *testing.T, _ string, p *plan.Plan) {
		for _, shown := range []string{
			text(t, p, TextOptions{}), text(t, p, TextOptions{Full: true}), text(t, p, TextOptions{Width: 50}), markdown(t, p, MarkdownOptions{}),
		} {
			checkShown(t, shown)
		}
	})
}

// checkShown is what holds of everything that is printed.
func checkShown(t *testing.T, shown string) {
	t.Helper()
	for _, secret := range []string{plan.SecretPrefix, "hunter2"} {
		if i := strings.Index(shown, secret); i >= 0 {
			t.Fatalf("a hash or a secret is shown: %q", shown[max(0, i-60):i+len(secret)])
		}
	}
	for i, r := range shown {
		if r != '\n' && !unicode.IsPrint(r) {
			t.Fatalf("%q is shown after %q", r, shown[max(0, i-60):i])
		}
	}
	if !utf8.ValidString(shown) {
		t.Error("what is shown is not UTF-8")
	}
}

func TestTextAndMarkdownNumberSecretsAlike(t *testing.T) {
	number := regexp.MustCompile(`([A-Z_]*PASSWORD)["]?: \(sensitive (#\d+)`)
	p := readCase(t, "first")
	full := number.FindAllStringSubmatch(text(t, p, TextOptions{Full: true}), -1)
	if len(full) != 3 || full[0][2] != "#1" || full[1][2] != "#2" || full[2][2] != "#2" {
		t.Errorf("numbers %v", full)
	}
}
