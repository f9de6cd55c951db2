package main

import (
	"context"
	"errors"

	"github.com/compose2fargate/compose2fargate/apply"
)

// The exit codes of the commands. apply.ExitCode has those of a failed apply.
const (
	codeDone       = 0
	codeError      = 1
	codeChanges    = 2 // plan --detailed-exitcode
	codeBlocked    = 3
	codeStale      = 4
	codeDeployment = 5
	codeStopped    = 130
)

// exitError ends the command with a code of its own. A nil Err means that all
// was said already.
type exitError struct {
	Code int
	Err  error
}

func (e *exitError) Error() string {
	if e.Err == nil {
		return ""
	}
	return e.Err.Error()
}

func (e *exitError) Unwrap() error { return e.Err }

// ended is the error of a command that has printed why it ends.
func ended(code int) error { return &exitError{Code: code} }

func exitCode(ctx context.Context, err error) int {
	var own *exitError
	switch {
	case err == nil:
		return codeDone
	case errors.As(err, &own):
		return own.Code
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		return codeStopped
	default:
		return apply.ExitCode(err)
	}
}
