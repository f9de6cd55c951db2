// Package plan holds the nouns of the tool — Stack, Resource, Plan, Step — and
// the one decision it makes: what has to change so that the live stack becomes
// the desired one.
//
// It performs no I/O and knows neither AWS nor compose. What it must know of a
// kind of resource comes to it as Rules, written in package plan/spec.
package plan
