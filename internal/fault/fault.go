// Package fault turns a panic, which is a mistake of this program, into an error that says
// so. Go ends the process for a panic of a goroutine that nobody recovers there.
package fault

import (
	"fmt"
	"path"
	"runtime"
	"strings"
)

// Error is a mistake of this program, and not of who uses it.
type Error struct {
	What  string // without any value of a file
	Where string // FILE:LINE of the function of ours that failed
}

func (e *Error) Error() string { return e.What + " at " + e.Where }

// Catch is deferred by a function that returns err: it makes its panic the error.
func Catch(err *error) {
	if value := recover(); value != nil {
		*err = of(value)
	}
}

// of is the error of a panic. One that was carried here from another goroutine stays.
func of(value any) *Error {
	if carried, ok := value.(*Error); ok {
		return carried
	}
	return &Error{What: what(value), Where: where()}
}

// what is the text of an error of Go itself. Others may have worded theirs with what is
// in a file, and that may be a secret: of these only the type is told.
func what(value any) string {
	if e, ok := value.(runtime.Error); ok {
		return strings.TrimPrefix(e.Error(), "runtime error: ")
	}
	return fmt.Sprintf("a panic with a %T", value)
}

const module = "github.com/compose2fargate/compose2fargate/"

// where is the innermost function of this module below the panic.
func where() string {
	callers := make([]uintptr, 64)
	frames := runtime.CallersFrames(callers[:runtime.Callers(1, callers)])
	panicked := false
	for {
		frame, more := frames.Next()
		if panicked && (strings.HasPrefix(frame.Function, module) || strings.HasPrefix(frame.Function, "main.")) {
			return fmt.Sprintf("%s/%s:%d", path.Dir(strings.TrimPrefix(frame.Function, module)), path.Base(frame.File), frame.Line)
		}
		panicked = panicked || frame.Function == "runtime.gopanic"
		if !more {
			return "an unknown place"
		}
	}
}
