package spec

import (
	"slices"
	"strings"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/plan"
)

// Deletions says what goes with a file system that is deleted, and what stays of it.
func Deletions(live, _ *plan.Stack, p *plan.Plan) diag.List {
	var ds diag.List
	for _, r := range p.Resources {
		if r.Address.Kind != FileSystemKind || !r.Has(plan.Delete) {
			continue
		}
		fs, ok := live.Find(r.Address).Spec.(*FileSystem)
		if !ok {
			continue
		}
		text := "nothing brings its files back"
		if fs.Backup {
			// EFS User Guide, "Backing up EFS file systems": daily, kept for 35 days, in a vault that
			// cannot be deleted
			text = "recovery points that AWS Backup made of it stay in the vault aws/efs/automatic-backup-vault, and cost, until they expire after 35 days"
		}
		ds.Warnf(diag.Pos{}, "", "", "file system %s is deleted with the files of all volumes on it%s; %s", r.Address.Name, volumesOn(live, r.Address), text)
	}
	return ds
}

// volumesOn names the volumes on a live file system.
func volumesOn(live *plan.Stack, fileSystem plan.Address) string {
	var names []string
	id := live.Find(fileSystem).Attrs["id"]
	for _, r := range live.Resources {
		if a, ok := r.Spec.(*AccessPoint); ok && a.FileSystemID.Text == id {
			names = append(names, r.Address.Name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	slices.Sort(names)
	return ", " + strings.Join(plan.FirstOf(names), ", ")
}
