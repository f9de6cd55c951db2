package translate

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/translate/compose"
)

// mount is a volume that a container mounts, and where the files say so.
type mount struct {
	service  container
	volume   string // as compose calls it, or the path of a bind mount; "" for an anonymous one
	store    store
	subpath  string // the directory in the volume that is mounted; "": all of it
	name     string // as the task definition calls it
	target   string
	readOnly bool
	noCopy   bool     // what the image has there is not wanted
	bound    bool     // it stands for a directory of a host
	memory   []string // the options of a directory in memory that is on the task's disk, see isNested; nil for others
	path     diag.Path
}

// lasts says whether what is written to it outlives the task.
func (m *mount) lasts() bool { return m.store.kind == ownStore || m.store.kind == existingStore }

// mountsOf are the volumes that a container mounts. What is in memory is none of
// them, nor what the key table refuses or leaves out.
func (t *storage) mountsOf(s container) []*mount {
	var out []*mount
	for i, v := range s.Volumes {
		m := &mount{service: s, volume: v.Source, target: v.Target, readOnly: v.ReadOnly, path: s.at("volumes", strconv.Itoa(i))}
		switch v.Type {
		case types.VolumeTypeVolume:
			m.ofVolume(t.Project, v)
		case types.VolumeTypeBind:
			m.ofBind(t.Project, t.bindOf(s.Name, v.Source, v.Target, v.ReadOnly))
		default:
			m.store.kind = noStore
		}
		if t.inMemory(v) && t.nestsFiles(s, v.Target) {
			m.onDisk(mountOptions(v, m.store.options))
		}
		if m.store.kind == noStore || m.store.kind == memoryStore || t.isShield(s, v.Target) {
			continue
		}
		if m.name == "" {
			m.name = ecsName(path.Join(m.volume, m.subpath))
		}
		out = append(out, m)
	}
	for i, text := range s.Tmpfs {
		if dir, options, _ := strings.Cut(text, ":"); t.nestsFiles(s, dir) {
			m := &mount{service: s, target: path.Clean(dir), path: s.at("tmpfs", strconv.Itoa(i))}
			m.onDisk(strings.Split(options, ","))
			out = append(out, m)
		}
	}
	return out
}

// onDisk makes scratch storage of a directory in memory, which no helper could mount.
func (m *mount) onDisk(options []string) {
	m.volume, m.subpath, m.store, m.memory = "", "", store{kind: scratchStore}, options
	m.name = ecsName(m.service.key() + ":" + m.target) // no name of a volume has a colon
}

// mountOptions are those of a directory in memory, as mount has them.
func mountOptions(v types.ServiceVolumeConfig, ofVolume string) []string {
	if v.Tmpfs != nil && v.Tmpfs.Mode != 0 {
		return []string{fmt.Sprintf("mode=%o", v.Tmpfs.Mode)}
	}
	return strings.Split(ofVolume, ",")
}

func (m *mount) ofVolume(p *Project, v types.ServiceVolumeConfig) {
	if v.Source == "" {
		m.store = store{kind: scratchStore}
		m.name = ecsName(m.service.Name + ":" + v.Target) // no name of a volume has a colon
		return
	}
	place, ok := p.binds.volumes[v.Source]
	if !ok {
		place = dataPlace{volume: v.Source, named: true}
	}
	m.in(p, place)
	if m.store.kind == memoryStore && p.sharedMemory(v.Source) {
		m.store = store{kind: scratchStore}
	}
	if v.Volume != nil {
		m.subpath = strings.Trim(path.Join("/", m.subpath, path.Clean("/"+v.Volume.Subpath)), "/")
		m.noCopy = v.Volume.NoCopy
	}
}

// in sets where the data is.
func (m *mount) in(p *Project, place dataPlace) {
	m.volume, m.subpath, m.bound = place.volume, place.subpath, !place.named
	if place.named {
		m.store = p.storeOf(place.volume)
		return
	}
	m.name = strings.TrimLeft(ecsName(m.volume), "-") // ends in a hash, for the path has a character of its own
	if m.name == "" || m.volume == "." {
		m.name = ecsName("bind:" + m.volume)
	}
}

