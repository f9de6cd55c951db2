package translate

import (
	"archive/tar"
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/base64"
	"errors"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/compose2fargate/compose2fargate/content"
	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/translate/xfargate"
)

// delivery brings secrets and files to containers whose images do not have them,
// by a helper container that ends before they start.
type delivery struct {
	*base
	*images
	secrets *secrets
	// mirrors says whether the helper's image is copied to the project's own registry:
	// where tasks reach no other one, and where images are pushed there anyway.
	mirrors func() bool
}

func newDelivery(images *images, secrets *secrets) *delivery {
	mirrors := func() bool {
		makes := func(k *task) bool { return slices.ContainsFunc(k.containers(), images.isMade) }
		return images.facts.Isolated || slices.ContainsFunc(images.tasks, makes)
	}
	return &delivery{images.base, images, secrets, sync.OnceValue(mirrors)}
}

// helperImage is what containers of ours run that only move files: the busybox of
// the Docker Official Images in Amazon's public registry, version 1.37.0, an index with
// amd64 and arm64.
const helperImage = "public.ecr.aws/docker/library/busybox@sha256:9532d8c39891ca2ecde4d30d7710e01fb739c87a8b9299685c63704296b16028"

// helperRepository is the repository of the copy of it; no service has a slash in
// its name.
const helperRepository = "helpers/busybox"

// helper is the image of such a container in a task.
func (t *delivery) helper(k *task) plan.Value {
	if !t.mirrors() {
		return plan.Literal(helperImage)
	}
	return t.mirrored(k)
}

// mirrored is the copy of the helper's image in the project's own registry.
func (t *delivery) mirrored(k *task) plan.Value {
	architecture := t.architecture(k)
	address := plan.Address{Kind: spec.ImageKind, Name: helperRepository}
	if architecture != "X86_64" {
		address.Name += "-" + strings.ToLower(architecture)
	}
	if t.made[address] == "" {
		source := t.At("services")
		out := &spec.Image{Repository: t.repository(helperRepository, source), Platform: platforms[architecture], Base: helperImage}
		out.Tag = imageTag(out)
		t.made[address] = out.Tag
		r := t.add(address, source, out)
		r.Payload, r.Origins = &spec.ImageSource{Base: helperImage}, from(diag.Path{"services"})
	}
	return plan.RefTo(address, "uri", "")
}

// delivers says whether a helper brings files to the containers of a task.
func (t *delivery) delivers(k *task) bool {
	return slices.ContainsFunc(k.containers(), func(s container) bool {
		return len(t.secrets.of(s).files) > 0 || len(t.inlineTrees(s)) > 0 || len(t.fileLayers.unseeded(s)) > 0
	})
}

// inlineTrees are the file trees that stand in the task definition.
func (t *delivery) inlineTrees(s container) []fileTree { return t.fileLayers.trees(s, xfargate.Inline) }

// deliveryVolume is a directory of scratch storage that the helper fills for a container.
type deliveryVolume struct {
	volume string // as the task definition calls it
	dir    string // where the container mounts it
	path   diag.Path
}

// volumesFor are the directories of a container in which files appear, sorted, none
// within another: for a directory that is mounted itself, for a file the one that
// it is in, or the one that a link leads to.
func (t *delivery) volumesFor(s container) []deliveryVolume {
	var wanted []deliveryVolume
	want := func(target string, place diag.Path) {
		d := deliveryVolume{dir: path.Dir(target), path: place}
		if t.fileLayers.placed(s, target) != target {
			d.dir = linkDirectory
		}
		wanted = append(wanted, d)
	}
	for _, f := range t.secrets.of(s).files {
		want(f.target, f.path)
	}
	for _, f := range t.inlineTrees(s) {
		if isMountedDirectory(f) {
			wanted = append(wanted, deliveryVolume{dir: f.target, path: f.path})
			continue
		}
		want(f.target, f.path)
	}
	slices.SortStableFunc(wanted, func(a, b deliveryVolume) int { return cmp.Compare(a.dir, b.dir) })
	var out []deliveryVolume
	for _, d := range wanted {
		if !slices.ContainsFunc(out, func(o deliveryVolume) bool { return within(d.dir, o.dir) }) {
			d.volume = ecsName(t.volumeOwner(s) + ":" + d.dir) // no name of a volume has a colon
			out = append(out, d)
		}
	}
	return out
}

