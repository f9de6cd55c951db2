package translate

import (
	"cmp"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/translate/xfargate"
)

// storage are the volumes that last, and what else tasks mount. It comes after the
// networks, whose members reach the file system.
type storage struct {
	*base
	*imageFacts
	*network

	mounts     map[string][]*task // that mount a scratch volume, by volume
	saidShared map[string]bool    // of directories, that each service has its own copy
	others     []string           // file systems of others, which were spoken of
	targets    []plan.Address     // the mount targets of the project's file system, sorted

	isPublished func(*task) bool // whether load balancers lead to a task, which takes a security group
}

// fileStorage makes the file system of the project and what leads to it, where a
// task mounts a volume that lasts.
func (t *storage) fileStorage() {
	points := t.accessPoints()
	if len(points) == 0 {
		return
	}
	t.fileSystem(points)
	for _, name := range sortedKeys(points) {
		t.accessPoint(points[name])
	}
	t.storageGroup()
	t.mountTargets()
	t.warnNested(points)
}

// accessPoints are the mounts of directories on the project's file system, by the
// name of the access point that stands for it.
func (t *storage) accessPoints() map[string][]*mount {
	out := map[string][]*mount{}
	for _, k := range t.tasks {
		for _, m := range t.lastingMounts(k) {
			if m.store.kind == ownStore {
				name := m.accessPoint().Name
				out[name] = append(out[name], m)
			}
		}
	}
	return out
}

func (t *storage) fileSystemAddress() plan.Address {
	return plan.Address{Kind: spec.FileSystemKind, Name: t.Name}
}

func (t *storage) fileSystemRef(attr string) plan.Value {
	return plan.RefTo(t.fileSystemAddress(), attr, "")
}

// addressText is what addresses are made of.
var addressText = regexp.MustCompile(`[^A-Za-z0-9._/-]`)

// accessPoint is the address of that for a volume, or for a directory in it:
// named after the volume as compose has it, or after the path that was mounted.
func (m *mount) accessPoint() plan.Address {
	name := m.volume
	if m.subpath != "" {
		name += "/" + m.subpath
	}
	if clean := addressText.ReplaceAllString(name, "-"); clean != name {
		name = clean + "-" + digest(8, name)
	}
	return plan.Address{Kind: spec.AccessPointKind, Name: name}
}

// The directory of an access point has up to four levels and 100 characters, and
// no level begins with a dot (RootDirectory of the API reference).
const (
	maxLevels = 4
	maxPath   = 100
)

// directory is the directory of a volume on the file system: /VOLUME, or for a
// path of a host that is bound /@PATH, which cannot be the name of a volume. If
// one path contains another one, so do their directories, as far as EFS allows
// the depth.
func (m *mount) directory(p *Project) string {
	root := p.X.Volumes[m.volume].Root
	switch {
	case m.bound:
		return boundDirectory(path.Join(m.volume, m.subpath))
	case root != "":
		return path.Join("/", root, cleanLevels(m.subpath))
	default:
		return path.Join("/", cleanLevels(m.volume), cleanLevels(m.subpath))
	}
}

// efsLevels is what is allowed in the name of a directory, a bit less than EFS
// allows.
var efsLevels = alphabet{more: "._~-", max: 60, dotless: true}

func cleanLevels(name string) string { return efsLevels.fitLevels(strings.Trim(name, "/")) }

// hostTops are directories of a host whose subdirectories people create. They
// are never mounted as a whole, and so do not count as a level.
var hostTops = strings.Fields("~ etc export home media mnt opt private root share srv tmp usr Users var volume1 volume2")

