// Package table reads the tables of facts that are embedded in this program as JSON.
package table

import (
	"bytes"
	"encoding/json"
	"sync"
)

// Of returns a function that decodes an embedded file when it is called first, and returns
// the same value each time: nobody changes it. It panics where the file, which is ours, has
// another form than T, or a field that T has not.
func Of[T any](file []byte) func() T {
	return sync.OnceValue(func() T {
		var out T
		decoder := json.NewDecoder(bytes.NewReader(file))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&out); err != nil {
			panic(err)
		}
		return out
	})
}

// mostTexts is how many texts ByText keeps in mind: more than an honest stack has.
const mostTexts = 10_000

// ByText returns a function that asks of once for each text and keeps the answer in mind,
// which depends on the text alone: stacks name the same images and variables again and
// again. Nobody changes an answer.
func ByText[T any](of func(text string) T) func(text string) T {
	var mu sync.Mutex
	known := map[string]T{}
	return func(text string) T {
		mu.Lock()
		defer mu.Unlock()
		answer, ok := known[text]
		if !ok {
			if len(known) >= mostTexts {
				clear(known)
			}
			answer = of(text)
			known[text] = answer
		}
		return answer
	}
}
