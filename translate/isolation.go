package translate

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// toEndpoints lets tasks out to the VPC endpoints that they start through:
// interface endpoints by their security groups, the gateway endpoint of S3 by the
// prefix list of its addresses (ECR user guide, "Amazon ECR interface VPC
// endpoints", on "Minimum Amazon S3 bucket permissions").
func (t *translation) toEndpoints() []spec.SecurityGroupRule {
	if !t.networkKnown {
		return []spec.SecurityGroupRule{
			https(spec.SecurityGroupRule{GroupID: plan.Fact("vpc", "endpoint-groups", "")}),
			https(spec.SecurityGroupRule{PrefixListID: plan.Fact("vpc", "s3-prefix-list", "").String()}),
		}
	}
	var out []spec.SecurityGroupRule
	for _, group := range t.facts.EndpointGroups {
		out = append(out, https(spec.SecurityGroupRule{GroupID: plan.Literal(group)}))
	}
	if list := t.facts.S3PrefixList; list != "" {
		out = append(out, https(spec.SecurityGroupRule{PrefixListID: list}))
	}
	return out
}

// checkWaysOut looks at what the containers of each task are started from. A
// task without another way out than VPC endpoints starts only where these lead.
func (t *translation) checkWaysOut() {
	missing := map[string][]string{} // endpoints, by isolated network
	for _, k := range t.tasks {
		d := t.definitionOf(k)
		switch {
		case d == nil:
		case t.shut(k):
			t.checkImages(k, d, t.errorf, "isolated networks lead")
			for _, network := range k.networks() {
				missing[network] = append(missing[network], t.lacking(d)...)
			}
		case t.networkKnown && t.facts.Isolated:
			t.checkImages(k, d, t.warnf, "the subnets show no way out but VPC endpoints, which lead")
			t.warnLacking(k, d)
		}
	}
	for _, network := range sortedKeys(missing) {
		t.refuseLacking(network, missing[network])
	}
}

// definitionOf is the task definition of a task, nil where there was an error.
func (t *translation) definitionOf(k *task) *spec.TaskDefinition {
	for _, r := range t.resources {
		if r.Address == taskDefinitionAddress(k.name()) {
			return r.Spec.(*spec.TaskDefinition)
		}
	}
	return nil
}

// shut says whether a task is in isolated networks alone: one that is not lets
// it out.
func (t *translation) shut(k *task) bool {
	return !slices.ContainsFunc(k.networks(), func(network string) bool { return !t.X.networks[network].Isolated })
}

// checkImages speaks of images that VPC endpoints don't lead to: those of ECR
// lead to the private registries of the region (ECR user guide, "Amazon ECR
// interface VPC endpoints", Considerations).
func (t *translation) checkImages(k *task, d *spec.TaskDefinition, say func(path []string, help, format string, args ...any), why string) {
	for _, c := range d.ContainerDefinitions {
		if t.inRegistry(c.Image) {
			continue
		}
		path := t.runPath(k, c.Name)
		help := "write x-fargate: {copy: true} at the service, or name an image in ECR" + t.inRegion()
		if len(path) == 2 { // nobody wrote it
			help = "give the service a network with a way out"
		}
		name, _, _ := strings.Cut(c.Image.Text, "@")
		say(path, help, "image %s cannot be pulled: %s to ECR%s only", name, why, t.inRegion())
	}
}

// inRegion is " of REGION", or nothing while it is not known.
func (t *translation) inRegion() string {
	if t.facts.Region == "" {
		return " of the region"
	}
	return " of " + t.facts.Region
}

var ecrHost = regexp.MustCompile(`^[0-9]{12}\.dkr[.-]ecr(?:-fips)?\.([a-z0-9-]+)\.(?:amazonaws\.com(?:\.cn)?|on\.aws|on\.amazonwebservices\.com\.cn)/`)

