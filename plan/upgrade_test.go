package plan

import "testing"

func TestTheSpecTagSaysWhichReleaseAppliedIt(t *testing.T) {
	for tag, want := range map[string]Applied{
		"1:abc":                  {Hash: "abc", Release: 1},
		"1:pending:abc":          {Hash: "abc", Pending: true, Release: 1},
		"1:pending:abc:force":    {Hash: "abc", Pending: true, Force: true, Release: 1},
		"1:abc:r2":               {Hash: "abc", Release: 2},
		"1:pending:abc:r3":       {Hash: "abc", Pending: true, Release: 3},
		"1:pending:abc:force:r2": {Hash: "abc", Pending: true, Force: true, Release: 2},
	} {
		if got := ParseApplied(tag); got != want || got.String() != tag {
			t.Errorf("%s is read as %+v, and written as %s", tag, got, got)
		}
	}
	for _, tag := range []string{"", "2:abc", "1", "r2", "1:r2", "1:a:b:c:d"} {
		if got := ParseApplied(tag); got.Hash != "" {
			t.Errorf("%q is read as %+v", tag, got)
		}
	}
	if now := ParseApplied((Applied{Hash: "abc"}).String()); now.Release != Release || now.former() {
		t.Errorf("what is applied now is %+v", now)
	}
}
