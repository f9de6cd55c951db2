// Command compose2fargate plans and applies a compose file as services on AWS
// Fargate. It holds the flags, the wiring and the exit codes, and is the only
// part that writes to a terminal.
//
// The way of the data is translate.Load (session.go), Account.Facts,
// Project.Stack, Account.Read, plan.Diff (session.plan in plan.go), Plan.Text or
// Encode, and on another day plan.Decode and apply.Run (apply.go).
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
)

func main() { os.Exit(mainCode()) }

// thrifty lets the heap grow by less than Go's 100 percent before it is collected: a
// plan of 1,000 services takes a tenth less memory, which runners of pull requests have
// little of, and hardly more processor time.
const thrifty = 75

// mainCode runs the command line with what the process was given. A second
// interrupt ends the process at once.
func mainCode() int {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(thrifty)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	return run(ctx, terminal{in: os.Stdin, out: os.Stdout, err: os.Stderr, environ: os.Environ()}, os.Args[1:])
}