func (m *mount) ofBind(p *Project, b bind) {
	if b.kind != bindVolume && b.kind != bindHostDir {
		m.store.kind = noStore
		return
	}
	m.in(p, b.dataPlace)
}

// taskMounts are the mounts of all containers of a task, those of its steps
// before the start included.
func (t *storage) taskMounts(k *task) []*mount {
	var out []*mount
	for _, s := range k.containers() {
		out = append(out, t.mountsOf(s)...)
	}
	return out
}

// lastingMounts are the mounts of data that outlives the task.
func (t *storage) lastingMounts(k *task) []*mount {
	return slices.DeleteFunc(t.taskMounts(k), func(m *mount) bool { return !m.lasts() })
}

// volumes are what the containers of a task mount, by name.
func (t *storage) volumes(k *task) []spec.Volume {
	t.sayMounts(k)
	found := map[string]spec.Volume{}
	for _, m := range t.taskMounts(k) {
		found[m.name] = spec.Volume{Name: m.name, EfsVolumeConfiguration: t.efsVolume(m)}
	}
	var out []spec.Volume
	for _, name := range sortedKeys(found) {
		out = append(out, found[name])
	}
	return out
}

// efsVolume is how ECS mounts a volume: encrypted on its way, and as the task
// role, which the policy of the file system wants.
func (t *storage) efsVolume(m *mount) *spec.EfsVolume {
	switch m.store.kind {
	case ownStore:
		return &spec.EfsVolume{
			FileSystemID:        t.fileSystemRef("id"),
			TransitEncryption:   "ENABLED",
			AuthorizationConfig: &spec.EfsAuthorization{AccessPointID: plan.RefTo(m.accessPoint(), "id", ""), Iam: "ENABLED"},
		}
	case existingStore:
		out := &spec.EfsVolume{
			FileSystemID:        plan.Literal(m.store.fileSystem),
			TransitEncryption:   "ENABLED",
			AuthorizationConfig: &spec.EfsAuthorization{Iam: "ENABLED"},
		}
		if m.store.accessPoint != "" {
			out.AuthorizationConfig.AccessPointID = plan.Literal(m.store.accessPoint)
			return out
		}
		if root := path.Join("/", m.store.root, m.subpath); root != "/" {
			out.RootDirectory = root
		}
		return out
	default:
		return nil
	}
}

func (t *storage) mountPoints(s container) []spec.MountPoint {
	var out []spec.MountPoint
	for _, m := range t.mountsOf(s) {
		out = append(out, spec.MountPoint{SourceVolume: m.name, ContainerPath: m.target, ReadOnly: m.readOnly})
	}
	return out
}

// sayMounts reports on the mounts of a task.
func (t *storage) sayMounts(k *task) {
	for _, s := range k.containers() {
		for _, m := range t.mountsOf(s) {
			t.sayMount(k, m)
		}
		t.warnDatabase(k, s)
	}
}

func (t *storage) sayMount(k *task, m *mount) {
	switch m.store.kind {
	case scratchStore:
		t.sayScratch(k, m)
	case existingStore:
		t.sayExisting(m)
	case ownStore:
		t.refuseDeep(m)
		if m.store.device != "" {
			t.warnf(diag.Path{"volumes", m.volume, "driver_opts"}, "copy the data there, for example from a task that mounts the volume or with AWS DataSync",
				"becomes a directory on EFS, which starts empty: the host's files in %s are not copied", t.pathText(m.store.device))
		}
		t.noteUnseeded(m)
		t.warnOwner(m)
	}
}

