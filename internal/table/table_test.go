package table

import "testing"

func TestOf(t *testing.T) {
	rows := Of[[]struct {
		Name Pattern `json:"name"`
		Port int     `json:"port"`
	}]([]byte(`[{"name": "^a+$", "port": 1}, {"port": 2}, {"name": ""}]`))
	got := rows()
	if len(got) != 3 || got[0].Port != 1 || !got[0].Name.MatchString("aa") || got[0].Name.MatchString("b") {
		t.Errorf("read %v", got)
	}
	if got[1].Name.MatchString("") || got[2].Name.MatchString("") {
		t.Error("what is not given matches")
	}
	if &rows()[0] != &got[0] {
		t.Error("it is read again")
	}
}

func TestAFileOfAnotherFormIsAMistake(t *testing.T) {
	for name, file := range map[string]string{
		"a field too many": `[{"name": "a", "prot": 1}]`, "no pattern": `[{"name": "("}]`, "no JSON": `[`, "another type": `{}`,
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: it is read", name)
				}
			}()
			Of[[]struct{ Name Pattern }]([]byte(file))()
		}()
	}
}

func TestByTextAsksOnceForEachText(t *testing.T) {
	asked := 0
	length := ByText(func(text string) int { asked++; return len(text) })
	for _, text := range []string{"a", "bb", "a", "bb", "a"} {
		if got := length(text); got != len(text) {
			t.Errorf("%q has the length %d", text, got)
		}
	}
	if asked != 2 {
		t.Errorf("asked %d times for two texts", asked)
	}
}
