package diag_test

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/diag"
)

func Example() {
	var ds diag.List
	at := diag.Pos{File: "compose.yaml", Line: 12, Column: 5}
	ds.Errorf(at, "services.web.portz", `did you mean "ports"?`, "unknown key")
	ds.Notef(diag.Pos{}, "", "", "%d services", 3)
	ds.Print(os.Stdout)
	// Output:
	// note: 3 services
	// compose.yaml:12:5: error: services.web.portz: unknown key
	//   help: did you mean "ports"?
}

func TestAListIsSortedByPlaceThenSeverityAndHasNothingTwice(t *testing.T) {
	pos := func(file string, line, column int) diag.Pos { return diag.Pos{File: file, Line: line, Column: column} }
	var ds diag.List
	ds.Notef(pos("b", 1, 1), "", "", "seventh")
	ds.Warnf(pos("a", 10, 1), "", "", "sixth")
	ds.Warnf(pos("a", 2, 3), "", "", "third")
	ds.Errorf(pos("a", 2, 3), "z", "", "second")
	ds.Errorf(pos("a", 2, 3), "y", "", "first")
	ds.Notef(pos("a", 2, 3), "", "", "fourth")
	ds.Notef(pos("a", 2, 3), "", "", "fourth")
	ds.Errorf(pos("a", 2, 12), "", "", "fifth")
	var got []string
	for _, d := range ds.Sorted() {
		got = append(got, d.Summary)
	}
	want := []string{"first", "second", "third", "fourth", "fifth", "sixth", "seventh"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if ds[0].Summary != "seventh" {
		t.Error("the list itself was sorted")
	}
}

func TestOnlyErrorsMakeAnError(t *testing.T) {
	var ds diag.List
	if ds.HasErrors() || ds.Err() != nil {
		t.Error("an empty list has no errors")
	}
	ds.Warnf(diag.Pos{}, "", "", "odd")
	if ds.HasErrors() || ds.Err() != nil {
		t.Error("a warning is no error")
	}
	ds.Errorf(diag.Pos{File: "f", Line: 1, Column: 2}, "", "help", "bad")
	if err := ds.Err(); err == nil || err.Error() != "f:1:2: error: bad\n  help: help" {
		t.Errorf("got %v", err)
	}
}

func TestTextFromElsewhereStaysOnItsLine(t *testing.T) {
	d := diag.Diagnostic{Summary: "one\n  two", Help: "three\r\nfour"}
	if got, want := d.String(), "error: one two\n  help: three four"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestFilesAreNamedRelativeWhereThatIsShorter(t *testing.T) {
	for _, test := range []struct{ dir, file, want string }{
		{"/srv/app", "/srv/app/compose.yaml", "compose.yaml"},
		{"/srv/app/sub", "/srv/app/compose.yaml", "../compose.yaml"},
		{"/a/b/c/d", "/x.yaml", "/x.yaml"},
		{"/srv/app", "compose.yaml", "compose.yaml"},
		{"/srv/app", "<stdin>", "<stdin>"},
		{"/srv/app", "", ""},
	} {
		ds := diag.List{{Pos: diag.Pos{File: test.file, Line: 1, Column: 1}}}
		if got := ds.RelativeTo(test.dir)[0].Pos.File; got != test.want {
			t.Errorf("%s from %s: got %s, want %s", test.file, test.dir, got, test.want)
		}
		if ds[0].Pos.File != test.file {
			t.Error("the list itself was changed")
		}
	}
}

func TestJSONHasLowerCaseNamesAndNothingUnknown(t *testing.T) {
	var ds diag.List
	ds.Warnf(diag.Pos{File: "f", Line: 1, Column: 2}, "services.web", "do it", "odd")
	ds.Notef(diag.Pos{}, "", "", "plain")
	text, err := json.Marshal(ds)
	if err != nil {
		t.Fatal(err)
	}
	want := `[{"severity":"warning","position":{"file":"f","line":1,"column":2},"path":"services.web","summary":"odd","help":"do it"},` +
		`{"severity":"note","summary":"plain"}]`
	if string(text) != want {
		t.Errorf("got  %s\nwant %s", text, want)
	}
	var back diag.List
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(ds, back); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if err := json.Unmarshal([]byte(`[{"severity":"fatal"}]`), &back); err == nil || !strings.Contains(err.Error(), "fatal") {
		t.Errorf("got %v", err)
	}
}

func TestPositionsPrint(t *testing.T) {
	for want, p := range map[string]diag.Pos{
		"":      {},
		"f":     {File: "f"},
		"f:3:1": {File: "f", Line: 3, Column: 1},
	} {
		if got := fmt.Sprint(p); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
