package translate

import "testing"

func TestASoftLimitIsWithinAHardOne(t *testing.T) {
	for _, test := range []struct {
		soft, hard int
		want       bool
	}{
		{1, 2, true}, {2, 2, true}, {3, 2, false}, {unlimited, 2, false}, {2, unlimited, true}, {unlimited, unlimited, true}, {0, 0, true},
	} {
		if got := ordered(test.soft, test.hard); got != test.want {
			t.Errorf("%d within %d: got %v", test.soft, test.hard, got)
		}
	}
}
