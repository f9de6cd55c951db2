package simulator

import (
	"cmp"
	"reflect"
	"regexp"
	"slices"
	"strings"
)

// resources tells on which resources a call is, by its input.
type resources func(a *Account, in reflect.Value) []string

// anything is for actions that know no resources.
func anything(*Account, reflect.Value) []string { return []string{"*"} }

// both is for actions on resources of two types.
func both(one, other resources) resources {
	return func(a *Account, in reflect.Value) []string { return append(one(a, in), other(a, in)...) }
}

// arnsIn are the ARNs in the first field that is set.
func arnsIn(fields ...string) resources {
	return func(_ *Account, in reflect.Value) []string {
		for _, name := range fields {
			if list := listOf(in, name); len(list) > 0 {
				return list
			}
		}
		return []string{"*"}
	}
}

// listOf is a field of text or of a list of texts.
func listOf(in reflect.Value, name string) []string {
	field := in.FieldByName(name)
	if !field.IsValid() {
		return nil
	}
	if field.Kind() == reflect.Slice {
		var list []string
		for i := range field.Len() {
			if item := reflect.Indirect(field.Index(i)); item.Kind() == reflect.String {
				list = append(list, item.String())
			}
		}
		return list
	}
	if text := textOf(in, name); text != "" {
		return []string{text}
	}
	return nil
}

// placeholder is a field in the template of an ARN: {Cluster}, or {Cluster=default}
// with what it means when it is not set.
var placeholder = regexp.MustCompile(`\{(\w+)(?:=([^}]*))?\}`)

// at makes ARNs of a service out of names in an input: one for each item where a
// field is a list, * where a field is not set.
func at(service, template string) resources {
	return func(a *Account, in reflect.Value) []string {
		return expand(in, a.arn(service, template))
	}
}

// atGlobal is at for a service without regions; ofAWS one without accounts too.
func atGlobal(service, template string) resources {
	return func(a *Account, in reflect.Value) []string { return expand(in, a.globalARN(service, template)) }
}

func ofAWS(service, template string) resources {
	return func(a *Account, in reflect.Value) []string {
		return expand(in, "arn:"+a.Partition+":"+service+":::"+template)
	}
}

func expand(in reflect.Value, arn string) []string {
	m := placeholder.FindStringSubmatch(arn)
	if m == nil {
		return []string{arn}
	}
	list := listOf(in, m[1])
	if len(list) == 0 {
		list = []string{cmp.Or(m[2], "*")}
	}
	var out []string
	for _, value := range list {
		out = append(out, expand(in, strings.Replace(arn, m[0], short(value, value), 1))...)
	}
	return out
}

// short is the name in an ARN, or a name as it is; fallback where it is empty.
func short(value, fallback string) string {
	if value == "" {
		return fallback
	}
	if strings.HasPrefix(value, "arn:") {
		return lastPart(value)
	}
	return value
}

// roleIn is the role of an IAM call, under its path.
func roleIn(a *Account, in reflect.Value) []string {
	name := textOf(in, "RoleName")
	if r := a.Roles.Get(name); r != nil {
		return []string{*r.Arn}
	}
	return []string{a.globalARN("iam", "role"+cmp.Or(textOf(in, "Path"), "/")+name)}
}

// secretIn is the secret of a call, whose ARN ends in six characters more than its
// name.
func secretIn(a *Account, in reflect.Value) []string {
	id := cmp.Or(textOf(in, "SecretId"), textOf(in, "Name"))
	if s := a.secret(&id); s != nil {
		return []string{*s.ARN}
	}
	if strings.HasPrefix(id, "arn:") {
		return []string{id}
	}
	return []string{a.arn("secretsmanager", "secret:"+id+"-??????")}
}

// parameterIn are the parameters of a call: names begin with a slash that ARNs do
// not double.
func parameterIn(fields ...string) resources {
	return func(a *Account, in reflect.Value) []string {
		var out []string
		for _, field := range fields {
			for _, name := range listOf(in, field) {
				if !strings.HasPrefix(name, "arn:") {
					name = a.parameterARN(name)
				}
				out = append(out, name)
			}
		}
		return out
	}
}

