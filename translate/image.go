package translate

import (
	"encoding/json"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/translate/compose"
)

// images are those that are made for the project: built, copied, or with files of
// the project in them.
type images struct {
	*base
	*localFiles
	*imageFacts
	fileLayers *fileLayers
	made       map[plan.Address]string // the tags of those images
}

// newImages knows what is on this machine for images, and what registries say.
func newImages(b *base) *images {
	local, facts := &localFiles{b}, &imageFacts{b, map[*task]string{}}
	layers := &fileLayers{
		base: b, localFiles: local, storage: &storage{base: b, imageFacts: facts, mounts: map[string][]*task{}, saidShared: map[string]bool{}},
		layers: map[string][]spec.FileSource{}, saidPrivate: map[string]bool{},
	}
	return &images{b, local, facts, layers, map[plan.Address]string{}}
}

// image is the image that the container of a service runs: one in the project's
// own repository if the service is built, has files of its own or asks for a
// copy, else the published one.
func (t *images) image(k *task, s container) plan.Value {
	if !t.isMade(s) {
		return plan.Literal(t.pinned(s.Image))
	}
	out, source := t.madeOf(k, s)
	address := t.imageAddress(s, out.Tag)
	if t.made[address] == "" {
		t.made[address] = out.Tag
		r := t.add(address, t.imageSource(s), out)
		r.Payload, r.Origins, r.Blanks = source, t.imageOrigins(s.Name, out), t.blankConfigs(s)
	}
	return plan.RefTo(address, "uri", "")
}

// madeOf is the image that is made for a container, and from what.
func (t *images) madeOf(k *task, s container) (*spec.Image, *spec.ImageSource) {
	build, by := t.buildOf(s)
	files := t.fileLayers.layer(s)
	source := &spec.ImageSource{Files: files}
	out := &spec.Image{
		Repository: t.repository(s.Name, t.imageSource(s)),
		Platform:   platforms[t.architecture(k)],
	}
	if build != nil {
		b := t.buildSource(s, build, out.Platform)
		source.Build = &b
		out.Context = plan.Fact(by, "context", t.facts.Contexts[by]).String()
		for _, name := range sortedKeys(t.facts.ContextFiles[by]) {
			out.ContextFiles = append(out.ContextFiles, spec.ContextFile{Path: name, Hash: t.facts.ContextFiles[by][name]})
		}
	} else {
		out.Base = t.pinned(s.Image)
		source.Base, source.Credentials = out.Base, t.X.Service(s.Name).PullCredentials
	}
	for _, f := range files {
		out.Files = append(out.Files, t.reviewed(f))
	}
	out.Tag = imageTag(out)
	return out, source
}

// reviewed is a file as plans have it: of one with secrets no text, no size and a slow hash.
func (t *images) reviewed(f spec.FileSource) spec.ImageFile {
	if !f.Secret {
		return f.ImageFile
	}
	target := plan.Target{Partition: t.facts.Partition, Account: t.facts.Account, Region: t.facts.Region, Project: t.Name}
	if target.Account == "" {
		f.SHA256 = "" // a hash without a salt would tell it
	}
	return spec.HideFile(t.masker(target), f.ImageFile)
}

// isMade says whether a container runs an image of the project's own repository.
func (t *images) isMade(s container) bool {
	build, _ := t.buildOf(s)
	wanted := t.X.Service(s.Name).Copy
	return build != nil || len(t.fileLayers.layer(s)) > 0 || wanted != nil && *wanted
}

// imageAddress is image/SERVICE; of a step of pre_start that runs something else
// than its service image/SERVICE/pre-start-1. No service has a slash in its name.
func (t *images) imageAddress(s container, tag string) plan.Address {
	own := plan.Address{Kind: spec.ImageKind, Name: s.Name}
	if s.step == nil || t.made[own] == tag {
		return own
	}
	return plan.Address{Kind: spec.ImageKind, Name: s.key()}
}

// imageSource is where the files say what the image of a service is made of.
func (t *images) imageSource(s container) diag.Pos {
	return t.ofService(s.Name, "build", "configs", "volumes", "image")
}

