package main

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/compose2fargate/compose2fargate/internal/sensitive"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// keptSecret are the values that no error may repeat: those of the secrets and parameters of a
// stack and of its builds, which get theirs out of variables, and what plans mask in it, each
// whole and in parts. What is also a name in the stack is none.
func keptSecret(want *plan.Stack, variables map[string]string) []string {
	names := map[string]bool{want.Target.Project: true}
	for _, r := range want.Resources {
		names[r.Address.Name] = true
	}
	values := want.Masked()
	for _, r := range want.Resources {
		switch payload := r.Payload.(type) {
		case string:
			values = append(values, payload)
		case *spec.ImageSource:
			values = append(values, buildSecrets(payload.Build, variables)...)
		}
	}
	var out []string
	for _, value := range values {
		out = append(append(out, value), secretParts(value)...)
	}
	return slices.DeleteFunc(out, func(value string) bool { return names[value] })
}

// buildSecrets are what a builder may repeat.
func buildSecrets(b *spec.BuildSource, variables map[string]string) []string {
	if b == nil {
		return nil
	}
	var out []string
	for _, secret := range b.Secrets {
		if secret.Env != "" {
			out = append(out, variables[secret.Env])
		}
	}
	for name, value := range b.Labels {
		if sensitive.Is(name, value) {
			out = append(out, value)
		}
	}
	return out
}

// secretParts are the parts of a masked value that may be its secret, such as the password of
// an address: words of letters and digits together. Words of letters alone are most often those
// of the language around it.
func secretParts(value string) []string {
	var out []string
	for _, word := range strings.FieldsFunc(value, isBetweenWords) {
		for _, part := range append(strings.FieldsFunc(word, isBetweenParts), word) {
			if joined := joinedOption.FindString(part); joined != "" {
				out = append(out, part[len(joined):])
			}
			out = append(out, part)
		}
	}
	return slices.DeleteFunc(out, func(part string) bool { return len(part) < shortestKept || !hasBoth(part) })
}

// joinedOption is one that a value is written to.
var joinedOption = regexp.MustCompile(`^-\pL`)

func isBetweenWords(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune("\"'`", r) }

func isBetweenParts(r rune) bool { return strings.ContainsRune(`=:,;@&?#(){}[]<>|\/$`, r) }

func hasBoth(text string) bool {
	return strings.ContainsFunc(text, unicode.IsLetter) && strings.ContainsFunc(text, unicode.IsDigit)
}
