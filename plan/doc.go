// Package plan holds the nouns of the tool — Stack, Resource, Plan, Step — and
// the one decision it makes: what has to change so that the live stack becomes
// the wanted one.
//
// It performs no I/O and depends on neither AWS nor compose. What it needs to
// know about a kind of resource is given to it as Rules, which package
// plan/spec defines.
package plan
