package simulator

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/efs/types"
)

type indexedRow struct{ Colour, Shape string }

// TestAnIndexFindsWhatALookAtAllRowsFinds changes rows in every way, also after
// the index was asked in the same call, and asks again.
func TestAnIndexFindsWhatALookAtAllRowsFinds(t *testing.T) {
	var table Table[indexedRow]
	index := newIndex(&table, func(_ string, r *indexedRow) []string { return []string{r.Colour, r.Shape} }).ordered()
	random := rand.New(rand.NewPCG(1, 2))
	word := func() string { return string(rune('a' + random.IntN(5))) }
	var held []*indexedRow
	for step := range 5000 {
		key := fmt.Sprint(random.IntN(30))
		switch random.IntN(8) {
		case 0, 1:
			held = append(held, table.Put(key, indexedRow{Colour: word(), Shape: "s" + word()}))
		case 2, 3:
			if row := table.Edit(key); row != nil {
				held = append(held, row)
			}
		case 4:
			table.Delete(key)
		case 5:
			if len(held) > 0 { // a row that was handed out in this call
				held[random.IntN(len(held))].Colour = word()
			}
		case 6:
			table.forget()
			held = nil
		case 7:
			if random.IntN(100) == 0 {
				table.reset()
				held = nil
			}
		}
		checkIndex(t, step, &table, index, word())
	}
}

func checkIndex(t *testing.T, step int, table *Table[indexedRow], index *Index[indexedRow], value string) {
	t.Helper()
	var want []string
	first := ""
	for key, row := range table.All() {
		if row.Colour == value || row.Shape == value {
			want = append(want, key)
		}
		if least := min(row.Colour, row.Shape); first == "" || least < first {
			first = least
		}
	}
	if got := index.Keys(value); !slices.Equal(got, want) || index.Has(value) != (len(want) > 0) {
		t.Fatalf("step %d: %s is found at %v, want %v", step, value, got, want)
	}
	if got := index.First(); got != first {
		t.Fatalf("step %d: the first is %q, want %q", step, got, first)
	}
}

// TestEachMoveOfAPassFilesWhatItChanged: rows that stayed loose until the end of a
// pass would be filed again by every later move of it.
func TestEachMoveOfAPassFilesWhatItChanged(t *testing.T) {
	a := newAccount(Options{})
	const many = 20
	for n := range many {
		a.FileSystems.Put(fmt.Sprint(n), FileSystem{Looks: 1, FileSystemDescription: types.FileSystemDescription{
			FileSystemId: ptr(fmt.Sprint(n)), LifeCycleState: types.LifeCycleStateCreating,
		}})
	}
	a.forget()
	if err := a.pass(t.Context(), 3600); err != nil {
		t.Fatal(err)
	}
	for _, row := range a.FileSystems.All() {
		if row.LifeCycleState != types.LifeCycleStateAvailable {
			t.Errorf("file system %s is %s after an hour", *row.FileSystemId, row.LifeCycleState)
		}
	}
	for _, index := range a.FileSystems.indexes {
		if len(index.loose) > 0 {
			t.Errorf("%d rows are loose after the pass", len(index.loose))
		}
	}
	if changed := len(a.FileSystems.changes()); changed != many {
		t.Errorf("%d rows go to the file, not %d", changed, many)
	}
}