// refuseDeep refuses a subpath that EFS would.
func (t *storage) refuseDeep(m *mount) {
	dir := m.directory(t.Project)
	switch levels := strings.Count(dir, "/"); {
	case levels > maxLevels:
		t.errorf(m.path, "mount a parent directory", "%s is %d levels deep on EFS: a task can mount a directory at most %d levels deep", dir, levels, maxLevels)
	case len(dir) > maxPath:
		t.errorf(m.path, "mount a parent directory", "%s has %d characters: the path of a directory on EFS that a task mounts has at most %d", dir, len(dir), maxPath)
	}
}

// sayScratch says that what is written to a volume does not last.
func (t *storage) sayScratch(k *task, m *mount) {
	switch {
	case m.memory != nil:
		t.notef(m.path, "", "%s is on the disk of the task and not in memory, because files of the project are in it", m.target)
		return
	case m.volume == "" && keepsRecords(m.service.Image): // see warnForgets
		return
	case m.volume == "":
		t.notef(m.path, "give the volume a name to keep it", "data in %s is lost when the task stops: the volume has no name", m.target)
		return
	}
	t.notef(m.path, "", "data in volume %q is lost when the task stops", m.volume)
	t.mounts[m.volume] = append(t.mounts[m.volume], k)
}

// sayExisting speaks of a file system that is not of this stack.
func (t *storage) sayExisting(m *mount) {
	if m.subpath != "" && m.store.accessPoint != "" {
		t.errorf(m.path, "name an access point for that directory", "an access point is mounted as a whole: subpath is not supported")
	}
	t.sayOtherProject(m)
	if !slices.Contains(t.others, m.store.fileSystem) {
		t.others = append(t.others, m.store.fileSystem)
		t.notef(m.path, "", "file system %s is not part of this stack: its mount targets must allow port 2049 from the tasks' networks, "+
			"and its policy must allow their roles", m.store.fileSystem)
	}
}

// sayOtherProject speaks of files that belong to another project of this tool, whose
// services may write to them.
func (t *storage) sayOtherProject(m *mount) {
	owner := t.facts.FileSystems[m.store.fileSystem]
	switch {
	case owner == "" || m.readOnly:
	case isDatabasePlace(t.baseImage(m.service), m.target):
		t.errorf(m.path, "give it a volume of its own", "file system %s belongs to project %s: a database that uses a directory there beside another one destroys it", m.store.fileSystem, owner)
	default:
		t.warnf(m.path, "append :ro if the service only reads it", "file system %s belongs to project %s, whose services may write to the same files, and which deletes them with its own", m.store.fileSystem, owner)
	}
}

// warnShared says of scratch volumes that several tasks mount that each has its
// own.
func (t *storage) warnShared() {
	for _, volume := range sortedKeys(t.mounts) {
		path := diag.Path{"volumes", volume}
		first := t.mounts[volume][0]
		var services []string
		for _, k := range t.mounts[volume] {
			services = append(services, k.name())
		}
		slices.Sort(services)
		switch services = slices.Compact(services); {
		case len(services) > 1:
			t.warnf(path, "run them in one task with x-fargate.sidecar_of",
				"not shared: %s run in tasks of their own, and each gets an empty volume", compose.Quoted(services))
		case first.main.GetScale() > 1:
			t.warnf(path, "", "not shared: each of the %d tasks of %q gets an empty volume", first.main.GetScale(), first.name())
		}
	}
}

// warnDatabase speaks of a database whose files are on EFS: each write crosses the
// network and waits for several zones.
func (t *storage) warnDatabase(k *task, s container) {
	kind := t.kindOfImage(s)
	advice := adviceFor(kind)
	if advice == nil || s.step != nil {
		return
	}
	i := slices.IndexFunc(t.mountsOf(s), func(m *mount) bool { return m.lasts() && !m.readOnly && !strings.Contains(m.target, "initdb") })
	if i < 0 {
		t.warnForgets(s)
		return
	}
	path := t.mountsOf(s)[i].path
	t.warnf(path, advice.help, "%s", advice.text)
	if n := k.main.GetScale(); n > 1 {
		t.warnf(path, "write scale: 1", "%d tasks of a database write to the same files", n)
	}
}