// boundDirectory is the directory on EFS for a bound path of a host. It begins
// with @, has a + in the first level if the path is absolute, and +up for each
// .. at the beginning, so that no two paths and no volume get the same one. A
// path that is too deep for EFS is reduced to its first and last level and a
// hash.
func boundDirectory(name string) string {
	levels := strings.Split(strings.Trim(path.Clean(name), "/"), "/")
	for i := range levels {
		if levels[i] = efsLevels.fit(levels[i]); strings.HasPrefix(name, "..") && i < strings.Count(name, "../") {
			levels[i] = "+up"
		}
	}
	if len(levels) > 1 && slices.Contains(hostTops, levels[0]) && !strings.HasPrefix(name, ".") {
		levels = append([]string{levels[0] + "+" + levels[1]}, levels[2:]...)
	}
	if path.IsAbs(name) {
		levels[0] = "host+" + levels[0] // no level of a relative path has a +
	}
	levels[0] = "@" + levels[0]
	if out := "/" + strings.Join(levels, "/"); len(levels) <= maxLevels && len(out) <= maxPath {
		return out
	}
	// what is too deep stands under its last level alone
	first, end := levels[0], last(levels)
	return "/" + first[:min(len(first), 40)] + "/" + end[:min(len(end), 40)] + "-" + digest(8, name)
}

// warnNested reports mounted directories that contain one another on a host but
// not on EFS.
func (t *storage) warnNested(points map[string][]*mount) {
	var first diag.Path
	var names []string
	for _, name := range sortedKeys(points) {
		m := points[name][0]
		for _, other := range points {
			outer := other[0]
			if m.bound && outer.bound && outer.volume != m.volume && within(m.volume, outer.volume) && !within(m.directory(t.Project), outer.directory(t.Project)) {
				if names = append(names, m.volume); first == nil {
					first = m.path
				}
				break
			}
		}
	}
	if len(names) > 0 {
		t.warnf(first, "mount a common parent directory", "nested mounts deeper than the EFS limit of %d levels become separate directories: %s",
			maxLevels, listed(names))
	}
}

// accessPoint creates the access point of a volume. It does not force a user on
// clients: images change owners and users themselves, and EFS could not change
// the user later.
func (t *storage) accessPoint(mounts []*mount) {
	m := mounts[0]
	t.add(m.accessPoint(), t.mountSource(m), &spec.AccessPoint{
		FileSystemID: t.fileSystemRef("id"),
		Path:         m.directory(t.Project),
		Owner:        t.ownerOf(mounts),
		Tags:         t.tags(),
	}).Origins = t.accessPointOrigins(m)
}

// ownerOf is the owner of a volume's directory when it is created: as the files
// say, or else the user of the first container that writes to it. Docker would
// use the owner of the image's own directory, which is not known here.
func (t *storage) ownerOf(mounts []*mount) *spec.PathOwner {
	x := t.X.Volumes[mounts[0].volume]
	out := &spec.PathOwner{Permissions: "0755"}
	if !mounts[0].bound && x.Permissions != "" {
		out.Permissions = x.Permissions
	}
	for _, m := range mounts {
		if uid, gid, known := t.userOf(m.service); known && !m.readOnly {
			out.UID, out.GID = uid, gid
			break
		}
	}
	if x.UID != nil && !mounts[0].bound {
		out.UID, out.GID = *x.UID, *x.UID
	}
	if x.GID != nil && !mounts[0].bound {
		out.GID = *x.GID
	}
	return out
}

// mountPath is where the files ask for a volume.
func (t *storage) mountPath(m *mount) []string {
	if !m.bound && m.subpath == "" && t.Written("volumes", m.volume) {
		return diag.Path{"volumes", m.volume}
	}
	return m.path
}

func (t *storage) mountSource(m *mount) diag.Pos { return t.At(t.mountPath(m)...) }

