package resource

import (
	"cmp"
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/efs"
	"github.com/aws/aws-sdk-go-v2/service/efs/types"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// accessPointKind is the entry of the table.
var accessPointKind = methods{
	row: row{
		kind: spec.AccessPointKind, noun: "access point", tagged: "elasticfilesystem:access-point",
		after:  []string{spec.FileSystemKind},
		reads:  []string{"elasticfilesystem:DescribeAccessPoints"},
		writes: []string{"elasticfilesystem:CreateAccessPoint", "elasticfilesystem:DeleteAccessPoint", "elasticfilesystem:TagResource", "elasticfilesystem:UntagResource"},
	},
	of: func(a *session) operations { return accessPoints{a} },
}

// accessPoints is the kind of EFS access points.
type accessPoints struct{ *session }

func (k accessPoints) describe(ctx context.Context, in *efs.DescribeAccessPointsInput) ([]candidate, error) {
	var out []candidate
	pages := efs.NewDescribeAccessPointsPaginator(k.efs, in)
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if is(err, "FileSystemNotFound", "AccessPointNotFound") {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		for _, p := range page.AccessPoints {
			if p.LifeCycleState != types.LifeCycleStateDeleting && p.LifeCycleState != types.LifeCycleStateDeleted {
				out = append(out, accessPointCandidate(p))
			}
		}
	}
	return out, nil
}

func accessPointCandidate(p types.AccessPointDescription) candidate {
	s := accessPointSpec(p)
	tags := efsTagMap(p.Tags)
	s.Tags = spec.Tags(tags)
	return candidate{
		Resource: &plan.Resource{
			Address:   plan.Address{Kind: spec.AccessPointKind},
			Spec:      normal(spec.AccessPointKind, s),
			Attrs:     plan.Attrs{"id": text(p.AccessPointId), "arn": text(p.AccessPointArn)},
			Tags:      tags,
			Unmanaged: unmanaged(p),
		},
		id: text(p.AccessPointId), name: accessPointName(s),
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

// accessPointName says which access point is meant: others' have no name that
// matters.
func accessPointName(s *spec.AccessPoint) string { return s.FileSystemID.Text + " " + s.Path }

// all searches the project's file system, and those of others that the files
// name.
func (k accessPoints) all(ctx context.Context, r *reading) ([]candidate, error) {
	ids := map[string]bool{}
	for _, c := range r.of(spec.FileSystemKind) {
		ids[c.id] = true
	}
	for _, want := range r.wanted(spec.AccessPointKind) {
		if id := want.Spec.(*spec.AccessPoint).FileSystemID; id.Ref == nil {
			ids[id.Text] = true
		}
	}
	var out []candidate
	for _, id := range sortedKeys(ids) {
		found, err := k.describe(ctx, &efs.DescribeAccessPointsInput{FileSystemId: &id, MaxResults: pointer(int32(100))})
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	// Only access points of the project count: several may refer to one
	// directory, and those of others do not conflict.
	return place(k.project, nil, out), nil
}

func (k accessPoints) Read(ctx context.Context, r *plan.Resource) (*plan.Resource, error) {
	if id := r.Attrs["id"]; id != "" {
		found, err := k.describe(ctx, &efs.DescribeAccessPointsInput{AccessPointId: &id})
		if err != nil {
			return nil, err
		}
		return only(r.Address)(found, err)
	}
	s := r.Spec.(*spec.AccessPoint)
	if s.FileSystemID.Text == "" {
		return nil, plan.ErrNotFound // its file system is not made yet
	}
	found, err := k.describe(ctx, &efs.DescribeAccessPointsInput{FileSystemId: &s.FileSystemID.Text, MaxResults: pointer(int32(100))})
	if err != nil {
		return nil, err
	}
	return pick(place(k.project, nil, found), r.Address)
}

// Create may be repeated: its client token makes EFS answer with the access
// point that exists.
func (k accessPoints) Create(ctx context.Context, want *plan.Resource) (plan.Attrs, error) {
	s := want.Spec.(*spec.AccessPoint)
	root := &types.RootDirectory{Path: &s.Path}
	if s.Owner != nil {
		root.CreationInfo = &types.CreationInfo{
			OwnerUid: pointer(int64(s.Owner.UID)), OwnerGid: pointer(int64(s.Owner.GID)), Permissions: &s.Owner.Permissions,
		}
	}
	made, err := k.efs.CreateAccessPoint(ctx, &efs.CreateAccessPointInput{
		ClientToken: pointer(clientToken(want, s.FileSystemID.Text)), FileSystemId: &s.FileSystemID.Text, RootDirectory: root,
		Tags: efsTags(k.allTags(want, s.Tags, plan.Applied{Hash: want.Hash})),
	})
	if err == nil {
		return k.available(ctx, text(made.AccessPointId))
	}
	var known *types.AccessPointAlreadyExists
	if !errors.As(err, &known) {
		return nil, err
	}
	return k.take(ctx, want, text(known.AccessPointId))
}

// take updates an access point that an earlier attempt created so that it
// matches want.
func (k accessPoints) take(ctx context.Context, want *plan.Resource, id string) (plan.Attrs, error) {
	attrs, err := k.available(ctx, id)
	if err != nil {
		return nil, err
	}
	live, err := k.Read(ctx, &plan.Resource{Address: want.Address, Attrs: attrs})
	if err != nil {
		return nil, err
	}
	if owner, _ := live.Owner(k.project); owner != plan.Ours {
		return nil, taken(live, k.project, "access point "+id)
	}
	from := live.Spec.(*spec.AccessPoint)
	from.Tags = common(from.Tags, want.Spec.(*spec.AccessPoint).Tags)
	return k.Update(ctx, live, want, false)
}

// available waits until tasks can use a new access point.
func (k accessPoints) available(ctx context.Context, id string) (plan.Attrs, error) {
	return appears(ctx, k.poll, func() (plan.Attrs, error) {
		got, err := k.efs.DescribeAccessPoints(ctx, &efs.DescribeAccessPointsInput{AccessPointId: &id})
		if is(err, "AccessPointNotFound") || err == nil && (len(got.AccessPoints) == 0 || got.AccessPoints[0].LifeCycleState != types.LifeCycleStateAvailable) {
			return nil, plan.ErrNotFound
		}
		if err != nil {
			return nil, err
		}
		return accessPointCandidate(got.AccessPoints[0]).Attrs, nil
	})
}

func (k accessPoints) Update(ctx context.Context, live, want *plan.Resource, _ bool) (plan.Attrs, error) {
	from, to := live.Spec.(*spec.AccessPoint), want.Spec.(*spec.AccessPoint)
	tags := k.retag(live, want, from.Tags, to.Tags, plan.Applied{Hash: want.Hash})
	return live.Attrs, retagEFS(ctx, k.efs, live.Attrs["id"], tags)
}

// Delete takes the access point away; the directory and what is in it stay.
func (k accessPoints) Delete(ctx context.Context, live *plan.Resource) error {
	id := live.Attrs["id"]
	_, err := k.efs.DeleteAccessPoint(ctx, &efs.DeleteAccessPointInput{AccessPointId: &id})
	if is(err, "AccessPointNotFound") {
		return nil
	}
	return err
}
