package fault

import (
	"errors"
	"regexp"
	"strings"
	"testing"
)

func TestCatch(t *testing.T) {
	for name, test := range map[string]struct {
		fail func()
		want string
	}{
		"nothing":               {func() {}, ""},
		"an error of Go":        {func() { _ = []int{}[len(t.Name())] }, `^index out of range \[9\] with length 0 at \S*fault_test.go:\d+$`},
		"what nobody hashes":    {func() { _ = map[any]int{}[any([]int{})] }, `^hash of unhashable type: \[\]int at \S*fault_test.go:\d+$`},
		"words of others":       {func() { panic("S3cret") }, `^a panic with a string at \S*fault_test.go:\d+$`},
		"in a library of Go":    {func() { _ = strings.Repeat("x", len(t.Name())-99) }, `^a panic with a \S+ at \S*fault_test.go:\d+$`},
		"an error with a value": {func() { panic(errors.New("S3cret")) }, `^a panic with a \S+ at \S*fault_test.go:\d+$`},
	} {
		err := func() (err error) {
			defer Catch(&err)
			test.fail()
			return nil
		}()
		got := ""
		if err != nil {
			got = err.Error()
		}
		if (got == "") != (test.want == "") || !regexp.MustCompile(test.want).MatchString(got) {
			t.Errorf("%s: %q, want %s", name, got, test.want)
		}
	}
}
