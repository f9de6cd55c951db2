package translate

import (
	"regexp"
	"slices"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// Stack turns the project into the stack that it describes. The list has every
// problem that Load has not reported; the stack is nil if either has errors. Facts
// that are not known, and everything that depends on them, are refs.
func (p *Project) Stack(facts plan.Facts) (*plan.Stack, diag.List) { return p.stack(facts, nil) }

func (p *Project) stack(facts plan.Facts, once *Once) (*plan.Stack, diag.List) {
	t := newTranslation(p, p.complete(facts))
	t.networkKnown = len(facts.Subnets) > 0
	b := t.base
	groupTasks(b)
	sayShared(b)
	refuseCircles(b)
	b.refuseShown()
	addCluster(b)
	addLogGroup(b)
	t.network = newNetwork(b)
	t.storage.network = t.network
	named := findNames(b)
	refuseCrowd(b, named)
	t.ports = findPorts(b, named)
	t.names = newDiscovery(b, t.ports, named)
	t.ingress = newIngress(b, t.network, findPublished(b, t.ports))
	t.storage.isPublished = func(k *task) bool { return len(t.ingress.published.of(k)) > 0 }
	sayLoopback(b, t.ingress.published)
	b.refuseBlind()
	sayLocalhost(b, t.ingress.published)
	noteAccessKeys(b)
	t.sizes = chooseSizes(b, t.names.endpoints.connected())
	t.fileStorage()
	t.nameNodes()
	t.allowVolumes()
	t.storeSecrets()
	t.checkBuilds()
	t.executionRoles()
	deployments := planDeployments(b, t.writesToVolumes, t.locks)
	after := t.runsAfter()
	sayCapacity(b, t.writesToVolumes)
	t.scalings = planScaling(b, t.ingress.published, t.single)
	definitions := map[*task]*spec.TaskDefinition{}
	for _, task := range t.tasks {
		if needsRole(b, task) {
			taskRole(b, task)
		}
		for _, s := range task.containers() {
			t.warnOfShown(s)
		}
		t.refuseManyContainers(task)
		if size, ok := t.sizes[task]; ok {
			definitions[task] = t.taskDefinition(task, size)
		}
		t.service(task, deployments[task], definitions[task], after[task])
		t.addOnce(task, definitions[task], once)
	}
	t.sayRuns()
	t.noteChecks()
	t.warnUnawaited()
	checkWaysOut(b, definitions)
	t.warnShared()
	if t.ds.HasErrors() || len(p.refused) > 0 {
		return nil, p.discreet(p.Anchored(t.ds))
	}
	t.settled()
	target := plan.Target{Partition: facts.Partition, Account: facts.Account, Region: facts.Region, Project: p.Name}
	stack, err := plan.NewStack(spec.Kinds(), target, t.resources, slices.Concat(p.HiddenValues(), t.concealed)...)
	if err != nil {
		t.ds.Errorf(diag.Pos{}, "", "this is a bug in compose2fargate, please report it", "%v", err)
		return nil, p.discreet(p.Anchored(t.ds))
	}
	return stack, p.discreet(p.Anchored(t.ds))
}

// settled gives the services what is decided about them apart from their specs.
func (t *translation) settled() {
	for _, r := range t.resources {
		if r.Address.Kind == spec.ServiceKind {
			r.SetExtras(t.names.extras(t.taskOf[r.Address.Name]))
		}
	}
	for _, r := range t.resources {
		r.Former = t.former[r.Address]
	}
}

// Lookups are what the files ask to be found in the account.
func (p *Project) Lookups() plan.Lookups {
	b := newBase(p, plan.Facts{})
	groupTasks(b)
	return plan.Lookups{
		VPC: p.X.VPC, Subnets: slices.Clone(p.X.Subnets), PublicIP: p.X.PublicIP,
		Cluster:        p.X.Cluster,
		Spare:          p.X.Cluster != "" && usesSpot(b),
		LoadBalancer:   p.X.LoadBalancer,
		SecurityGroups: securityGroupNames(b),
		FileSystems:    p.existingFileSystems(),
		Certificates:   p.certificateArns(),
		Domain:         p.X.Domain,
		Published:      mayPublish(b) || mayLink(b),
		Balanced:       len(findPublished(b, findPorts(b, findNames(b)))) > 0,
		Isolated:       len(p.X.Networks) > 0,
	}
}

// existingFileSystems are the ids of those that active volumes name, sorted.
func (p *Project) existingFileSystems() []string {
	var out []string
	for name := range p.Compose.Volumes {
		if s := p.storeOf(name); s.kind == existingStore {
			out = append(out, s.fileSystem)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// complete adds to what is known of the account what the files say themselves.
func (p *Project) complete(facts plan.Facts) plan.Facts {
	if facts.VPC == "" && vpcID.MatchString(p.X.VPC) {
		facts.VPC = p.X.VPC
	}
	isName := func(subnet string) bool { return !subnetID.MatchString(subnet) }
	if len(facts.Subnets) == 0 && !slices.ContainsFunc(p.X.Subnets, isName) {
		facts.Subnets = slices.Sorted(slices.Values(p.X.Subnets))
	}
	return facts
}

// What is no id is a Name tag.
var (
	vpcID    = regexp.MustCompile(`^vpc-[0-9a-f]{8,17}$`)
	subnetID = regexp.MustCompile(`^subnet-[0-9a-f]{8,17}$`)
)
