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
	sorted  []string            // the keys in order; replaced, never changed in place
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
	if t.rows == nil {
		t.rows = map[string]*T{}
	}
	if _, known := t.rows[key]; !known {
		at, _ := slices.BinarySearch(t.sorted, key)
		t.sorted = slices.Insert(slices.Clip(t.sorted), at, key)
	}
	row = clone(row) // rows must not share memory: a change would miss the disk
	t.rows[key] = &row
	t.touch(key)
	return &row
}

// Delete removes a row; none is no error.
func (t *Table[T]) Delete(key string) {
	if _, known := t.rows[key]; !known {
		return
	}
	delete(t.rows, key)
	at, _ := slices.BinarySearch(t.sorted, key)
	t.sorted = slices.Concat(t.sorted[:at], t.sorted[at+1:])
	t.touch(key)
}

// Len is the number of rows.
func (t *Table[T]) Len() int { return len(t.rows) }

// All yields the rows in the order of their keys, for reading. Rows may be
// added and removed meanwhile.
func (t *Table[T]) All() iter.Seq2[string, *T] {
	keys := t.sorted
	return func(yield func(string, *T) bool) {
		for _, key := range keys {
			if row := t.rows[key]; row != nil && !yield(key, row) {
				return
			}
		}
	}
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

func (t *Table[T]) keys() []string    { return t.sorted }
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
	t.Put(key, row)
	return nil
}

func (t *Table[T]) drop(key string) { t.Delete(key) }