// volumeOwner is the service whose directories a container mounts: a step of
// pre_start mounts those of its service if it has the same files.
func (t *delivery) volumeOwner(s container) string {
	if s.step == nil {
		return s.Name
	}
	service := container{ServiceConfig: s.step.service}
	own, ownTrees := t.secrets.of(s).files, t.inlineTrees(s)
	theirs, theirTrees := t.secrets.of(service).files, t.inlineTrees(service)
	sameFile := func(a, b secretFile) bool {
		return a.target == b.target && a.mode == b.mode && a.uid == b.uid && a.gid == b.gid && a.value == b.value
	}
	sameTree := func(a, b fileTree) bool {
		return a.target == b.target && a.source == b.source && a.mode == b.mode && a.uid == b.uid && a.gid == b.gid && bytes.Equal(a.content, b.content)
	}
	if slices.EqualFunc(own, theirs, sameFile) && slices.EqualFunc(ownTrees, theirTrees, sameTree) {
		return s.Name
	}
	return s.key()
}

// deliveredTo are the mounts of what the helper brings, and what a container waits
// for then.
func (t *delivery) deliveredTo(k *task, s container) ([]spec.MountPoint, []spec.ContainerDependsOn) {
	t.sayNested(s)
	drops := t.volumesFor(s)
	if len(drops) == 0 && len(t.fileLayers.unseeded(s)) == 0 {
		return nil, nil
	}
	var mounts []spec.MountPoint
	for _, d := range drops {
		mounts = append(mounts, spec.MountPoint{SourceVolume: d.volume, ContainerPath: d.dir, ReadOnly: true})
		t.sayHidden(s, d)
	}
	return mounts, []spec.ContainerDependsOn{{ContainerName: t.helperName(k), Condition: "SUCCESS"}}
}

// sayHidden reports what is hidden by the mount of a directory in which a file appears
// that no link can lead to.
func (t *delivery) sayHidden(s container, d deliveryVolume) {
	directory := slices.ContainsFunc(t.inlineTrees(s), func(f fileTree) bool { return f.target == d.dir })
	switch over := t.fileLayers.mountOver(s, d.dir); {
	case over == d.dir:
		t.errorf(d.path, "give it a target that is not in "+over+", such as /run/secrets/NAME",
			"%s is mounted twice: what appears there is delivered through a mount of its own", d.dir)
	case d.dir == secretsDirectory, d.dir == linkDirectory, directory:
	case over != "":
		t.warnf(d.path, "give it a target that is not in "+over+", such as /run/secrets/NAME",
			"what is in %s of the volume is hidden, because this file is delivered through a mount of that directory", d.dir)
	case t.fileLayers.isOfImage(s, d.dir):
		t.errorf(d.path, "remove x-fargate.files: inline, so that the image gets a link to the file, or give it a target in a directory of its own",
			"the image's files in %s would be hidden: without a layer of the image, a file is delivered through a mount of its directory", d.dir)
	default:
		t.warnf(d.path, "remove x-fargate.files: inline, or give the file a directory of its own",
			"the image's files in %s are hidden, because this file is delivered through a mount of that directory", d.dir)
	}
}

// helperName is the name of the container that brings files to a task.
func (p *Project) helperName(k *task) string {
	name := k.name() + "-files"
	if p.HasService(name) {
		name = k.name() + ":files" // no service has a colon
	}
	return ecsName(name)
}