// imageTag is a hash of all that an image is made of.
func imageTag(i *spec.Image) string {
	identity := []any{i.Platform, i.Base, i.Context}
	for _, f := range i.Files {
		identity = append(identity, []any{f.Path, f.Mode, f.UID, f.GID, f.Link, f.SHA256, f.Opaque})
	}
	text, err := json.Marshal(identity)
	if err != nil {
		panic(err) // it is texts and numbers
	}
	return digest(32, string(text))
}

// pinned replaces the tag of a reference by the digest that it had when it was
// looked up, NAME@DIGEST, so that what was reviewed is what runs even if the
// tag moves.
func (t *images) pinned(reference string) string {
	found := t.facts.Images[reference].Digest
	if found == "" || strings.Contains(reference, "@") {
		return reference
	}
	slash := strings.LastIndexByte(reference, '/')
	if tag := strings.LastIndexByte(reference, ':'); tag > slash {
		reference = reference[:tag]
	}
	return reference + "@" + found
}

// repository is the name of the ECR repository of a service or of a helper, which
// is made where it is not there yet.
func (t *images) repository(name string, source diag.Pos) plan.Value {
	address := repositoryAddress(name)
	text := repositoryName(t.Name, name)
	if !slices.ContainsFunc(t.resources, func(r *plan.Resource) bool { return r.Address == address }) {
		t.add(address, source, &spec.Repository{ // without a lifecycle policy: it does not know what runs
			RepositoryName: text,
			// a tag is a hash of what is in the image: it never means another one
			ImageTagMutability: "IMMUTABLE",
			ScanOnPush:         true,
			EncryptionType:     "AES256",
			Tags:               t.tags(),
		}).Origins = t.repositoryOrigins(name)
	}
	return plan.RefTo(address, "name", text)
}

func repositoryAddress(name string) plan.Address {
	return plan.Address{Kind: spec.RepositoryKind, Name: name}
}

// repositoryArn is what an execution role names.
func (t *images) repositoryArn(name string) plan.Value {
	return plan.RefTo(repositoryAddress(name), "arn", t.arn("ecr", "repository/"+repositoryName(t.Name, name)))
}

// ECR API reference, CreateRepository: 2 to 256 characters, lower case.
var (
	repositoryPattern  = regexp.MustCompile(`^(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*$`)
	repositoryRefused  = regexp.MustCompile(`[^a-z0-9]+`)
	maxRepositoryName  = 256
	minRepositoryName  = 2
	repositoryHashSize = 8
)

// repositoryName is P/S, or where ECR takes no such name something near it that
// ends in a hash of the whole.
func repositoryName(project, name string) string {
	whole := project + "/" + name
	if repositoryPattern.MatchString(whole) && len(whole) >= minRepositoryName && len(whole) <= maxRepositoryName && !hashed(whole) {
		return whole
	}
	suffix := "-" + digest(repositoryHashSize, whole)
	var parts []string
	for part := range strings.SplitSeq(strings.ToLower(whole), "/") {
		if part = strings.Trim(repositoryRefused.ReplaceAllString(part, "-"), "-"); part != "" {
			parts = append(parts, part)
		}
	}
	clean := strings.Join(parts, "/")
	return strings.TrimRight(clean[:min(len(clean), maxRepositoryName-len(suffix))], "-/") + suffix
}

// credentials are those with which ECS pulls an image that is not copied.
func (t *images) credentials(s container, image plan.Value) *spec.RepositoryCredentials {
	arn := t.X.Service(s.Name).PullCredentials
	if arn == "" || image.Ref != nil {
		return nil
	}
	return &spec.RepositoryCredentials{CredentialsParameter: arn}
}

// ImageUse is a published image that a service runs, or that one of its own is
// made from.
type ImageUse struct {
	Reference   string // as the files have it
	Platform    string // linux/amd64 or linux/arm64; "" where the files leave it open
	Credentials string // ARN of a secret with those of its registry; "": as docker keeps them
	Pull        bool   // pull_policy: always
	Base        bool   // a Dockerfile begins with it: it is wanted for what it says of itself, and builders find it themselves
	Path        string // where the files name it
	Pos         diag.Pos
}

