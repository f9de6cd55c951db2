package resource

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/efs"

	"github.com/compose2fargate/compose2fargate/plan"
)

// findFileSystems finds out which of the file systems that the files name belong to
// other projects of this tool. One that is not there is found out by whoever mounts it:
// it may be in another account.
func (a *Account) findFileSystems(ctx context.Context, _ plan.Facts, needs plan.Lookups, out *found) error {
	for _, id := range needs.FileSystems {
		systems, err := describeFileSystems(ctx, a.session, &efs.DescribeFileSystemsInput{FileSystemId: &id})
		if err != nil {
			return fmt.Errorf("look for the file system %s: %w", id, brief(err))
		}
		for _, system := range systems {
			if project := pairs(system.Tags)[plan.TagProject]; project != "" && project != a.project {
				if out.fileSystems == nil {
					out.fileSystems = map[string]string{}
				}
				out.fileSystems[id] = project
			}
		}
	}
	return nil
}
