package translate

import (
	"path"
	"slices"
	"strings"

	"github.com/distribution/reference"

	"github.com/compose2fargate/compose2fargate/internal/table"
)

// imageNaming is a reference to an image, taken apart as docker does: nginx is that of docker.io/library.
type imageNaming struct {
	registry   string // docker.io where none is written
	repository string // in the registry: library/nginx, bitnami/redis
	tag        string
	last       string // the last part of the repository: nginx
	lastTwo    string // its last two parts: library/nginx
}

// nameOf takes a reference apart, in lower case. What is no reference, because a variable of it is not set,
// say, is taken apart as far as it goes.
func nameOf(image string) imageNaming {
	return namings(image)
}

// namings are what nameOf found: a stack asks for each of its images hundreds of times.
var namings = table.ByText(takenApart)

func takenApart(image string) imageNaming {
	image, _, _ = strings.Cut(strings.ToLower(image), "@")
	name, tag := image, ""
	if at := strings.LastIndexByte(image, ':'); at > strings.LastIndexByte(image, '/') {
		name, tag = image[:at], image[at+1:]
	}
	named, err := reference.ParseNormalizedNamed(name)
	if err != nil {
		return naming("", name, tag)
	}
	return naming(reference.Domain(named), reference.Path(named), tag)
}

func naming(registry, repository, tag string) imageNaming {
	last := ""
	if repository != "" {
		last = path.Base(repository)
	}
	return imageNaming{registry, repository, tag, last, path.Join(path.Base(path.Dir(repository)), last)}
}

// mirrors are registries, with what is before the repository in them, that have the images of Docker Hub
// ("Docker official images now available on Amazon ECR Public"; "Pull cached Docker Hub images" of Artifact
// Registry), and elsewhere those of a publisher under the name that it has there.
var (
	mirrors    = map[string]string{"docker.io": "", "public.ecr.aws": "docker/", "mirror.gcr.io": ""}
	publishers = map[string][]string{"lscr.io": {"linuxserver"}, "ghcr.io": {"linuxserver", "element-hq"}}
)

// hub is the repository of an image of Docker Hub, as its pages have it: nginx, bitnami/redis; of others it
// is the whole name.
func (n imageNaming) hub() string {
	before, mirrored := mirrors[n.registry]
	repository, under := strings.CutPrefix(n.repository, before)
	owner, _, _ := strings.Cut(n.repository, "/")
	switch {
	case n.registry == "", slices.Contains(publishers[n.registry], owner):
		return n.repository
	case mirrored && under:
		return strings.TrimPrefix(repository, "library/")
	default:
		return n.registry + "/" + n.repository
	}
}

// tagged is the hub's name with its tag, where one is written.
func (n imageNaming) tagged() string {
	if n.tag == "" {
		return n.hub()
	}
	return n.hub() + ":" + n.tag
}
