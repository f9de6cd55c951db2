package translate

import (
	"slices"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// ulimitNames are the limits that ECS supports (Ulimit of the API reference).
var ulimitNames = []string{
	"core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue", "nice",
	"nofile", "nproc", "rss", "rtprio", "rttime", "sigpending", "stack",
}

func isUlimit(name string) bool { return slices.Contains(ulimitNames, name) }

// maxOpenFiles is the most that Fargate takes for nofile (task definition
// parameters for Fargate, "ulimits").
const maxOpenFiles = 1 << 20

// unlimited is the word of compose for no limit.
const unlimited = -1

// ulimits are the limits in the files that ECS supports.
func ulimits(b *base, s container) []spec.Ulimit {
	var out []spec.Ulimit
	for _, name := range sortedKeys(s.Ulimits) {
		asked := s.Ulimits[name]
		if asked == nil || !isUlimit(name) {
			continue // the key table says so
		}
		limit := spec.Ulimit{Name: name, SoftLimit: asked.Soft, HardLimit: asked.Hard}
		if asked.Single != 0 {
			limit.SoftLimit, limit.HardLimit = asked.Single, asked.Single
		}
		path := s.at("ulimits", name)
		switch {
		case !ordered(limit.SoftLimit, limit.HardLimit):
			b.errorf(path, "lower the soft limit or raise the hard one", "the soft limit of %d is above the hard one of %d", limit.SoftLimit, limit.HardLimit)
			continue
		case name == "nofile":
			limit.SoftLimit, limit.HardLimit = openFiles(b, limit.SoftLimit, path), openFiles(b, limit.HardLimit, path)
		case limit.HardLimit == unlimited && limit.SoftLimit != unlimited:
			limit.SoftLimit = unlimited // ECS compares them as numbers
			b.warnf(path, "", "ECS requires a hard limit beside the soft one: the soft limit of %d is left out", asked.Soft)
		}
		out = append(out, limit)
	}
	return out
}

// ordered says whether a soft limit is within a hard one.
func ordered(soft, hard int) bool {
	return hard == unlimited || soft != unlimited && soft <= hard
}

func openFiles(b *base, n int, path diag.Path) int {
	switch {
	case n == unlimited:
		b.warnf(path, "", "Fargate allows at most %d open files: that limit is used instead of none", maxOpenFiles)
	case n > maxOpenFiles:
		b.warnf(path, "", "%d open files: Fargate allows at most %d, which is used", n, maxOpenFiles)
	default:
		return n
	}
	return maxOpenFiles
}
