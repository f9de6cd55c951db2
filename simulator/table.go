package simulator

import (
	"encoding/json"
	"iter"
	"maps"
	"slices"
	"strings"
)

// Table is the rows of one kind of object by key. It remembers which rows
// changed, so that only those are written to disk: rows that Get and All hand
// out must not be changed.
type Table[T any] struct {
	rows    map[string]*T
	sorted  []string            // keys in order; replaced, never changed in place
	fresh   []string            // keys that are not in sorted yet
	dead    map[string]struct{} // keys in sorted or fresh without a row
	touched map[string]struct{} // keys changed since the last write to disk
	indexes []*Index[T]
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
	if _, listed := t.dead[key]; listed {
		delete(t.dead, key)
	} else if t.rows[key] == nil {
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
	if t.dead == nil {
		t.dead = map[string]struct{}{}
	}
	t.dead[key] = struct{}{}
	t.touch(key)
}

// Len is the number of rows.
func (t *Table[T]) Len() int { return len(t.rows) }

// All yields the rows in the order of their keys, for reading. Rows may be
// added and removed meanwhile.
func (t *Table[T]) All() iter.Seq2[string, *T] { return t.some(t.keys()) }

// some yields the rows that are left of these keys.
func (t *Table[T]) some(keys []string) iter.Seq2[string, *T] {
	return func(yield func(string, *T) bool) {
		for _, key := range keys {
			if row := t.rows[key]; row != nil && !yield(key, row) {
				return
			}
		}
	}
}

// keys are the keys in order. They are brought up to date here, and not with
// each row, so that adding and removing many rows is linear.
func (t *Table[T]) keys() []string {
	if len(t.fresh) == 0 && len(t.dead) == 0 {
		return t.sorted
	}
	slices.Sort(t.fresh)
	merged, old := make([]string, 0, len(t.rows)+len(t.dead)), t.sorted
	for _, key := range t.fresh {
		at, _ := slices.BinarySearch(old, key)
		merged = append(append(merged, old[:at]...), key)
		old = old[at:]
	}
	merged = append(merged, old...)
	if len(t.dead) > 0 {
		merged = slices.DeleteFunc(merged, func(key string) bool { return t.rows[key] == nil })
	}
	t.sorted, t.fresh, t.dead = merged, nil, nil
	return t.sorted
}

// under are the keys that begin so, in order.
func (t *Table[T]) under(prefix string) []string {
	keys := t.keys()
	from, _ := slices.BinarySearch(keys, prefix)
	until := from
	for until < len(keys) && strings.HasPrefix(keys[until], prefix) {
		until++
	}
	return slices.Clone(keys[from:until])
}

func (t *Table[T]) touch(key string) {
	if t.touched == nil {
		t.touched = map[string]struct{}{}
	}
	t.touched[key] = struct{}{}
	t.unfile(key)
}

// persistent is a table without its type, for the store.
type persistent interface {
	keys() []string
	changes() []string
	changed() bool
	forget()
	settle()
	reset()
	row(key string) any // nil when there is none
	load(key string, data json.RawMessage) error
	drop(key string)
}

func (t *Table[T]) changes() []string { return slices.Sorted(maps.Keys(t.touched)) }
func (t *Table[T]) changed() bool     { return len(t.touched) > 0 }

// forget ends a call: what was handed out for changing is not changed any more.
func (t *Table[T]) forget() {
	clear(t.touched)
	t.settle()
}

// settle files the rows that were handed out, to none of which a pointer is left.
func (t *Table[T]) settle() {
	for _, index := range t.indexes {
		index.settle()
	}
}

func (t *Table[T]) reset() {
	*t = Table[T]{indexes: t.indexes}
	for _, index := range t.indexes {
		index.reset()
	}
}

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
	for _, index := range t.indexes {
		index.read = append(index.read, key)
	}
	return nil
}

func (t *Table[T]) drop(key string) { t.Delete(key) }
