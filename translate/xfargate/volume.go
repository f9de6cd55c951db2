package xfargate

import (
	"maps"
	"slices"
	"strconv"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/translate/compose"
)

// Volume is x-fargate of a volume, or driver_opts in the terms of Docker's
// retired ECS integration. The zero value sets nothing.
type Volume struct {
	Scratch bool  `json:"scratch"` // storage of each task, which goes with it
	Seed    *bool `json:"seed"`    // whether an empty volume gets what the image has at its place; nil: where that is known to be needed

	FileSystem  string `json:"file_system"`  // id of an EFS file system that exists; "": the project's own
	AccessPoint string `json:"access_point"` // id of an access point on it; "": none

	UID, GID    *int   `json:"-"`              // whose its directory is when it is made; nil: not given
	Permissions string `json:"permissions"`    // of that directory, octal; "": not given
	Root        string `json:"root_directory"` // the directory on the file system; "": named after the volume

	// The rest is of the file system as a whole, which all volumes share.

	Backup          string  `json:"backup_policy"`          // ENABLED or DISABLED; "": not given
	Lifecycle       string  `json:"lifecycle_policy"`       // AFTER_30_DAYS and so on, or NONE; "": not given
	PerformanceMode string  `json:"performance_mode"`       // "": not given
	ThroughputMode  string  `json:"throughput_mode"`        // "": not given
	Throughput      float64 `json:"provisioned_throughput"` // MiB/s with throughput mode provisioned; 0: not given
	KmsKey          string  `json:"kms_key_id"`             // id, ARN or alias; "": not given
}

// efsOptions are the driver_opts of Docker's ECS integration, which x-fargate has
// under the same names: docker's own local driver refuses them.
var efsOptions = []string{
	"backup_policy", "lifecycle_policy", "performance_mode", "throughput_mode", "provisioned_throughput",
	"kms_key_id", "uid", "gid", "permissions", "root_directory",
}

const volumeSchema = "#/$defs/volume"

// volumes reads what the files say of volumes to EFS.
func (d decoder) volumes() map[string]Volume {
	out := map[string]Volume{}
	for _, name := range slices.Sorted(maps.Keys(d.Compose.Volumes)) {
		options := d.driverOptions(name)
		path := diag.Path{"volumes", name, Key}
		for key, value := range d.checked(volumeSchema, nil, d.Compose.Volumes[name].Extensions[Key], path) {
			options[key] = value
		}
		x := volumeOf(options)
		d.checkVolume(x, path)
		if len(options) > 0 {
			out[name] = x
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// driverOptions are those driver_opts that are about EFS. Docker gives them as
// texts.
func (d decoder) driverOptions(name string) map[string]any {
	out := map[string]any{}
	opts := d.Compose.Volumes[name].DriverOpts
	for _, key := range slices.Sorted(maps.Keys(opts)) {
		path := diag.Path{"volumes", name, "driver_opts", key}
		switch {
		case slices.Contains(efsOptions, key):
			var value any = opts[key]
			if key == "uid" || key == "gid" || key == "provisioned_throughput" {
				value = plainScalar(opts[key])
			}
			if d.valid(volumeSchema+"/properties/"+key, value, path) {
				out[key] = value
			}
		case !slices.Contains([]string{"type", "o", "device", "size"}, key):
			d.ds.Warnf(d.At(path...), path.String(), "", "ignored: a volume on EFS has no such option")
		}
	}
	return out
}

func volumeOf(m map[string]any) Volume {
	x := as[Volume](m)
	x.UID, x.GID = numberOf(m["uid"]), numberOf(m["gid"])
	return x
}

// checkVolume complains of keys that make no sense together.
func (d decoder) checkVolume(x Volume, path diag.Path) {
	volume := path[:2]
	switch {
	case x.AccessPoint != "" && x.FileSystem == "":
		d.errorf(path.Key("access_point"), "add file_system: fs-…", "ECS requires the file system of an access point as well")
	case x.AccessPoint != "" && x.Root != "":
		d.errorf(path.Key("access_point"), "remove access_point or root_directory", "an access point already has a root directory")
	case x.Scratch && x.FileSystem != "":
		d.errorf(path.Key("scratch"), "remove scratch or file_system", "cannot be combined with file_system")
	case x.ThroughputMode == "provisioned" && x.Throughput == 0:
		d.errorf(OptionPath(d.Project, volume, "throughput_mode"), "write provisioned_throughput: 10, in MiB/s", "provisioned throughput requires an amount")
	case x.Throughput != 0 && x.ThroughputMode != "provisioned":
		d.errorf(OptionPath(d.Project, volume, "provisioned_throughput"), "write throughput_mode: provisioned", "is only valid with throughput_mode: provisioned")
	case x.PerformanceMode == "maxIO" && x.ThroughputMode == "elastic":
		d.errorf(OptionPath(d.Project, volume, "performance_mode"), "use generalPurpose", "EFS does not support elastic throughput with maxIO")
	}
}

// OptionPath is where the files set an option of a volume.
func OptionPath(p *compose.Project, volume diag.Path, key string) []string {
	for _, under := range []string{Key, "driver_opts"} {
		if path := volume.Key(under, key); p.Written(path...) {
			return path
		}
	}
	return volume
}

// numberOf is nil where there is none.
func numberOf(value any) *int {
	switch v := value.(type) {
	case int:
		return &v
	case float64: // 1e3 is an integer to JSON Schema
		n := int(v)
		return &n
	case string:
		if n, err := strconv.Atoi(v); err == nil {
			return &n
		}
	}
	return nil
}
