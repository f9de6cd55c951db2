package translate

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
)

// storeKind is where the data of a volume is.
type storeKind int

const (
	ownStore      storeKind = iota // a directory of the project's file system
	existingStore                  // a file system that exists
	scratchStore                   // the disk of each task
	memoryStore                    // memory of each container
	noStore                        // nowhere: it is refused
)

// store says where a volume is stored.
type store struct {
	kind storeKind

	fileSystem  string // id, of one that exists
	accessPoint string // id, of one that exists; "": none
	root        string // directory on a file system that exists; "": its own root
	device      string // a directory of a host that the volume was bound to; "": none
	options     string // of mount, for memory

	why string // of noStore: one of these
}

// Why a volume cannot be had.
const (
	whyExternal = "external" // it is none of EFS
	whyNFS      = "nfs"      // on a server that is no EFS
	whyShare    = "share"    // cifs and others
	whyDevice   = "device"   // a disk of a host
	whyDriver   = "driver"   // a plugin
)

// The ids of EFS (DescribeFileSystems and DescribeAccessPoints of the API
// reference), alone or at the end of an ARN.
var (
	fileSystemID  = regexp.MustCompile(`^(?:arn:[a-z0-9-]+:elasticfilesystem:[a-z0-9-]+:[0-9]{12}:file-system/)?(fs-[0-9a-f]{8,40})$`)
	accessPointID = regexp.MustCompile(`^(?:arn:[a-z0-9-]+:elasticfilesystem:[a-z0-9-]+:[0-9]{12}:access-point/)?(fsap-[0-9a-f]{8,40})$`)
	// EFS User Guide, "Mounting with a DNS name"; a zone may stand before it.
	efsHost = regexp.MustCompile(`^(?:[a-z0-9-]+\.)?(fs-[0-9a-f]{8,40})\.efs\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?\.?$`)
)

func idOf(form *regexp.Regexp, text string) string {
	if found := form.FindStringSubmatch(text); found != nil {
		return found[1]
	}
	return ""
}

// storeOf decides where a volume of the files is stored.
func (p *Project) storeOf(name string) store {
	config, x := p.Compose.Volumes[name], p.X.Volumes[name]
	switch {
	case x.Scratch:
		return store{kind: scratchStore}
	case x.FileSystem != "":
		return store{kind: existingStore, fileSystem: idOf(fileSystemID, x.FileSystem), accessPoint: idOf(accessPointID, x.AccessPoint), root: x.Root}
	case bool(config.External):
		if id := idOf(fileSystemID, config.Name); id != "" {
			return store{kind: existingStore, fileSystem: id}
		}
		return store{kind: noStore, why: whyExternal}
	case config.Driver != "" && config.Driver != "local" && config.Driver != "default":
		return store{kind: noStore, why: whyDriver}
	default:
		return localStore(config.DriverOpts)
	}
}

// localStore reads the options of docker's local driver, which are those of
// mount.
func localStore(opts types.Options) store {
	o := strings.Split(opts["o"], ",")
	device := opts["device"]
	switch kind := opts["type"]; {
	case kind == "tmpfs":
		return store{kind: memoryStore, options: opts["o"]}
	case strings.HasPrefix(kind, "nfs"):
		return nfsStore(o, device)
	case slices.Contains(o, "bind") || slices.Contains(o, "rbind"), kind == "none" && path.IsAbs(device):
		return store{kind: ownStore, device: device}
	case kind == "cifs" || kind == "smb3" || kind == "sshfs" || kind == "glusterfs" || kind == "9p":
		return store{kind: noStore, why: whyShare}
	case device != "":
		return store{kind: noStore, why: whyDevice}
	default:
		return store{kind: ownStore}
	}
}

// nfsStore takes addr=HOST and :/PATH, or HOST:/PATH.
func nfsStore(options []string, device string) store {
	host, dir, _ := strings.Cut(device, ":")
	for _, option := range options {
		if addr, ok := strings.CutPrefix(option, "addr="); ok {
			host = addr
		}
	}
	id := idOf(efsHost, host)
	if id == "" {
		return store{kind: noStore, why: whyNFS}
	}
	return store{kind: existingStore, fileSystem: id, root: strings.TrimSuffix(path.Clean("/"+dir), "/")}
}
