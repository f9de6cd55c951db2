package simulator

import (
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/route53/types"
)

// births are the new objects of calls whose own resource is another one: on those the
// tags are set (Service Authorization Reference, the resource types of the tagging
// actions).
var births = map[string]resources{
	"acm.RequestCertificate":                     at("acm", "certificate/*"),
	"ec2.CreateSecurityGroup":                    at("ec2", "security-group/*"),
	"ec2.CreateSubnet":                           at("ec2", "subnet/*"),
	"efs.CreateAccessPoint":                      at("elasticfilesystem", "access-point/*"),
	"efs.CreateFileSystem":                       at("elasticfilesystem", "file-system/*"),
	"elbv2.CreateListener":                       below("LoadBalancerArn", ":loadbalancer/", ":listener/"),
	"elbv2.CreateRule":                           below("ListenerArn", ":listener/", ":listener-rule/"),
	"servicediscovery.CreateHttpNamespace":       anything,
	"servicediscovery.CreatePrivateDnsNamespace": anything,
	"servicediscovery.CreateService":             anything,
}

// below is a new object whose ARN is that of its parent, with another type and an end.
func below(field, parent, child string) resources {
	return func(_ *Account, in reflect.Value) []string {
		return []string{strings.Replace(textOf(in, field), parent, child, 1) + "/*"}
	}
}

// createActions are the services that tell, in PREFIX:CreateAction, which call tags a new
// object (Service Authorization Reference, their condition keys).
var createActions = []string{"ec2", "ecs", "elasticfilesystem", "elasticloadbalancing"}

// tagsAtBirth are the tagging actions of a call that makes something with tags.
func (a *Account) tagsAtBirth(op operation, prefix string, in reflect.Value, tags map[string]string) []question {
	tagging := taggingActions[op.service]
	if tagging == "" || len(tags) == 0 || !creates(op.name) {
		return nil
	}
	born := births[op.service+"."+op.name]
	if born == nil {
		born = permitted[op.service+"."+op.name]
	}
	var list []question
	for _, resource := range born(a, in) {
		q := question{tagging, resource, a.context(prefix, resource, in, tags)}
		if slices.Contains(createActions, prefix) {
			q.context[prefix+":CreateAction"] = []string{op.name}
		}
		list = append(list, q)
	}
	return list
}

// deed is an action that a service does with the rights of its caller.
type deed struct {
	action    string
	resources resources
}

// alongside are the actions that AWS asks for beside the one that is called. Those of EFS are
// in its API reference, for the operation; those of Elastic Load Balancing in its guide
// ("API permissions"); those of Cloud Map in its guide ("API permissions reference") and its
// managed policy AWSCloudMapFullAccess; those of Application Auto Scaling in its guide
// ("Permissions required for API actions on target services and CloudWatch"). The service-linked roles are in the guides of the services: each is made when the first of its resources is.
var alongside = map[string][]deed{
	"autoscaling.PutScalingPolicy": {
		{"cloudwatch:DescribeAlarms", trackingAlarms}, {"cloudwatch:PutMetricAlarm", trackingAlarms}, {"cloudwatch:DeleteAlarms", trackingAlarms},
	},
	"autoscaling.RegisterScalableTarget": {
		linked("ecs.application-autoscaling.amazonaws.com"),
		{"ecs:DescribeServices", at("ecs", "{ResourceId}")}, {"ecs:UpdateService", at("ecs", "{ResourceId}")},
	},

	"ecs.CreateCluster":    {linked("ecs.amazonaws.com")},
	"efs.CreateFileSystem": {linked("elasticfilesystem.amazonaws.com")},
	"elbv2.CreateLoadBalancer": {
		linked("elasticloadbalancing.amazonaws.com"),
		{"ec2:DescribeAccountAttributes", anything}, {"ec2:DescribeAddresses", anything}, {"ec2:DescribeInternetGateways", anything},
		{"ec2:DescribeSecurityGroups", anything}, {"ec2:DescribeSubnets", anything}, {"ec2:DescribeVpcs", anything},
	},
	"elbv2.CreateTargetGroup": {{"ec2:DescribeInternetGateways", anything}, {"ec2:DescribeVpcs", anything}},
	"elbv2.SetIpAddressType":  {{"ec2:DescribeSubnets", anything}},
	"elbv2.SetSubnets":        {{"ec2:DescribeSubnets", anything}},

	"efs.CreateMountTarget": {
		{"ec2:DescribeSubnets", anything}, {"ec2:DescribeNetworkInterfaces", anything},
		{"ec2:CreateNetworkInterface", at("ec2", "network-interface/*")},
		{"ec2:CreateNetworkInterface", at("ec2", "subnet/{SubnetId}")},
		{"ec2:CreateNetworkInterface", at("ec2", "security-group/{SecurityGroups}")},
	},
	"efs.DeleteMountTarget": {{"ec2:DeleteNetworkInterface", mountInterface}},
	"efs.ModifyMountTargetSecurityGroups": {
		{"ec2:ModifyNetworkInterfaceAttribute", mountInterface},
		{"ec2:ModifyNetworkInterfaceAttribute", at("ec2", "security-group/{SecurityGroups}")},
	},

	"servicediscovery.CreatePrivateDnsNamespace": {
		{"ec2:DescribeRegions", anything}, {"ec2:DescribeVpcs", anything}, {"route53:CreateHostedZone", anything},
		{"route53:GetHostedZone", atZone("*")}, {"route53:ListHostedZonesByName", anything},
	},
	"servicediscovery.DeleteNamespace":           {{"route53:DeleteHostedZone", zoneOfNamespace}},
	"servicediscovery.UpdatePrivateDnsNamespace": {{"route53:ChangeResourceRecordSets", zoneOfNamespace}},
	"servicediscovery.UpdateService":             {{"route53:ChangeResourceRecordSets", zoneOfNamespace}},
}

