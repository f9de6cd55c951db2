//go:build !unix

package simulator

// lock does nothing where there is no flock: one process per state file there.
func lock(string) (unlock func() error, err error) {
	return func() error { return nil }, nil
}