// storageAdvice is what is said of a program that keeps data on EFS.
type storageAdvice struct{ text, help string }

// adviceFor is nil for an image that EFS is good enough for, as far as is known.
func adviceFor(kind string) *storageAdvice {
	const slow = "a database on EFS is slow: each write crosses the network"
	const elsewhere = "run it where it has a disk of its own, with x-fargate: {replaced_by: {host: HOST, port: PORT}} instead of a task"
	name := nameOf(kind).last
	instead, port := managedFor(kind)
	switch {
	case instead != "":
		return &storageAdvice{slow, "use " + instead + ", with x-fargate: {replaced_by: {host: HOST, port: " + strconv.Itoa(port) + "}} instead of a task"}
	case slices.Contains(databases().ObjectStorage, name):
		return &storageAdvice{"object storage on EFS is slow: each write crosses the network",
			"use Amazon S3, with x-fargate: {replaced_by: {host: s3.REGION.amazonaws.com, port: 443}} instead of a task, and x-fargate: {policies: [ARN]} for its clients"}
	case databases().NoNetworkFiles[name] != "":
		return &storageAdvice{slow + ", and " + name + " does not support network file systems at all", elsewhere}
	case slices.Contains(databases().Databases, name):
		return &storageAdvice{slow, elsewhere}
	default:
		return nil
	}
}

// beginEmpty are services of AWS in place of images whose data is often worth nothing
// after a restart: caches, queues, indexes.
var beginEmpty = []string{"Amazon ElastiCache", "Amazon MQ", "Amazon MSK", "Amazon OpenSearch Service"}

// keepsRecords says whether an image is that of a database which nobody wants empty.
func keepsRecords(image string) bool {
	instead, _ := managedFor(image)
	return instead != "" && !slices.Contains(beginEmpty, instead)
}

// databaseClients and databaseServers are programs of databases' images.
var (
	databaseClients = strings.Fields(`psql pg_dump pg_dumpall pg_restore pg_isready pg_basebackup createdb mysql mysqldump mysqladmin mariadb mariadb-dump
		mariadb-admin mongo mongosh mongodump mongorestore mongoimport mongoexport cqlsh influx redis-cli`)
	databaseServers = strings.Fields(`postgres mysqld mysqld_safe mariadbd mongod cassandra influxd docker-entrypoint.sh entrypoint.sh run.sh`)
	beforePrograms  = strings.Fields("sh bash ash -c -ec -lc exec until while if do then else ! time timeout")
)

// runsClient says whether a service with the image of a database runs a client of one that is elsewhere.
func runsClient(s container) bool {
	client := false
	for _, command := range commandsOf(slices.Concat(s.Entrypoint, s.Command)) {
		i := slices.IndexFunc(command, func(word string) bool { return !slices.Contains(beforePrograms, path.Base(word)) })
		if i >= 0 && slices.Contains(databaseServers, path.Base(command[i])) {
			return false
		}
		client = client || i >= 0 && slices.Contains(databaseClients, path.Base(command[i]))
	}
	return client
}

// warnForgets warns of a database that writes to the disk of its task, where docker has
// an anonymous volume that outlives a restart. A volume that is asked to be on that disk,
// or in memory, is the user's word.
func (t *storage) warnForgets(s container) {
	meant := len(s.Tmpfs) > 0 || slices.ContainsFunc(t.mountsOf(s), func(m *mount) bool { return m.volume != "" })
	if meant || !keepsRecords(t.kindOfImage(s)) || runsClient(s) {
		return
	}
	const text = "what the database writes is lost whenever its task stops, as it does with each deployment: "
	for _, m := range t.mountsOf(s) {
		if m.store.kind == scratchStore {
			t.warnf(m.path, "give the volume a name to keep it", text+"the volume has no name")
			return
		}
	}
	t.warnf(at(s.Name), "mount a volume with a name where it keeps its data", text+"it has no volume")
}