// inRegistry says whether an image is in ECR of the region, or of any while the
// region is not known. One that refers to a resource is in a repository of ours.
func (t *translation) inRegistry(image plan.Value) bool {
	if image.Ref != nil {
		return true
	}
	m := ecrHost.FindStringSubmatch(image.Text)
	return m != nil && (t.facts.Region == "" || m[1] == t.facts.Region)
}

// runPath is where the files say what a container runs.
func (t *translation) runPath(k *task, container string) []string {
	if step, ok := t.stepOfContainer(container); ok {
		return append(step, "image")
	}
	service := t.serviceOfContainer(k.name(), container)
	for _, key := range []string{"image", "build"} {
		if ecsName(service) == container && t.Written(at(service, key)...) {
			return at(service, key)
		}
	}
	return at(service) // of a container that is the tool's own
}

// lacking are the endpoints that a task needs and the VPC does not have, nil
// while that is not known.
func (t *translation) lacking(d *spec.TaskDefinition) []string {
	if !t.networkKnown {
		return nil
	}
	return slices.DeleteFunc(endpointsFor(d), func(service string) bool { return slices.Contains(t.facts.Endpoints, service) })
}

// endpointsFor are the services that a task is started through (ECS developer
// guide, "Amazon ECS interface VPC endpoints").
func endpointsFor(d *spec.TaskDefinition) []string {
	out := []string{"ecr.api", "ecr.dkr", "s3"}
	for _, c := range d.ContainerDefinitions {
		if c.LogConfiguration != nil && c.LogConfiguration.LogDriver == "awslogs" {
			out = append(out, "logs")
		}
		if c.RepositoryCredentials != nil {
			out = append(out, "secretsmanager")
		}
		for _, secret := range c.Secrets {
			out = append(out, secretService(secret.ValueFrom))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// secretService is ssm for a parameter, by its ARN, its name, or the resource.
func secretService(from plan.Value) string {
	if from.Ref != nil && from.Ref.Address.Kind == spec.SecretKind || strings.Contains(from.Text, ":secretsmanager:") {
		return "secretsmanager"
	}
	return "ssm"
}

// refuseLacking speaks of the endpoints that the tasks of an isolated network
// lack.
func (t *translation) refuseLacking(network string, services []string) {
	slices.Sort(services)
	services = slices.Compact(services)
	if len(services) == 0 {
		return
	}
	t.errorf([]string{"networks", network, xKey, "isolated"}, t.howToMake(services),
		"%s has no VPC endpoints for %s, without which no task of the network starts", t.facts.VPC, strings.Join(services, ", "))
}

func (t *translation) warnLacking(k *task, d *spec.TaskDefinition) {
	if services := t.lacking(d); len(services) > 0 {
		t.warnf(at(k.name()), t.howToMake(services),
			"the subnets show no way out, and %s has no VPC endpoints for %s, without which the task does not start",
			t.facts.VPC, strings.Join(services, ", "))
	}
}

// howToMake is the command line for an endpoint of each sort.
func (t *translation) howToMake(services []string) string {
	var commands []string
	ofInterfaces := slices.DeleteFunc(slices.Clone(services), func(s string) bool { return s == "s3" })
	if len(ofInterfaces) > 0 {
		commands = append(commands, t.createEndpoint(ofInterfaces[0], "Interface --private-dns-enabled --subnet-ids "+
			strings.Join(t.facts.Subnets, " ")+" --security-group-ids GROUP"))
	}
	if len(ofInterfaces) < len(services) {
		commands = append(commands, t.createEndpoint("s3", "Gateway --route-table-ids TABLE"))
	}
	return "make them, with security groups that let the VPC in on port 443: " + strings.Join(commands, "; ")
}

func (t *translation) createEndpoint(service, kind string) string {
	name := fmt.Sprintf("com.amazonaws.%s.%s", cmp.Or(t.facts.Region, "REGION"), service)
	if t.facts.Partition == "aws-cn" && service != "s3" {
		name = "cn." + name
	}
	return fmt.Sprintf("aws ec2 create-vpc-endpoint --vpc-id %s --service-name %s --vpc-endpoint-type %s", t.facts.VPC, name, kind)
}