// linked makes the service-linked role of a service, where there is none.
func linked(service string) deed {
	return deed{"iam:CreateServiceLinkedRole", func(a *Account, _ reflect.Value) []string {
		if a.Roles.Get(serviceRoles[service]) != nil {
			return nil
		}
		return []string{a.globalARN("iam", "role/aws-service-role/"+service+"/"+serviceRoles[service])}
	}}
}

// trackingAlarms are those that a target tracking policy makes and deletes; none of step
// scaling.
func trackingAlarms(a *Account, in reflect.Value) []string {
	if textOf(in, "PolicyType") != "TargetTrackingScaling" {
		return nil
	}
	return []string{a.arn("cloudwatch", "alarm:TargetTracking-"+textOf(in, "ResourceId")+"-*")}
}

// mountInterface is the network interface of a mount target.
func mountInterface(a *Account, in reflect.Value) []string {
	if m := a.MountTargets.Get(textOf(in, "MountTargetId")); m != nil {
		return []string{a.arn("ec2", "network-interface/"+*m.NetworkInterfaceId)}
	}
	return nil
}

func atZone(id string) resources {
	return func(a *Account, _ reflect.Value) []string {
		return []string{"arn:" + a.Partition + ":route53:::hostedzone/" + id}
	}
}

// zoneOfNamespace is the hosted zone of a namespace, or of that of a service; none where
// it has no DNS.
func zoneOfNamespace(a *Account, in reflect.Value) []string {
	id := textOf(in, "Id")
	if s := a.DiscoveryServices.Get(id); s != nil {
		id = str(s.NamespaceId)
	}
	ns := a.Namespaces.Get(id)
	if ns == nil || ns.Properties == nil || ns.Properties.DnsProperties == nil {
		return nil
	}
	return atZone(str(ns.Properties.DnsProperties.HostedZoneId))(a, in)
}

// besides are the questions of what AWS does for a call with the rights of its caller.
func (a *Account) besides(op operation, in reflect.Value) []question {
	var list []question
	for _, d := range alongside[op.service+"."+op.name] {
		prefix, _, _ := strings.Cut(d.action, ":")
		for _, resource := range d.resources(a, in) {
			q := question{d.action, resource, a.context(prefix, resource, reflect.ValueOf(struct{}{}), nil)}
			if parts := strings.Split(resource, "/"); d.action == "iam:CreateServiceLinkedRole" {
				q.context["iam:AWSServiceName"] = []string{parts[2]}
			}
			list = append(list, q)
		}
	}
	return list
}

// boundaryContext has the permissions boundary of the role of a call: the new one where it
// sets one, else that which the role has.
func (a *Account) boundaryContext(context map[string][]string, in reflect.Value) {
	if arn := textOf(in, "PermissionsBoundary"); arn != "" {
		context["iam:PermissionsBoundary"] = []string{arn}
	} else if r := a.Roles.Get(textOf(in, "RoleName")); r != nil && r.PermissionsBoundary != nil {
		context["iam:PermissionsBoundary"] = []string{str(r.PermissionsBoundary.PermissionsBoundaryArn)}
	}
	if service := textOf(in, "AWSServiceName"); service != "" {
		context["iam:AWSServiceName"] = []string{service}
	}
}

// recordContext has what changes of records are about. Names are in the form of Route 53,
// without their final dot (Route 53 Developer Guide, "Using IAM policy conditions for
// fine-grained access control").
func recordContext(context map[string][]string, batch any) {
	changes, ok := batch.(*types.ChangeBatch)
	if !ok || changes == nil {
		return
	}
	names, kinds, actions := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, c := range changes.Changes {
		actions[string(c.Action)] = true
		if set := c.ResourceRecordSet; set != nil {
			names[strings.TrimSuffix(canonicalName(str(set.Name)), ".")], kinds[string(set.Type)] = true, true
		}
	}
	const key = "route53:ChangeResourceRecordSets"
	for end, values := range map[string]map[string]bool{"NormalizedRecordNames": names, "RecordTypes": kinds, "Actions": actions} {
		context[key+end] = slices.Sorted(maps.Keys(values))
	}
}
