// Package resource reads and writes AWS, one file per kind of resource. What of
// a resource matters and what its normal form is stands in plan/spec, in the file
// of the same name; which step comes when is decided elsewhere.
package resource
