package fault

import (
	"sync/atomic"
	"testing"
)

func TestGroup(t *testing.T) {
	for name, group := range map[string]*Group{"no limit": {}, "one at a time": NewGroup(1), "two": NewGroup(2)} {
		var ran atomic.Int32
		err := func() (err error) {
			defer Catch(&err)
			for i := range 10 {
				group.Go(func() {
					ran.Add(1)
					_ = []int{1, 2, 3}[i]
				})
			}
			group.Wait()
			t.Errorf("%s: Wait returns, although functions failed", name)
			return nil
		}()
		if ran.Load() != 10 {
			t.Errorf("%s: %d of 10 functions ran", name, ran.Load())
		}
		if failed, ok := err.(*Error); !ok || failed.Where == "" || failed.What == "" {
			t.Errorf("%s: the error is %v", name, err)
		}
	}
}

func TestAGroupInWhichNothingFails(t *testing.T) {
	group := NewGroup(3)
	var running, most atomic.Int32
	for range 50 {
		group.Go(func() {
			now := running.Add(1)
			for was := most.Load(); now > was && !most.CompareAndSwap(was, now); was = most.Load() {
			}
			running.Add(-1)
		})
	}
	group.Wait()
	if most.Load() > 3 {
		t.Errorf("%d ran at once", most.Load())
	}
}
