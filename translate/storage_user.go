package translate

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/compose2fargate/compose2fargate/plan"
)

// userOf is the numeric user that a container runs as.
func (t *storage) userOf(s container) (uid, gid int, known bool) {
	base := t.baseImage(s)
	image, looked := t.facts.Images[base]
	if name := t.userName(s, image); name != "" {
		if uid, gid, known = numericUser(name); known {
			return uid, gid, true
		}
		name, _, _ = strings.Cut(name, ":")
		uid, known = t.numberOf(s, name)
		return uid, uid, known
	}
	switch user := knownOf(base).User; {
	case looked:
		return 0, 0, true
	case strings.Contains(base, "bitnami"):
		return 1001, 0, true // "Work with non-root containers" of Bitnami
	case user != nil:
		return *user, *user, true
	default:
		return 0, 0, false
	}
}

// userName is the user that a container runs as, as the files, its Dockerfile or its
// image name it; "" where none does.
func (t *storage) userName(s container, image plan.Image) string {
	ofBuild := ""
	if built := t.builtImageOf(s); built != nil {
		ofBuild = built.user()
	}
	return cmp.Or(writtenUser(s.User), ofBuild, image.User)
}

// numberOf is the number of a user of an image: its Dockerfile makes it, or the image
// that it is made from is known to have it.
func (t *storage) numberOf(s container, name string) (uid int, known bool) {
	if built := t.builtImageOf(s); built != nil {
		for _, stage := range built.chain() {
			if uid, known = stage.users[name]; known {
				return uid, true
			}
		}
	}
	base := strings.ToLower(t.baseImage(s))
	if uid, known = knownOf(base).Users[name]; known {
		return uid, true
	}
	switch {
	case name == "nobody":
		return 65534, true // in Debian, Alpine and BusyBox
	case name == "nonroot" && strings.Contains(base, "distroless"):
		return 65532, true
	case name == "www-data" && base != "":
		if strings.Contains(base, "alpine") {
			return 82, true
		}
		return 33, true // Debian policy, "UID and GID classes": base-passwd
	case knownOf(base).User != nil && name == t.facts.Images[base].User:
		return *knownOf(base).User, true
	default:
		return 0, false
	}
}

// numericUser reads UID or UID:GID. Without a group it is that of root
// (Dockerfile reference, USER).
func numericUser(text string) (uid, gid int, ok bool) {
	user, group, _ := strings.Cut(text, ":")
	if user == "root" {
		user = "0"
	}
	n, err := strconv.ParseUint(user, 10, 32)
	if err != nil {
		return 0, 0, false
	}
	g, err := strconv.ParseUint(group, 10, 32)
	if err != nil {
		g = 0
	}
	return int(n), int(g), true
}

// warnOwner reports a user that is given by name, and whose number is not known: the
// directory then belongs to root.
func (t *storage) warnOwner(m *mount) {
	name := t.userName(m.service, t.facts.Images[t.baseImage(m.service)])
	_, _, known := t.userOf(m.service)
	if known || name == "" || m.readOnly || m.bound || t.X.Volumes[m.volume].UID != nil || t.seeded(m) {
		return
	}
	t.warnf(m.path, "write x-fargate: {uid: NUMBER, gid: NUMBER} at the volume",
		"the directory on EFS belongs to root, and the container runs as %q, which may be unable to write there", name)
}
