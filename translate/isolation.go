package translate

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/translate/xfargate"
)

// waysOut is the last phase: it looks at what the containers of each task are
// started from, once their definitions are made.
type waysOut struct{ *base }

// checkWaysOut speaks of tasks that have no other way out than VPC endpoints and
// would not start: these lead to some services only.
func checkWaysOut(b *base, definitions map[*task]*spec.TaskDefinition) {
	w := waysOut{base: b}
	missing := map[string][]string{} // endpoints, by isolated network
	for _, k := range w.tasks {
		d := definitions[k]
		switch {
		case d == nil:
		case w.shut(k):
			w.checkImages(k, d, w.errorf, "isolated networks reach")
			for _, network := range k.networks() {
				missing[network] = append(missing[network], w.lacking(d)...)
			}
		case w.networkKnown && w.facts.Isolated:
			w.checkImages(k, d, w.warnf, "the subnets have no way out except VPC endpoints, which reach")
			w.warnLacking(k, d)
		}
	}
	for _, network := range sortedKeys(missing) {
		w.refuseLacking(network, missing[network])
	}
}

// shut says whether a task is in isolated networks alone: one that is not lets
// it out.
func (w waysOut) shut(k *task) bool {
	return !slices.ContainsFunc(k.networks(), func(network string) bool { return !w.X.Networks[network].Isolated })
}

// checkImages reports images that cannot be pulled through VPC endpoints: those
// of ECR reach only the private registries of the region (ECR user guide,
// "Amazon ECR interface VPC endpoints", Considerations).
func (w waysOut) checkImages(k *task, d *spec.TaskDefinition, say func(path diag.Path, help, format string, args ...any), why string) {
	for _, c := range d.ContainerDefinitions {
		if w.inRegistry(c.Image) {
			continue
		}
		path := w.runPath(k, c.Name)
		help := "write x-fargate: {copy: true} at the service, or name an image in ECR" + w.inRegion()
		if len(path) == 2 { // nobody wrote it
			help = "give the service a network with a way out"
		}
		name, _, _ := strings.Cut(c.Image.Text, "@")
		say(path, help, "image %s cannot be pulled: %s ECR%s only", name, why, w.inRegion())
	}
}

// inRegion is " of REGION", or nothing while it is not known.
func (w waysOut) inRegion() string {
	if w.facts.Region == "" {
		return " of the region"
	}
	return " of " + w.facts.Region
}

// inRegistry says whether an image is in ECR of the region, or of any while the
// region is not known. One that refers to a resource is in a repository of ours.
func (w waysOut) inRegistry(image plan.Value) bool {
	if image.Ref != nil {
		return true
	}
	m := ecrImage.FindStringSubmatch(image.Text)
	return m != nil && (w.facts.Region == "" || m[2] == w.facts.Region)
}

// runPath is where the files say what a container runs.
func (w waysOut) runPath(k *task, container string) []string {
	if step, ok := w.stepOfContainer(container); ok {
		return append(step, "image")
	}
	for _, m := range k.members {
		if ecsName(m.Name) != container {
			continue
		}
		for _, key := range []string{"image", "build"} {
			if w.Written(at(m.Name, key)...) {
				return at(m.Name, key)
			}
		}
	}
	return at(k.name()) // of a container that is the tool's own
}

// lacking are the endpoints that a task needs and the VPC does not have, nil
// while that is not known.
func (w waysOut) lacking(d *spec.TaskDefinition) []string {
	if !w.networkKnown {
		return nil
	}
	return slices.DeleteFunc(endpointsFor(d), func(service string) bool { return slices.Contains(w.facts.Endpoints, service) })
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
func (w waysOut) refuseLacking(network string, services []string) {
	slices.Sort(services)
	services = slices.Compact(services)
	if len(services) == 0 {
		return
	}
	w.errorf(diag.Path{"networks", network, xfargate.Key, "isolated"}, w.howToMake(services),
		"%s has no VPC endpoints for %s, which every task of the network needs to start", w.facts.VPC, strings.Join(services, ", "))
}

func (w waysOut) warnLacking(k *task, d *spec.TaskDefinition) {
	if services := w.lacking(d); len(services) > 0 {
		w.warnf(at(k.name()), w.howToMake(services),
			"the subnets have no way out, and %s has no VPC endpoints for %s, which the task needs to start",
			w.facts.VPC, strings.Join(services, ", "))
	}
}

// howToMake is the command line for an endpoint of each sort.
func (w waysOut) howToMake(services []string) string {
	var commands []string
	ofInterfaces := slices.DeleteFunc(slices.Clone(services), func(s string) bool { return s == "s3" })
	if len(ofInterfaces) > 0 {
		commands = append(commands, w.createEndpoint(ofInterfaces[0], "Interface --private-dns-enabled --subnet-ids "+
			strings.Join(w.facts.Subnets, " ")+" --security-group-ids GROUP"))
	}
	if len(ofInterfaces) < len(services) {
		commands = append(commands, w.createEndpoint("s3", "Gateway --route-table-ids TABLE"))
	}
	return "create them, with security groups that allow port 443 from the VPC: " + strings.Join(commands, "; ")
}

func (w waysOut) createEndpoint(service, kind string) string {
	name := fmt.Sprintf("com.amazonaws.%s.%s", cmp.Or(w.facts.Region, "REGION"), service)
	if w.facts.Partition == "aws-cn" && service != "s3" {
		name = "cn." + name
	}
	return fmt.Sprintf("aws ec2 create-vpc-endpoint --vpc-id %s --service-name %s --vpc-endpoint-type %s", w.facts.VPC, name, kind)
}
