package main

import (
	"context"
	"errors"
	"testing"

	"github.com/compose2fargate/compose2fargate/internal/fault"
)

func TestAnInterruptEndsWorkThatDoesNotEnd(t *testing.T) {
	begun, end := make(chan bool), make(chan bool)
	defer close(end)
	ctx, interrupt := context.WithCancel(t.Context())
	go func() {
		<-begun
		interrupt()
	}()
	got, err := untilInterrupted(ctx, func() string {
		close(begun)
		<-end
		return "late"
	})
	if got != "" || !errors.Is(err, context.Canceled) {
		t.Errorf("%q, %v; want nothing, interrupted", got, err)
	}
}

func TestWorkThatEndsIsAnswered(t *testing.T) {
	got, err := untilInterrupted(t.Context(), func() string { return "done" })
	if got != "done" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	var mistake *fault.Error
	if _, err := untilInterrupted(t.Context(), func() string { panic("of a test") }); !errors.As(err, &mistake) {
		t.Errorf("a panic: %v", err)
	}
}
