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
	"syscall"
)

func main() { os.Exit(mainCode()) }

// mainCode runs the command line with what the process was given. A second
// interrupt ends the process at once.
func mainCode() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	return run(ctx, terminal{in: os.Stdin, out: os.Stdout, err: os.Stderr, environ: os.Environ()}, os.Args[1:])
}
