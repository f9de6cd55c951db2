package resource

import (
	"context"
	"errors"
	"time"

	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// targetGroupKind is the entry of the table.
var targetGroupKind = methods{
	row: row{
		kind: spec.TargetGroupKind, noun: "target group", tagged: elbTypes,
		after:  []string{spec.LoadBalancerKind},
		reads:  []string{"elasticloadbalancing:DescribeTags", "elasticloadbalancing:DescribeTargetGroupAttributes", "elasticloadbalancing:DescribeTargetGroups"},
		writes: []string{"elasticloadbalancing:AddTags", "elasticloadbalancing:CreateTargetGroup", "elasticloadbalancing:DeleteTargetGroup", "elasticloadbalancing:ModifyTargetGroup", "elasticloadbalancing:ModifyTargetGroupAttributes", "elasticloadbalancing:RemoveTags"},
	},
	of: func(a *session) operations { return targetGroups{a} },
}

// targetGroups is the kind of target groups.
type targetGroups struct{ *session }

func (k targetGroups) describe(ctx context.Context, in elb.DescribeTargetGroupsInput) ([]types.TargetGroup, error) {
	if len(in.Names) == 0 && len(in.TargetGroupArns) == 0 {
		in.PageSize = pointer(int32(elbPage))
	}
	return allPages(ctx, elb.NewDescribeTargetGroupsPaginator(k.elb, &in),
		func(page *elb.DescribeTargetGroupsOutput) []types.TargetGroup { return page.TargetGroups })
}

// called returns the target groups of these names, whosever they are.
func (k targetGroups) called(ctx context.Context, names []string) ([]types.TargetGroup, error) {
	return elbByName(names,
		func(names []string) ([]types.TargetGroup, error) {
			return k.describe(ctx, elb.DescribeTargetGroupsInput{Names: names})
		},
		func(g types.TargetGroup) *string { return g.TargetGroupName },
	)
}

// search returns the target groups that the desired resources mean by name,
// those that the tagging API knows, and those of the project's load balancers.
func (k targetGroups) search(ctx context.Context, want []*plan.Resource, tagged taggedResources, balancers []string) ([]candidate, error) {
	var found []types.TargetGroup
	for _, arn := range balancers {
		of, err := k.describe(ctx, elb.DescribeTargetGroupsInput{LoadBalancerArn: &arn})
		if err != nil && !is(err, elbGone...) {
			return nil, err
		}
		found = append(found, of...)
	}
	known := map[string]bool{}
	for _, g := range found {
		known[text(g.TargetGroupName)] = true
	}
	asked := wishes{}
	var names []string
	for _, name := range tagged.targetGroups() {
		if !known[name] {
			names = append(names, name)
		}
	}
	for _, r := range want {
		s := r.Spec.(*spec.TargetGroup)
		asked[s.Name], asked[r.Address.String()] = s.Attributes, s.Attributes
		if !known[s.Name] {
			names = append(names, s.Name)
		}
	}
	more, err := k.called(ctx, names)
	if err != nil {
		return nil, err
	}
	return k.candidates(ctx, append(found, more...), asked)
}

func (k targetGroups) candidates(ctx context.Context, found []types.TargetGroup, asked wishes) ([]candidate, error) {
	tags, err := elbTagsOf(ctx, k.elb, each(found, func(g types.TargetGroup) string { return text(g.TargetGroupArn) }))
	if err != nil {
		return nil, err
	}
	return elbCandidates(ctx, found, func(ctx context.Context, g types.TargetGroup) (candidate, error) {
		return k.candidate(ctx, g, tags[text(g.TargetGroupArn)], asked)
	})
}

func (k targetGroups) candidate(ctx context.Context, g types.TargetGroup, tags map[string]string, asked wishes) (candidate, error) {
	got, err := k.elb.DescribeTargetGroupAttributes(ctx, &elb.DescribeTargetGroupAttributesInput{TargetGroupArn: g.TargetGroupArn})
	if err != nil {
		return candidate{}, err
	}
	attributes := pairs(got.Attributes, func(a types.TargetGroupAttribute) (key, value *string) { return a.Key, a.Value })
	s := targetGroupSpec(g)
	held, others := targetGroupAttributes.read(attributes, asked.of(s.Name, tags[plan.TagResource]))
	s.Attributes, s.Tags = held, spec.Tags(tags)
	return candidate{
		Resource: &plan.Resource{
			Address:   plan.Address{Kind: spec.TargetGroupKind},
			Spec:      normal(spec.TargetGroupKind, s),
			Attrs:     plan.Attrs{"arn": text(g.TargetGroupArn), "name": s.Name},
			Tags:      tags,
			Unmanaged: append(unmanaged(g), others...),
		},
		id: s.Name, name: s.Name,
	}, nil
}

func targetGroupSpec(g types.TargetGroup) *spec.TargetGroup {
	return &spec.TargetGroup{
		Name:            text(g.TargetGroupName),
		Protocol:        string(g.Protocol),
		Port:            number(g.Port),
		ProtocolVersion: text(g.ProtocolVersion),
		VpcID:           plan.Literal(text(g.VpcId)),
		TargetType:      string(g.TargetType),
		IPAddressType:   string(g.IpAddressType),
		HealthCheck: spec.TargetHealthCheck{
			Protocol:           string(g.HealthCheckProtocol),
			Port:               text(g.HealthCheckPort),
			Path:               text(g.HealthCheckPath),
			Matcher:            matcherSpec(g.Matcher),
			IntervalSeconds:    number(g.HealthCheckIntervalSeconds),
			TimeoutSeconds:     number(g.HealthCheckTimeoutSeconds),
			HealthyThreshold:   number(g.HealthyThresholdCount),
			UnhealthyThreshold: number(g.UnhealthyThresholdCount),
		},
	}
}

func matcherSpec(m *types.Matcher) string {
	switch {
	case m == nil:
		return ""
	case text(m.GrpcCode) != "":
		return text(m.GrpcCode)
	default:
		return text(m.HttpCode)
	}
}

// matcher is the inverse of matcherSpec: the codes are gRPC's where the targets
// speak it (Matcher, fields GrpcCode and HttpCode).
func matcher(s *spec.TargetGroup) *types.Matcher {
	codes := optional(s.HealthCheck.Matcher)
	switch {
	case codes == nil:
		return nil
	case s.ProtocolVersion == "GRPC":
		return &types.Matcher{GrpcCode: codes}
	default:
		return &types.Matcher{HttpCode: codes}
	}
}

func createTargetGroupInput(s *spec.TargetGroup) *elb.CreateTargetGroupInput {
	h := s.HealthCheck
	return &elb.CreateTargetGroupInput{
		Name:                       &s.Name,
		Protocol:                   types.ProtocolEnum(s.Protocol),
		Port:                       number32(s.Port),
		ProtocolVersion:            optional(s.ProtocolVersion),
		VpcId:                      &s.VpcID.Text,
		TargetType:                 types.TargetTypeEnum(s.TargetType),
		IpAddressType:              types.TargetGroupIpAddressTypeEnum(s.IPAddressType),
		HealthCheckEnabled:         pointer(true),
		HealthCheckProtocol:        types.ProtocolEnum(h.Protocol),
		HealthCheckPort:            &h.Port,
		HealthCheckPath:            optional(h.Path),
		Matcher:                    matcher(s),
		HealthCheckIntervalSeconds: optional32(h.IntervalSeconds),
		HealthCheckTimeoutSeconds:  optional32(h.TimeoutSeconds),
		HealthyThresholdCount:      optional32(h.HealthyThreshold),
		UnhealthyThresholdCount:    optional32(h.UnhealthyThreshold),
	}
}

func modifyTargetGroupInput(s *spec.TargetGroup) *elb.ModifyTargetGroupInput {
	h := s.HealthCheck
	return &elb.ModifyTargetGroupInput{
		HealthCheckProtocol:        types.ProtocolEnum(h.Protocol),
		HealthCheckPort:            &h.Port,
		HealthCheckPath:            optional(h.Path),
		Matcher:                    matcher(s),
		HealthCheckIntervalSeconds: optional32(h.IntervalSeconds),
		HealthCheckTimeoutSeconds:  optional32(h.TimeoutSeconds),
		HealthyThresholdCount:      optional32(h.HealthyThreshold),
		UnhealthyThresholdCount:    optional32(h.UnhealthyThreshold),
	}
}

func (k targetGroups) Read(ctx context.Context, r *plan.Resource) (*plan.Resource, error) {
	s, _ := r.Spec.(*spec.TargetGroup)
	if arn := r.Attrs["arn"]; arn != "" {
		found, err := elbByARN([]string{arn}, func(arns []string) ([]types.TargetGroup, error) {
			return k.describe(ctx, elb.DescribeTargetGroupsInput{TargetGroupArns: arns})
		})
		if err != nil {
			return nil, err
		}
		candidates, err := k.candidates(ctx, found, wishes{s.Name: s.Attributes})
		if err != nil {
			return nil, err
		}
		return readBy(candidates, r.Address)
	}
	tagged, err := listTaggedAs(ctx, k.tagging, k.project, r.Address, elbTypes)
	if err != nil {
		return nil, err
	}
	found, err := k.search(ctx, []*plan.Resource{r}, tagged, nil)
	if err != nil {
		return nil, err
	}
	return pick(place(k.project, map[string]plan.Address{s.Name: r.Address}, found), r.Address)
}

// Create looks first: CreateTargetGroup answers with the group of that name if it
// has the same settings, whosever it is.
func (k targetGroups) Create(ctx context.Context, want *plan.Resource) (plan.Attrs, error) {
	s := want.Spec.(*spec.TargetGroup)
	live, err := k.named(ctx, want)
	if err == nil {
		return k.take(ctx, live, want)
	}
	if !errors.Is(err, plan.ErrNotFound) {
		return nil, err
	}
	input := createTargetGroupInput(s)
	input.Tags = elbTags(k.allTags(want, s.Tags, plan.Applied{Hash: want.Hash, Pending: len(s.Attributes) > 0}))
	_, err = k.elb.CreateTargetGroup(ctx, input)
	if err != nil && !is(err, "DuplicateTargetGroupName") {
		return nil, err
	}
	if live, err = appears(ctx, k.poll, func() (*plan.Resource, error) { return k.named(ctx, want) }); err != nil {
		return nil, err
	}
	return k.take(ctx, live, want)
}

// named reads the target group that has the desired name.
func (k targetGroups) named(ctx context.Context, want *plan.Resource) (*plan.Resource, error) {
	found, err := k.search(ctx, []*plan.Resource{want}, nil, nil)
	if err != nil {
		return nil, err
	}
	return readBy(found, want.Address)
}

// take continues with an existing target group: it was created just now, or by
// an earlier attempt that was interrupted.
func (k targetGroups) take(ctx context.Context, live, want *plan.Resource) (plan.Attrs, error) {
	if owner, _ := live.Owner(k.project); owner != plan.Ours {
		return nil, taken(live, k.project, "target group "+live.Attrs["name"])
	}
	from, to := live.Spec.(*spec.TargetGroup), want.Spec.(*spec.TargetGroup)
	from.Tags = common(from.Tags, to.Tags)
	from.Attributes = commonAttributes(from.Attributes, to.Attributes)
	return k.Update(ctx, live, want, false)
}

func (k targetGroups) Update(ctx context.Context, live, want *plan.Resource, _ bool) (plan.Attrs, error) {
	from, to := live.Spec.(*spec.TargetGroup), want.Spec.(*spec.TargetGroup)
	arn := live.Attrs["arn"]
	if from.HealthCheck != to.HealthCheck {
		input := modifyTargetGroupInput(to)
		input.TargetGroupArn = &arn
		if _, err := k.elb.ModifyTargetGroup(ctx, input); err != nil {
			return nil, err
		}
	}
	if changed := targetGroupAttributes.change(from.Attributes, to.Attributes); len(changed) > 0 {
		_, err := k.elb.ModifyTargetGroupAttributes(ctx, &elb.ModifyTargetGroupAttributesInput{
			TargetGroupArn: &arn,
			Attributes: list(changed, func(key, value *string) types.TargetGroupAttribute {
				return types.TargetGroupAttribute{Key: key, Value: value}
			}),
		})
		if err != nil {
			return nil, err
		}
	}
	tags := k.retag(live, want, from.Tags, to.Tags, plan.Applied{Hash: want.Hash})
	return live.Attrs, retagELB(ctx, k.elb, arn, tags)
}

// Delete waits for listeners and rules to let go of the group: they do so in steps
// of their own.
func (k targetGroups) Delete(ctx context.Context, live *plan.Resource) error {
	arn := live.Attrs["arn"]
	deadline := time.Now().Add(deleteTime)
	for {
		_, err := k.elb.DeleteTargetGroup(ctx, &elb.DeleteTargetGroupInput{TargetGroupArn: &arn})
		if is(err, "TargetGroupNotFound") {
			return nil
		}
		if !is(err, "ResourceInUse") || time.Now().After(deadline) {
			return err
		}
		if err := wait(ctx, k.poll); err != nil {
			return err
		}
	}
}

func (k targetGroups) all(ctx context.Context, r *reading) ([]candidate, error) {
	wanted := r.wanted(spec.TargetGroupKind)
	found, err := k.search(ctx, wanted, r.tagged, r.ownARNs(spec.LoadBalancerKind))
	names := byName(wanted, func(r *plan.Resource) string { return r.Spec.(*spec.TargetGroup).Name })
	return place(k.project, names, found), err
}
