// Package apply applies a plan: it runs the steps in their order, independent
// ones in parallel, and waits for each deployment that it started. It makes no
// decisions and does not know AWS.
package apply
