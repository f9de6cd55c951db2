package simulator

import (
	"container/heap"
	"iter"
	"slices"
)

// Index finds the rows of a table by something that is not their key, so that a
// call costs what it asks for and not what the account holds.
//
// Rows are changed through the pointers of Edit and Put, which the table cannot
// see. So a row that was handed out is filed again at each look-up until the call
// is over; those are few.
type Index[T any] struct {
	table *Table[T]
	of    func(key string, row *T) []string // what a row is found by
	filed map[string][]string               // by key of a row: what it was filed under
	keys  map[string][]string               // by what is looked for: the keys of rows, in order
	loose map[string]struct{}               // keys of rows that may have to be filed again
	read  []string                          // keys of rows that came from the file: to be filed once
	least *values                           // what rows are found by, the smallest first; nil unless ordered
}

// newIndex adds an index to a table: of says what a row is found by.
func newIndex[T any](t *Table[T], of func(key string, row *T) []string) *Index[T] {
	index := &Index[T]{table: t, of: of}
	index.reset()
	index.read = t.keys()
	t.indexes = append(t.indexes, index)
	return index
}

// ordered lets an index answer First.
func (x *Index[T]) ordered() *Index[T] {
	x.least = &values{}
	return x
}

// Of yields the rows that are found by this value, in the order of their keys,
// for reading. Rows may be added, changed and removed meanwhile.
func (x *Index[T]) Of(value string) iter.Seq2[string, *T] { return x.table.some(x.Keys(value)) }

// Keys are the keys of the rows that are found by this value, in order.
func (x *Index[T]) Keys(value string) []string {
	x.file()
	return slices.Clone(x.keys[value])
}

// Count is how many rows are found by this value.
func (x *Index[T]) Count(value string) int {
	x.file()
	return len(x.keys[value])
}

// Has tells whether a row is found by this value.
func (x *Index[T]) Has(value string) bool {
	x.file()
	return len(x.keys[value]) > 0
}

// First is the smallest value by which a row is found, "" when there is none.
func (x *Index[T]) First() string {
	x.file()
	for x.least.Len() > 0 {
		if value := (*x.least)[0]; len(x.keys[value]) > 0 {
			return value
		}
		heap.Pop(x.least)
	}
	return ""
}

// unfile notes that a row must be filed again.
func (t *Table[T]) unfile(key string) {
	for _, index := range t.indexes {
		index.loose[key] = struct{}{}
	}
}

// file brings the index up to date. Rows stay loose until the call is over.
func (x *Index[T]) file() {
	read := x.read
	x.read = nil
	for _, key := range read {
		x.refile(key)
	}
	for key := range x.loose {
		x.refile(key)
	}
}

func (x *Index[T]) refile(key string) {
	var values []string
	if row := x.table.rows[key]; row != nil {
		values = x.of(key, row)
	}
	have := x.filed[key]
	if slices.Equal(have, values) {
		return
	}
	for _, value := range have {
		x.remove(value, key)
	}
	for _, value := range values {
		x.add(value, key)
	}
	if len(values) == 0 {
		delete(x.filed, key)
	} else {
		x.filed[key] = values
	}
}

func (x *Index[T]) add(value, key string) {
	keys := x.keys[value]
	if len(keys) == 0 && x.least != nil {
		heap.Push(x.least, value)
	}
	if at, known := slices.BinarySearch(keys, key); !known {
		x.keys[value] = slices.Insert(keys, at, key)
	}
}

func (x *Index[T]) remove(value, key string) {
	keys := x.keys[value]
	at, known := slices.BinarySearch(keys, key)
	switch {
	case !known:
	case len(keys) == 1:
		delete(x.keys, value)
	default:
		x.keys[value] = slices.Delete(keys, at, at+1)
	}
}

// settle ends a call.
func (x *Index[T]) settle() {
	x.file()
	clear(x.loose)
}

func (x *Index[T]) reset() {
	x.filed, x.keys, x.loose, x.read = map[string][]string{}, map[string][]string{}, map[string]struct{}{}, nil
	if x.least != nil {
		x.least = &values{}
	}
}

// values is a heap of strings.
type values []string

func (v values) Len() int           { return len(v) }
func (v values) Less(i, j int) bool { return v[i] < v[j] }
func (v values) Swap(i, j int)      { v[i], v[j] = v[j], v[i] }
func (v *values) Push(value any)    { *v = append(*v, value.(string)) }

func (v *values) Pop() any {
	last := len(*v) - 1
	value := (*v)[last]
	*v = (*v)[:last]
	return value
}