// addHelper puts a container into a task that writes files for the others, and
// ends before they begin.
func (t *delivery) addHelper(k *task, d *spec.TaskDefinition) {
	if !t.delivers(k) {
		return
	}
	if len(d.ContainerDefinitions) >= maxContainers {
		t.errorf(at(k.name()), "give some of them a task of their own",
			"%d containers plus the file-delivery helper exceed the ECS limit of %d per task", len(d.ContainerDefinitions), maxContainers)
	}
	c := t.helperContainer(k)
	for _, m := range c.MountPoints {
		if strings.HasPrefix(m.ContainerPath, spec.HelperPlace) {
			continue // a volume that others mount
		}
		d.Volumes = append(d.Volumes, spec.Volume{Name: m.SourceVolume})
	}
	d.ContainerDefinitions = append(d.ContainerDefinitions, c)
	t.formerlyUnlinked(k, c)
}

// helperContainer mounts what the others mount of it, each under its name.
func (t *delivery) helperContainer(k *task) spec.Container {
	c := spec.Container{
		Name: t.helperName(k), Image: t.helper(k), ReadonlyRootFilesystem: true,
		LogConfiguration: toLogGroup(t.base, k.name()), User: "0",
	}
	script := []string{"set -eu", "umask 022"}
	for _, s := range k.containers() {
		if s.step != nil && t.volumeOwner(s) == s.Name {
			continue // what its service has
		}
		drops := t.volumesFor(s)
		for _, drop := range drops {
			c.MountPoints = append(c.MountPoints, spec.MountPoint{SourceVolume: drop.volume, ContainerPath: "/" + drop.volume})
			script = append(script, "chmod 0755 "+quote("/"+drop.volume))
		}
		script = append(script, t.secretLines(s, drops, &c)...)
		script = append(script, t.inlineLines(s, drops, &c)...)
	}
	nested := t.fileLayers.helperNested(k)
	mounts, place := nestedMounts(nested, 1)
	c.MountPoints = append(c.MountPoints, mounts...)
	script = append(script, linkLines(nested, c.Name, place, t.fileLayers.isFilledByOthers)...)
	c.EntryPoint = []string{"sh", "-c"}
	c.Command = []string{strings.Join(script, "\n")}
	return c
}

// secretLines write the secrets of a container; the values come in variables.
func (t *delivery) secretLines(s container, drops []deliveryVolume, c *spec.Container) []string {
	var out []string
	for _, f := range t.secrets.of(s).files {
		file, ok := inDeliveryVolume(t.fileLayers.placed(s, f.target), drops)
		if !ok {
			continue
		}
		if line := "mkdir -p " + quote(path.Dir(file)); strings.Count(file, "/") > 2 && !slices.Contains(out, line) {
			out = append(out, line)
		}
		from := "printf ''"
		if f.value != nil {
			name := secretName(c, f.value.ref)
			from = `printf %s "$` + name + `"`
			if f.value.binary {
				from += " | base64 -d"
			}
		}
		out = append(out, from+" > "+quote(file))
		if f.uid != 0 || f.gid != 0 {
			out = append(out, "chown "+strconv.Itoa(f.uid)+":"+strconv.Itoa(f.gid)+" "+quote(file))
		}
		out = append(out, "chmod "+f.mode+" "+quote(file))
	}
	return out
}

// secretName is the variable in which the helper gets a value.
func secretName(c *spec.Container, ref plan.Value) string {
	for _, known := range c.Secrets {
		if known.ValueFrom.String() == ref.String() {
			return known.Name
		}
	}
	name := "SECRET_" + strconv.Itoa(len(c.Secrets)+1)
	c.Secrets = append(c.Secrets, spec.ContainerSecret{Name: name, ValueFrom: ref})
	return name
}

// inDeliveryVolume is where the helper sees a file of a container.
func inDeliveryVolume(target string, drops []deliveryVolume) (string, bool) {
	for _, d := range drops {
		if within(target, d.dir) {
			return path.Clean("/" + d.volume + strings.TrimPrefix(target, d.dir)), true
		}
	}
	return "", false
}

