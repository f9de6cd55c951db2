package simulator

import (
	"encoding/json"
	"iter"
	"maps"
	"slices"
)

// Table is the rows of one kind of object by key. It remembers which rows
// changed, so that only those are written to disk: rows that Get and All hand
// out must not be changed.
type Table[T any] struct {
	rows    map[string]*T
	sorted  []string            // keys in order; replaced, never changed in place
	fresh   []string            // keys that are not in sorted yet
	touched map[string]struct{} // keys changed since the last write to disk
}

// Get returns the row for reading, nil when there is none.
func (t *Table[T]) Get(key string) *T { return t.rows[key] }

// Edit returns the row for changing, nil when there is none.
func (t *Table[T]) Edit(key string) *T {
	row := t.rows[key]
	if row != nil {
		t.touch(key)
	}
	return row
}

// Put adds or replaces a row with a copy of this one and returns it for changing.
func (t *Table[T]) Put(key string, row T) *T {
	row = clone(row) // rows must not share memory: a change would miss the disk
	t.set(key, &row)
	t.touch(key)
	return &row
}

func (t *Table[T]) set(key string, row *T) {
	if t.rows == nil {
		t.rows = map[string]*T{}
	}
	if t.rows[key] == nil {
		t.fresh = append(t.fresh, key)
	}
	t.rows[key] = row
}

// Delete removes a row; none is no error.
func (t *Table[T]) Delete(key string) {
	if _, known := t.rows[key]; !known {
		return
	}
	delete(t.rows, key)
	sorted := t.keys()
	at, _ := slices.BinarySearch(sorted, key)
	t.sorted = slices.Concat(sorted[:at], sorted[at+1:])
	t.touch(key)
}

// Len is the number of rows.
func (t *Table[T]) Len() int { return len(t.rows) }

// All yields the rows in the order of their keys, for reading. Rows may be
// added and removed meanwhile.
func (t *Table[T]) All() iter.Seq2[string, *T] {
	keys := t.keys()
	return func(yield func(string, *T) bool) {
		for _, key := range keys {
			if row := t.rows[key]; row != nil && !yield(key, row) {
				return
			}
		}
	}
}

// keys are the keys in order.
func (t *Table[T]) keys() []string {
	if len(t.fresh) == 0 {
		return t.sorted
	}
	slices.Sort(t.fresh)
	merged, old := make([]string, 0, len(t.rows)), t.sorted
	for _, key := range t.fresh {
		at, _ := slices.BinarySearch(old, key)
		merged = append(append(merged, old[:at]...), key)
		old = old[at:]
	}
	t.sorted, t.fresh = append(merged, old...), nil
	return t.sorted
}

func (t *Table[T]) touch(key string) {
	if t.touched == nil {
		t.touched = map[string]struct{}{}
	}
	t.touched[key] = struct{}{}
}

// persistent is a table without its type, for the store.
type persistent interface {
	keys() []string
	changes() []string
	forget()
	reset()
	row(key string) any // nil when there is none
	load(key string, data json.RawMessage) error
	drop(key string)
}

func (t *Table[T]) changes() []string { return slices.Sorted(maps.Keys(t.touched)) }
func (t *Table[T]) forget()           { clear(t.touched) }
func (t *Table[T]) reset()            { *t = Table[T]{} }

func (t *Table[T]) row(key string) any {
	if row := t.rows[key]; row != nil {
		return row
	}
	return nil
}

func (t *Table[T]) load(key string, data json.RawMessage) error {
	var row T
	if err := json.Unmarshal(data, &row); err != nil {
		return err
	}
	t.set(key, &row)
	return nil
}

func (t *Table[T]) drop(key string) { t.Delete(key) }