// logGroupIn is the log group of a call, by its name or ARN.
func logGroupIn(suffix string) resources {
	return func(a *Account, in reflect.Value) []string {
		name := cmp.Or(textOf(in, "LogGroupName"), textOf(in, "LogGroupIdentifier"), "*")
		if strings.HasPrefix(name, "arn:") {
			return []string{strings.TrimSuffix(name, ":*") + suffix}
		}
		return expand(in, a.logGroupARN(name)+suffix)
	}
}

// taggedEC2 are the objects of a tagging call of EC2.
func taggedEC2(a *Account, in reflect.Value) []string {
	var out []string
	for _, id := range listOf(in, "Resources") {
		out = append(out, a.ec2ARN(id))
	}
	return out
}

// taggedEFSIn is the file system or access point that a call names by its id.
func taggedEFSIn(a *Account, in reflect.Value) []string {
	id := textOf(in, "ResourceId")
	if arn, err := a.taggedEFS(&id); err == nil {
		return []string{arn}
	}
	return []string{a.arn("elasticfilesystem", "file-system/"+short(id, "*"))}
}

// mountTargetIn is the file system of a mount target, on which those calls are.
func mountTargetIn(a *Account, in reflect.Value) []string {
	if m := a.MountTargets.Get(textOf(in, "MountTargetId")); m != nil {
		return []string{a.arn("elasticfilesystem", "file-system/"+*m.FileSystemId)}
	}
	return []string{a.arn("elasticfilesystem", "file-system/"+cmp.Or(short(textOf(in, "FileSystemId"), ""), "*"))}
}

// zonesIn are the hosted zones of a call, whose ids may be paths.
func zonesIn(fields ...string) resources {
	return func(a *Account, in reflect.Value) []string {
		var out []string
		for _, field := range fields {
			for _, id := range listOf(in, field) {
				out = append(out, "arn:"+a.Partition+":route53:::hostedzone/"+lastPart(id))
			}
		}
		return out
	}
}

// prioritized are the rules of SetRulePriorities.
func prioritized(_ *Account, in reflect.Value) []string {
	var out []string
	for list, i := in.FieldByName("RulePriorities"), 0; i < list.Len(); i++ {
		out = append(out, textOf(list.Index(i), "RuleArn"))
	}
	return out
}

// definitionIn are the task definitions of a call: families, revisions or ARNs. A
// family alone means its latest revision.
func definitionIn(fields ...string) resources {
	return func(a *Account, in reflect.Value) []string {
		var out []string
		for _, field := range fields {
			for _, name := range listOf(in, field) {
				if td := a.taskDefinition(name); td != nil {
					out = append(out, *td.TaskDefinitionArn)
				} else {
					out = append(out, a.arn("ecs", "task-definition/"+short(name, name)))
				}
			}
		}
		return slices.Compact(out)
	}
}

// repositoryIn are the repositories of a call, * where none is named.
func repositoryIn(a *Account, in reflect.Value) []string {
	names := append(listOf(in, "RepositoryName"), listOf(in, "RepositoryNames")...)
	if len(names) == 0 {
		return []string{a.arn("ecr", "repository/*")}
	}
	var out []string
	for _, name := range names {
		out = append(out, a.arn("ecr", "repository/"+name))
	}
	return out
}

// balancerIn is a new load balancer, whose ARN ends in what AWS makes up.
func balancerIn(a *Account, in reflect.Value) []string {
	kind := "app"
	if textOf(in, "Type") == "network" {
		kind = "net"
	}
	return []string{a.arn("elasticloadbalancing", "loadbalancer/"+kind+"/"+textOf(in, "Name")+"/*")}
}

// targetIn is a scalable target. Policies and actions are on it as well, as the
// reference has it.
func targetIn(a *Account, in reflect.Value) []string {
	if t := a.ScalableTargets.Get(textOf(in, "ResourceId")); t != nil {
		return []string{*t.ScalableTargetARN}
	}
	return []string{a.arn("application-autoscaling", "scalable-target/*")}
}

// operatedIn is what an operation of Cloud Map is about: a namespace, beside which a
// service may stand.
func operatedIn(a *Account, in reflect.Value) []string {
	o := a.DiscoveryOperations.Get(textOf(in, "OperationId"))
	if o == nil {
		return []string{a.arn("servicediscovery", "namespace/*")}
	}
	if s := a.DiscoveryServices.Get(o.Subject); s != nil {
		return []string{*s.Arn, a.arn("servicediscovery", "namespace/"+str(s.NamespaceId))}
	}
	return []string{a.arn("servicediscovery", "namespace/"+o.Subject)}
}