// inlineLines unpack the files of a container that stand in the task definition,
// gzip and base64 in a variable.
func (t *delivery) inlineLines(s container, drops []deliveryVolume, c *spec.Container) []string {
	trees := t.inlineTrees(s)
	for i, f := range trees {
		if !isMountedDirectory(f) {
			trees[i].target = t.fileLayers.placed(s, f.target)
		}
	}
	files, size := t.fileLayers.collect(trees)
	if len(files) == 0 {
		return nil
	}
	if size > maxInline {
		t.errorf(trees[0].path, "remove x-fargate.files: inline, so that the files go into a layer of the image",
			"%s of files: a task definition holds at most %s in total", bytesText(size), bytesText(maxDefinition))
		return nil
	}
	packed, err := pack(files, drops)
	if err != nil {
		t.errorf(trees[0].path, "make it readable", "the files cannot be read: %s", reason(err))
		return nil
	}
	if slices.ContainsFunc(files, func(f spec.FileSource) bool { return f.Secret }) {
		t.concealed = append(t.concealed, packed)
		t.warnf(trees[0].path, "deliver the file with secrets, or remove x-fargate.files: inline",
			"files with secrets stand in the task definition: plans hide them, and whoever may describe the task definition reads them")
	}
	name := "FILES_" + strconv.Itoa(len(c.Environment)+1)
	c.Environment = append(c.Environment, spec.EnvironmentEntry{Name: name, Value: plan.Literal(packed)})
	return []string{`printf %s "$` + name + `" | base64 -d | tar -xzpf - -C /`}
}

// repositories are the ARNs of the ECR repositories that the images of tasks are
// in: our own, and those that the files name.
func (t *delivery) repositories(tasks []*task) []plan.Value {
	found := map[string]plan.Value{}
	for _, k := range tasks {
		for _, s := range k.containers() {
			for _, arn := range t.repositoriesOf(s) {
				found[arn.String()] = arn
			}
		}
		if t.delivers(k) && t.mirrors() || t.isRun(k) && t.facts.Isolated {
			arn := t.repositoryArn(helperRepository)
			found[arn.String()] = arn
		}
	}
	return sortedValues(found)
}

// maxInline, in bytes, is more than any task definition holds compressed.
const maxInline = 4 << 20

// pack makes a tar archive of files as the helper sees them. It has no times.
func pack(files []spec.FileSource, drops []deliveryVolume) (string, error) {
	var out bytes.Buffer
	packed, _ := gzip.NewWriterLevel(&out, gzip.BestCompression) // fails for another level only
	archive := tar.NewWriter(packed)
	for _, f := range files {
		if name, ok := inDeliveryVolume(f.Path, drops); ok {
			if err := packFile(archive, strings.TrimPrefix(name, "/"), f); err != nil {
				return "", err
			}
		}
	}
	err := errors.Join(archive.Close(), packed.Close())
	return base64.StdEncoding.EncodeToString(out.Bytes()), err
}

func packFile(archive *tar.Writer, name string, f spec.FileSource) error {
	header := &tar.Header{Name: path.Clean(name), Mode: content.Octal(f.Perm), Uid: f.UID, Gid: f.GID, Format: tar.FormatUSTAR}
	switch {
	case f.Link != "":
		header.Typeflag, header.Linkname = tar.TypeSymlink, f.Link
		return archive.WriteHeader(header)
	case f.Content == nil && f.File == "":
		header.Typeflag, header.Name = tar.TypeDir, header.Name+"/"
		return archive.WriteHeader(header)
	}
	content := f.Content
	if f.File != "" {
		var err error
		if content, err = os.ReadFile(f.File); err != nil {
			return err
		}
	}
	header.Typeflag, header.Size = tar.TypeReg, int64(len(content))
	if err := archive.WriteHeader(header); err != nil {
		return err
	}
	_, err := archive.Write(content)
	return err
}
