package spec

import (
	"io/fs"
	"slices"
	"strings"

	"github.com/compose2fargate/compose2fargate/content"
)

// ImageSource is the payload of an image: what it is made from. Exactly one of
// Build and Base is set.
type ImageSource struct {
	Build *BuildSource
	// Base is the reference of the image that is copied, with its digest where that
	// is known.
	Base string
	// Credentials is the ARN of a secret with the credentials of Base's registry;
	// "": as docker keeps them.
	Credentials string
	Files       []FileSource // the layer on top, by path; nil: none
}

// BuildSource is a build as `docker buildx build` takes it. Paths are absolute.
type BuildSource struct {
	Service            string            // whose image it is
	Context            string            // a directory, or the URL of a repository
	Dockerfile         string            // "" with DockerfileInline
	DockerfileInline   string            // the text of a Dockerfile
	Args               map[string]string // build arguments that have a value
	Target             string            // "": the last stage
	Platform           string            // linux/amd64 or linux/arm64
	AdditionalContexts map[string]string // by name: directories, URLs, docker-image://…
	Labels             map[string]string
	Secrets            []BuildSecret
	SSH                []string // ID or ID=PATH
	CacheFrom, CacheTo []string
	Network            string
	Pull, NoCache      bool
	ExtraHosts         []string // HOST=ADDRESS
	ShmSize            int64    // bytes; 0: the builder's
	Ulimits            []string // NAME=SOFT:HARD
	Entitlements       []string
	Privileged         bool
	Machine            content.Machine // on which the contexts are
}

// RemoteContext says whether a build context is somewhere else than in a directory
// of this machine: a Git repository, an archive, another image or another service.
// It is as compose has it (compose-go, paths/context.go).
func RemoteContext(location string) bool {
	prefixes := []string{"git@", "github.com/", "service:"}
	return strings.Contains(location, "://") ||
		slices.ContainsFunc(prefixes, func(prefix string) bool { return strings.HasPrefix(location, prefix) })
}

// BuildSecret is a secret that a build may read. Exactly one of File and Env is
// set and says where it comes from.
type BuildSecret struct{ ID, File, Env string }

// FileSource is a file of an image layer with where its content is. Exactly one
// of Content and File is set for a file; neither for a directory or a link.
type FileSource struct {
	ImageFile
	Content []byte
	File    string      // an absolute path on this machine
	Secret  bool        // it holds secrets, and is hidden in the spec: see HideFile
	Perm    fs.FileMode // permission bits, setuid and setgid
}