// Images are the published images of active services, sorted by reference and
// place, that the caller should look up: the results belong into Facts.Images.
func (p *Project) Images() []ImageUse {
	t := newImages(newBase(p, plan.Facts{}))
	groupTasks(t.base)
	var out []ImageUse
	for _, k := range t.tasks {
		for _, s := range k.containers() {
			if build, _ := t.buildOf(s); build != nil {
				if use, ok := t.baseUse(s); ok {
					out = append(out, use)
				}
				continue
			}
			if s.Image == "" {
				continue
			}
			path := s.at("image")
			if t.inherited(path) {
				continue
			}
			out = append(out, ImageUse{
				Reference: s.Image, Platform: platforms[writtenPlatform(t.base, s)], Credentials: t.X.Service(s.Name).PullCredentials,
				Pull: s.PullPolicy == types.PullPolicyAlways, Path: compose.Dotted(path), Pos: t.At(path...),
			})
		}
	}
	slices.SortStableFunc(out, func(a, b ImageUse) int { return strings.Compare(a.Reference, b.Reference) })
	return out
}

// imageOrigins are those of the image of a service: each file comes from a config
// or a mount.
func (t *images) imageOrigins(service string, i *spec.Image) []plan.Origin {
	var out []plan.Origin
	for _, f := range i.Files {
		if from := t.fileOrigin(service, f.Path); from != nil {
			out = append(out, plan.Origin{Field: diag.Path{"files", f.Path}, From: from})
		}
	}
	return append(out, plan.Origin{From: at(service), Fields: plan.FieldOrigins{
		"":         {"build", "image"},
		"platform": {"x-fargate.platform", "platform", "build.platforms", "build", "image"},
	}})
}

func (t *images) fileOrigin(service, file string) []string {
	s := t.Compose.Services[service]
	file = t.fileLayers.seenAt(container{ServiceConfig: &s}, file)
	for i, c := range s.Configs {
		if targetOf(c.Target, "/", c.Source) == file {
			return at(service, "configs", strconv.Itoa(i))
		}
	}
	for i, c := range s.Secrets {
		if within(file, targetOf(c.Target, secretsDirectory, c.Source)) {
			return at(service, "secrets", strconv.Itoa(i))
		}
	}
	for i, v := range s.Volumes {
		if within(file, path.Clean(v.Target)) {
			return at(service, "volumes", strconv.Itoa(i))
		}
	}
	return nil
}

// ecrImage matches images in private registries: account, region, repository.
var ecrImage = regexp.MustCompile(`^(\d{12})\.dkr[.-]ecr(?:-fips)?\.([a-z0-9-]+)\.(?:amazonaws\.com(?:\.cn)?|on\.aws|on\.amazonwebservices\.com\.cn)/([a-z0-9._/-]+)`)

func (t *images) repositoriesOf(s container) []plan.Value {
	if t.isMade(s) {
		return []plan.Value{t.repositoryArn(s.Name)}
	}
	if found := ecrImage.FindStringSubmatch(s.Image); found != nil {
		return []plan.Value{plan.Literal("arn:" + t.partition() + ":ecr:" + found[2] + ":" + found[1] + ":repository/" + found[3])}
	}
	return nil
}

// repositoryOrigins are those of the repository of a service, or of a helper.
func (t *images) repositoryOrigins(name string) []plan.Origin {
	if !t.HasService(name) {
		return from(diag.Path{"services"})
	}
	return from(at(name), "build", "image")
}

// baseUse is the published image that the image of a container is built from, whose ports,
// user and volumes it has; not ok where there is none, or a variable decides.
func (t *images) baseUse(s container) (ImageUse, bool) {
	_, by := t.buildOf(s)
	image := t.builtImageOf(s)
	if image == nil || !isPublished(image.base()) || image.contextNamed(image.base()) != "" {
		return ImageUse{}, false
	}
	if _, own := t.builders()[withoutLatest(image.base())]; own {
		return ImageUse{}, false
	}
	path := at(by, "build")
	return ImageUse{
		Reference: image.base(), Platform: platforms[writtenPlatform(t.base, s)], Base: true, Path: compose.Dotted(path), Pos: t.At(path...),
	}, true
}
