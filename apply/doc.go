// Package apply carries out a plan: in the order of its steps, side by side
// where nothing speaks against it, and waiting for each deployment that it
// caused. It decides nothing and knows no AWS.
package apply