// fileSystem is the file system of the project, with the settings of any of its
// volumes.
func (t *storage) fileSystem(points map[string][]*mount) {
	f := fileSystemOptions{base: t.base, given: map[string][2]string{}}
	for _, name := range sortedKeys(points) {
		if m := points[name][0]; !m.bound {
			f.take(m.volume)
		}
	}
	out := &spec.FileSystem{
		Encrypted:       true,
		KmsKeyID:        f.text("kms_key_id", ""),
		PerformanceMode: f.text("performance_mode", "generalPurpose"),
		Provisioned:     f.rate,
		// 30 days and back on the first access are what the console proposes
		TransitionToIA:      f.text("lifecycle_policy", "AFTER_30_DAYS"),
		TransitionToPrimary: "AFTER_1_ACCESS",
		Backup:              f.text("backup_policy", "ENABLED") == "ENABLED",
		FileSystemPolicy:    encryptedOnly(),
		Tags:                t.tags(),
	}
	if out.TransitionToIA == "NONE" {
		out.TransitionToIA, out.TransitionToPrimary = "", ""
	}
	// Elastic throughput is paid for by what is transferred. The default, bursting,
	// grows with what is stored, 50 KiB/s for each GiB: once the credits of an
	// almost empty file system are used up it crawls (AWS re:Post, "Which EFS
	// throughput mode is right"). It is what the EFS User Guide recommends
	// ("Managing file system throughput").
	out.ThroughputMode = f.text("throughput_mode", "elastic")
	if out.PerformanceMode == "maxIO" && out.ThroughputMode == "elastic" {
		out.ThroughputMode = "bursting" // elastic goes with generalPurpose only
	}
	out.Name = fileSystemName(t.Name, out.KmsKeyID, out.PerformanceMode)
	first := points[sortedKeys(points)[0]][0]
	t.add(t.fileSystemAddress(), t.mountSource(first), out).Origins = from(t.firstPath(diag.Path{"volumes"}, diag.Path{"services"}))
}

// fileSystemName is its creation token, which has up to 64 characters
// (CreateFileSystemInput, efs v1.41.18) and no other file system of the account.
func fileSystemName(project, key, mode string) string {
	a := alphabet{more: "._-", max: 64 - 7}
	return a.fit("compose2fargate-"+project) + "-" + digest(6, project, key, mode)
}

// fileSystemOptions are the settings of volumes for the file system that they
// share.
type fileSystemOptions struct {
	*base
	given map[string][2]string // value and the volume that gives it, by option
	rate  float64
}

func (f *fileSystemOptions) take(volume string) {
	x := f.X.Volumes[volume]
	for _, option := range [][2]string{
		{"backup_policy", x.Backup}, {"lifecycle_policy", x.Lifecycle}, {"kms_key_id", x.KmsKey},
		{"performance_mode", x.PerformanceMode}, {"throughput_mode", x.ThroughputMode},
		{"provisioned_throughput", strconv.FormatFloat(x.Throughput, 'f', -1, 64)},
	} {
		key, value := option[0], option[1]
		if value == "" || value == "0" {
			continue
		}
		if other, ok := f.given[key]; ok && other[0] != value {
			f.errorf(xfargate.OptionPath(f.Project.Project, diag.Path{"volumes", volume}, key), "write the same value for both volumes, or set it for only one of them",
				"volume %q has %s %s: all volumes are on one file system", other[1], key, other[0])
			continue
		}
		f.given[key] = [2]string{value, volume}
		if key == "provisioned_throughput" {
			f.rate = x.Throughput
		}
	}
}

func (f *fileSystemOptions) text(key, fallback string) string {
	return cmp.Or(f.given[key][0], fallback)
}

// What a client may do with a file system (EFS User Guide, "Using IAM to control
// access to file systems").
const (
	clientMount = "elasticfilesystem:ClientMount"
	clientWrite = "elasticfilesystem:ClientWrite"
	clientRoot  = "elasticfilesystem:ClientRootAccess"
)

// encryptedOnly refuses clients that do not encrypt. With a policy of its own a
// file system no longer lets in anonymous clients, who are allowed nothing here;
// task roles have policies that allow them what they need. A Resource is left
// out: it would be the file system itself.
func encryptedOnly() *spec.Policy {
	return &spec.Policy{Statement: []spec.Statement{{
		Sid:       "RefuseUnencrypted",
		Effect:    "Deny",
		Principal: map[string][]string{"AWS": {"*"}},
		Action:    []string{clientMount, clientWrite, clientRoot},
		Condition: map[string]map[string][]plan.Value{"Bool": {"aws:SecureTransport": {plan.Literal("false")}}},
	}}}
}

