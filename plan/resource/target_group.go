package resource

import (
	"context"
	"slices"

	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// targetGroupKind defines target groups.
var targetGroupKind = kind[spec.TargetGroup]{
	row: row{
		kind: spec.TargetGroupKind, noun: "target group", tagged: elbTypes,
		after: []string{spec.LoadBalancerKind},
		reads: []string{
			"elasticloadbalancing:DescribeTags", "elasticloadbalancing:DescribeTargetGroupAttributes",
			"elasticloadbalancing:DescribeTargetGroups",
		},
		writes: []string{
			"elasticloadbalancing:AddTags", "elasticloadbalancing:CreateTargetGroup", "elasticloadbalancing:DeleteTargetGroup",
			"elasticloadbalancing:ModifyTargetGroup", "elasticloadbalancing:ModifyTargetGroupAttributes",
			"elasticloadbalancing:RemoveTags",
		},
	},
	id:   "arn",
	name: targetGroupName,
	tags: func(s *spec.TargetGroup) *[]spec.Tag { return &s.Tags },

	byID: func(ctx context.Context, a *session, r *plan.Resource) ([]candidate, error) {
		found, err := describeTargetGroups(ctx, a, elb.DescribeTargetGroupsInput{TargetGroupArns: []string{r.Attrs["arn"]}})
		if err != nil {
			return nil, unless(err, elbGone...)
		}
		return targetGroupCandidates(ctx, a, found, []*plan.Resource{r})
	},
	list: func(ctx context.Context, r *reading) ([]candidate, error) {
		wanted := r.wanted(spec.TargetGroupKind)
		return searchTargetGroups(ctx, r.session, wanted, r.tagged.targetGroups(), r.ownARNs(spec.LoadBalancerKind))
	},
	renamed: true,

	// CreateTargetGroup returns the group of that name if it has the same settings,
	// whoever owns it.
	existing: func(ctx context.Context, a *session, want *plan.Resource) ([]candidate, error) {
		return searchTargetGroups(ctx, a, []*plan.Resource{want}, nil, nil)
	},
	create: func(ctx context.Context, a *session, want *plan.Resource, tags map[string]string) (string, error) {
		input := createTargetGroupInput(want.Spec.(*spec.TargetGroup))
		input.Tags = pairList[types.Tag](tags)
		_, err := a.elb().CreateTargetGroup(ctx, input)
		return "", unless(err, "DuplicateTargetGroupName")
	},
	partly: func(s *spec.TargetGroup) bool { return len(s.Attributes) > 0 },
	adopt: func(_ context.Context, _ *session, c change[spec.TargetGroup]) error {
		c.from.Attributes = managedAttributes(c.from.Attributes, c.to.Attributes)
		return nil
	},
	update: updateTargetGroup,
	tag:    tagELB,
	untag:  untagELB,

	delete: func(ctx context.Context, a *session, live *plan.Resource) error {
		return onlyError(a.elb().DeleteTargetGroup(ctx, &elb.DeleteTargetGroupInput{TargetGroupArn: pointer(live.Attrs["arn"])}))
	},
	gone: []string{"TargetGroupNotFound"},
	// Listeners and rules release the group in steps of their own.
	busy: []string{"ResourceInUse"},
}

func targetGroupName(s *spec.TargetGroup) string { return s.Name }

func describeTargetGroups(ctx context.Context, a *session, in elb.DescribeTargetGroupsInput) ([]types.TargetGroup, error) {
	if len(in.Names) == 0 && len(in.TargetGroupArns) == 0 {
		in.PageSize = pointer(int32(elbPage))
	}
	return allPages(ctx, elb.NewDescribeTargetGroupsPaginator(a.elb(), &in),
		func(page *elb.DescribeTargetGroupsOutput) []types.TargetGroup { return page.TargetGroups })
}

// searchTargetGroups returns the target groups that the desired resources mean by
// name, those with the other names, and those of load balancers.
func searchTargetGroups(ctx context.Context, a *session, want []*plan.Resource, others, balancers []string) ([]candidate, error) {
	var found []types.TargetGroup
	for _, arn := range balancers {
		of, err := describeTargetGroups(ctx, a, elb.DescribeTargetGroupsInput{LoadBalancerArn: &arn})
		if err != nil && !is(err, elbGone...) {
			return nil, err
		}
		found = append(found, of...)
	}
	known := each(found, func(g types.TargetGroup) string { return text(g.TargetGroupName) })
	names := slices.Concat(others, each(want, func(r *plan.Resource) string { return targetGroupName(r.Spec.(*spec.TargetGroup)) }))
	names = slices.DeleteFunc(names, func(name string) bool { return slices.Contains(known, name) })
	more, err := elbByName(names,
		func(names []string) ([]types.TargetGroup, error) {
			return describeTargetGroups(ctx, a, elb.DescribeTargetGroupsInput{Names: names})
		},
		func(g types.TargetGroup) *string { return g.TargetGroupName },
	)
	if err != nil {
		return nil, err
	}
	return targetGroupCandidates(ctx, a, append(found, more...), want)
}

// targetGroupCandidates reads the rest of target groups. Which of their attributes
// are in the spec depends on the desired resources.
func targetGroupCandidates(ctx context.Context, a *session, found []types.TargetGroup, want []*plan.Resource) ([]candidate, error) {
	asked := askedFor(want, targetGroupName, func(s *spec.TargetGroup) map[string]string { return s.Attributes })
	tags, err := elbTagsOf(ctx, a.elb(), each(found, func(g types.TargetGroup) string { return text(g.TargetGroupArn) }))
	if err != nil {
		return nil, err
	}
	return readEach(ctx, found, func(ctx context.Context, g types.TargetGroup) (candidate, error) {
		return targetGroupCandidate(ctx, a, g, tags[text(g.TargetGroupArn)], asked)
	}, elbGone...)
}

func targetGroupCandidate(ctx context.Context, a *session, g types.TargetGroup, tags map[string]string, asked wishes) (candidate, error) {
	got, err := a.elb().DescribeTargetGroupAttributes(ctx, &elb.DescribeTargetGroupAttributesInput{TargetGroupArn: g.TargetGroupArn})
	if err != nil {
		return candidate{}, err
	}
	attributes := pairs(got.Attributes)
	s := targetGroupSpec(g)
	held, others := targetGroupAttributes.read(attributes, asked.of(s.Name, tags[plan.TagResource]))
	s.Attributes, s.Tags = held, spec.Tags(tags)
	attrs := plan.Attrs{"arn": text(g.TargetGroupArn), "name": s.Name}
	return candidate{
		Resource: liveResource(spec.TargetGroupKind, s, attrs, tags, append(unmanaged(g), others...)),
		id:       s.Name, name: s.Name,
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

func updateTargetGroup(ctx context.Context, a *session, c change[spec.TargetGroup]) error {
	arn := c.live.Attrs["arn"]
	if c.from.HealthCheck != c.to.HealthCheck {
		input := modifyTargetGroupInput(c.to)
		input.TargetGroupArn = &arn
		if _, err := a.elb().ModifyTargetGroup(ctx, input); err != nil {
			return err
		}
	}
	changed := targetGroupAttributes.change(c.from.Attributes, c.to.Attributes)
	if len(changed) == 0 {
		return nil
	}
	return onlyError(a.elb().ModifyTargetGroupAttributes(ctx, &elb.ModifyTargetGroupAttributesInput{
		TargetGroupArn: &arn,
		Attributes:     pairList[types.TargetGroupAttribute](changed),
	}))
}
