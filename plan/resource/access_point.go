package resource

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/efs"
	"github.com/aws/aws-sdk-go-v2/service/efs/types"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// accessPointKind defines EFS access points. They have no name: several may refer
// to one directory, and those of others do not conflict. Deleting one keeps the
// directory and its files.
var accessPointKind = kind[spec.AccessPoint]{
	row: row{
		kind: spec.AccessPointKind, noun: "access point", tagged: "elasticfilesystem:access-point",
		after: []string{spec.FileSystemKind},
		reads: []string{"elasticfilesystem:DescribeAccessPoints"},
		writes: []string{
			"elasticfilesystem:CreateAccessPoint", "elasticfilesystem:DeleteAccessPoint", "elasticfilesystem:TagResource",
			"elasticfilesystem:UntagResource",
		},
	},
	id:   "id",
	tags: func(s *spec.AccessPoint) *[]spec.Tag { return &s.Tags },

	byID: func(ctx context.Context, a *session, r *plan.Resource) ([]candidate, error) {
		return describeAccessPoints(ctx, a, &efs.DescribeAccessPointsInput{AccessPointId: pointer(r.Attrs["id"])})
	},
	list: listAccessPoints,

	create: createAccessPoint,
	ready:  availableAccessPoint,
	tag:    tagEFS,
	untag:  untagEFS,

	delete: func(ctx context.Context, a *session, live *plan.Resource) error {
		return onlyError(a.efs().DeleteAccessPoint(ctx, &efs.DeleteAccessPointInput{AccessPointId: pointer(live.Attrs["id"])}))
	},
	gone: []string{"AccessPointNotFound"},
}

// describeAccessPoints returns the access points that a request means; one that is
// being deleted is left out.
func describeAccessPoints(ctx context.Context, a *session, in *efs.DescribeAccessPointsInput) ([]candidate, error) {
	found, err := allPages(ctx, efs.NewDescribeAccessPointsPaginator(a.efs(), in),
		func(page *efs.DescribeAccessPointsOutput) []types.AccessPointDescription { return page.AccessPoints })
	found = slices.DeleteFunc(found, func(p types.AccessPointDescription) bool { return efsDeleted(p.LifeCycleState) })
	return each(found, accessPointCandidate), unless(err, "FileSystemNotFound", "AccessPointNotFound")
}

// accessPointsOn returns the access points of a file system, none if it does not
// exist yet.
func accessPointsOn(ctx context.Context, a *session, fileSystem string) ([]candidate, error) {
	if fileSystem == "" {
		return nil, nil
	}
	return describeAccessPoints(ctx, a, &efs.DescribeAccessPointsInput{FileSystemId: &fileSystem, MaxResults: pointer(int32(100))})
}

func accessPointCandidate(p types.AccessPointDescription) candidate {
	s := accessPointSpec(p)
	tags := pairs(p.Tags)
	s.Tags = spec.Tags(tags)
	return candidate{
		Resource: liveResource(spec.AccessPointKind, s, plan.Attrs{"id": text(p.AccessPointId), "arn": text(p.AccessPointArn)}, tags, unmanaged(p)),
		id:       text(p.AccessPointId),
	}
}

func accessPointSpec(p types.AccessPointDescription) *spec.AccessPoint {
	s := &spec.AccessPoint{FileSystemID: plan.Literal(text(p.FileSystemId))}
	if root := p.RootDirectory; root != nil {
		s.Path = cmp.Or(text(root.Path), "/")
		if c := root.CreationInfo; c != nil {
			s.Owner = &spec.PathOwner{
				UID: int(aws.ToInt64(c.OwnerUid)), GID: int(aws.ToInt64(c.OwnerGid)), Permissions: text(c.Permissions),
			}
		}
	}
	return s
}

// listAccessPoints searches the project's file systems, and those of others that
// the files name.
func listAccessPoints(ctx context.Context, r *reading) ([]candidate, error) {
	ids := map[string]bool{}
	for _, c := range r.of(spec.FileSystemKind) {
		ids[c.id] = true
	}
	for _, want := range r.wanted(spec.AccessPointKind) {
		ids[want.Spec.(*spec.AccessPoint).FileSystemID.Text] = true
	}
	var out []candidate
	for _, id := range sortedKeys(ids) {
		found, err := accessPointsOn(ctx, r.session, id)
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}

// createAccessPoint may be repeated: because of its client token EFS returns the
// existing access point.
func createAccessPoint(ctx context.Context, a *session, want *plan.Resource, tags map[string]string) (string, error) {
	s := want.Spec.(*spec.AccessPoint)
	root := &types.RootDirectory{Path: &s.Path}
	if s.Owner != nil {
		root.CreationInfo = &types.CreationInfo{
			OwnerUid: pointer(int64(s.Owner.UID)), OwnerGid: pointer(int64(s.Owner.GID)), Permissions: &s.Owner.Permissions,
		}
	}
	made, err := a.efs().CreateAccessPoint(ctx, &efs.CreateAccessPointInput{
		ClientToken: pointer(clientToken(want, s.FileSystemID.Text)), FileSystemId: &s.FileSystemID.Text, RootDirectory: root,
		Tags: pairList[types.Tag](tags),
	})
	var known *types.AccessPointAlreadyExists
	switch {
	case err == nil:
		return text(made.AccessPointId), nil
	case errors.As(err, &known):
		return text(known.AccessPointId), nil
	default:
		return "", err
	}
}

// availableAccessPoint returns a new access point once tasks can use it.
func availableAccessPoint(ctx context.Context, a *session, _ *plan.Resource, id string) ([]candidate, error) {
	got, err := a.efs().DescribeAccessPoints(ctx, &efs.DescribeAccessPointsInput{AccessPointId: &id})
	if err != nil {
		return nil, absent(err, "AccessPointNotFound")
	}
	if len(got.AccessPoints) == 0 || got.AccessPoints[0].LifeCycleState != types.LifeCycleStateAvailable {
		return nil, plan.ErrNotFound
	}
	return []candidate{accessPointCandidate(got.AccessPoints[0])}, nil
}