// allowVolumes lets the tasks mount what they mount of volumes that last.
func (t *storage) allowVolumes() {
	for _, k := range t.tasks {
		t.allow(k, "volumes", t.storageAccess(k)...)
	}
}

// storageAccess is what the role of a task may do with the volumes that it
// mounts: to reach them through their access points alone, as root too, since
// containers change users themselves.
func (t *storage) storageAccess(k *task) []spec.Statement {
	grants := map[string]*grant{}
	for _, m := range t.lastingMounts(k) {
		g := t.grantFor(m)
		key := g.fileSystem.String() + " " + g.accessPoint.String()
		if known := grants[key]; known != nil {
			known.write = known.write || g.write
			continue
		}
		grants[key] = g
	}
	var out []spec.Statement
	for _, key := range sortedKeys(grants) {
		out = grants[key].addTo(out)
	}
	return out
}

// grant is what a task may do with one access point, or with a whole file system.
type grant struct {
	fileSystem, accessPoint plan.Value // ARNs; the latter may be zero
	write                   bool
}

func (t *storage) grantFor(m *mount) *grant {
	g := &grant{fileSystem: t.fileSystemRef("arn"), write: !m.readOnly || t.nestsFiles(m.service, m.target)}
	switch {
	case m.store.kind == ownStore:
		g.accessPoint = plan.RefTo(m.accessPoint(), "arn", "")
	case m.store.accessPoint != "":
		g.accessPoint = plan.Literal(t.efsArn("access-point/" + m.store.accessPoint))
		fallthrough
	default:
		g.fileSystem = plan.Literal(t.efsArn("file-system/" + m.store.fileSystem))
	}
	return g
}

// accessPointKey is the condition key for the access point that a client uses
// (EFS User Guide, as above).
const accessPointKey = "elasticfilesystem:AccessPointArn"

// addTo adds a grant to the statement that differs in the access point alone, or
// makes one.
func (g *grant) addTo(statements []spec.Statement) []spec.Statement {
	actions := []string{clientMount, clientRoot}
	if g.write {
		actions = append(actions, clientWrite)
	}
	for _, s := range statements {
		if points := s.Condition["StringEquals"]; points != nil && !g.accessPoint.IsZero() &&
			slices.Equal(s.Action, actions) && s.Resource[0].String() == g.fileSystem.String() {
			points[accessPointKey] = append(points[accessPointKey], g.accessPoint)
			return statements
		}
	}
	// statements are known by their Sid
	s := allowed("MountVolumes"+strconv.Itoa(len(statements)+1), []plan.Value{g.fileSystem}, actions...)
	if !g.accessPoint.IsZero() {
		s.Condition = map[string]map[string][]plan.Value{"StringEquals": {accessPointKey: {g.accessPoint}}}
	}
	return append(statements, s)
}

func (t *storage) efsArn(resource string) string {
	return "arn:" + t.partition() + ":elasticfilesystem:" + t.region() + ":" + t.account() + ":" + resource
}

// storageNeeds are the mount targets through which the tasks of a service reach
// their volumes: a task that starts before they are there fails.
func (t *storage) storageNeeds(k *task) []plan.Address {
	if !t.mountsOwn(k) {
		return nil
	}
	return t.targets
}

// accessPointOrigins are those of the directory of a volume.
func (t *storage) accessPointOrigins(m *mount) []plan.Origin {
	var out []plan.Origin
	for _, option := range []struct {
		key   string
		field diag.Path
	}{{"uid", diag.Path{"owner", "uid"}}, {"gid", diag.Path{"owner", "gid"}}, {"permissions", diag.Path{"owner", "permissions"}}, {"root_directory", diag.Path{"path"}}} {
		if place := xfargate.OptionPath(t.Project.Project, diag.Path{"volumes", m.volume}, option.key); len(place) > 2 {
			out = append(out, plan.Origin{Field: option.field, From: place})
		}
	}
	return append(out, plan.Origin{From: t.mountPath(m)})
}
