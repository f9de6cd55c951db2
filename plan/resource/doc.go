// Package resource reads and writes AWS, with one file per kind of resource.
// The fields of a kind that matter, and their normal form, are defined in the
// file of the same name in plan/spec; the order of the steps is decided in
// package plan.
package resource
