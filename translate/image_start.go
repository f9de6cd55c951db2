package translate

// imageStart is what is known of how the image of a container starts.
type imageStart struct {
	entrypoint []string // nil: none
	known      bool     // the entrypoint is
	shell      bool     // it has /bin/sh
}
