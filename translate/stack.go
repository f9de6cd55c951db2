package translate

import (
	"regexp"
	"slices"
	"strings"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// Stack turns the project into the stack that it wants to be on AWS. Every
// problem is in the list; where it has errors the stack is nil. Facts that are
// not known, and all that follows from them, stand as refs. Stack has nothing to
// say about what the files hold, which Load has said.
func (p *Project) Stack(facts plan.Facts) (*plan.Stack, diag.List) {
	t := newTranslation(p, p.complete(facts))
	t.networkKnown = len(facts.Subnets) > 0
	t.group()
	t.sayShared()
	t.refuseCircles()
	t.cluster()
	t.logGroup()
	t.securityGroups()
	t.discovery()
	t.ingress()
	t.fileStorage()
	t.keepSecrets()
	t.checkBuilds()
	t.executionRoles()
	for _, task := range t.tasks {
		t.taskRole(task)
		t.taskDefinition(task)
		t.service(task)
	}
	t.checkWaysOut()
	t.refuseDefaultSize()
	t.noteSizes()
	t.warnShared()
	t.noteWriters()
	if t.ds.HasErrors() {
		return nil, p.Anchored(t.ds)
	}
	target := plan.Target{Partition: facts.Partition, Account: facts.Account, Region: facts.Region, Project: p.Name}
	stack, err := plan.NewStack(spec.Kinds(), target, t.resources)
	if err != nil {
		t.ds.Errorf(diag.Pos{}, "", "this is a mistake of compose2fargate, please report it", "%v", err)
		return nil, p.Anchored(t.ds)
	}
	return stack, p.Anchored(t.ds)
}

// Lookups are what the files ask to be found in the account.
func (p *Project) Lookups() plan.Lookups {
	t := &translation{base: newBase(p, plan.Facts{})}
	t.group()
	return plan.Lookups{
		VPC: p.X.VPC, Subnets: slices.Clone(p.X.Subnets), PublicIP: p.X.PublicIP,
		Cluster:        p.X.Cluster,
		LoadBalancer:   p.X.LoadBalancer,
		SecurityGroups: t.groupLookups(),
		Domain:         p.X.Domain,
		Balanced:       len(t.exposed()) > 0,
		Isolated:       len(p.X.networks) > 0,
	}
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

// translation is the work of one call of Stack.
type translation struct {
	*base

	exposures []*exposure // by service and container port
	balancers []*balancer // by name

	implied   map[string][]openPort     // ports that only images tell of, by service
	endpoints map[*task][]endpoint      // nil: not looked for yet
	dnsNames  map[*task]string          // in private DNS
	uses      map[*task]map[string]bool // services that the members of a task name
	nameUses  []nameUse

	unsized    []string           // services without any size
	commonSize size               // of those
	mounts     map[string][]*task // that mount a scratch volume, by volume
	writers    []string           // services that alone write to their volumes
	others     []string           // file systems of others, which were spoken of

	architectures map[*task]string
	images        map[plan.Address]string      // tags of the images that are made
	layers        map[string][]spec.FileSource // by containerKey
	secretsOf     map[string]containerSecrets  // by containerKey
	kept          map[plan.Address]*keptValue
	values        map[string]map[string]*keptValue // of secrets, by compose name
}

func newTranslation(p *Project, facts plan.Facts) *translation {
	return &translation{
		base:          newBase(p, facts),
		architectures: map[*task]string{}, images: map[plan.Address]string{}, layers: map[string][]spec.FileSource{},
		secretsOf: map[string]containerSecrets{}, kept: map[plan.Address]*keptValue{},
		values: map[string]map[string]*keptValue{},
	}
}

func (t *translation) clusterAddress() plan.Address {
	return plan.Address{Kind: spec.ClusterKind, Name: t.Name}
}

func (t *translation) clusterRef() plan.Value {
	if t.X.Cluster != "" {
		return t.existingCluster()
	}
	return plan.RefTo(t.clusterAddress(), "arn", t.arn("ecs", "cluster/"+ecsName(t.Name)))
}

// existingCluster is the ARN of the one that the files name.
func (t *translation) existingCluster() plan.Value {
	if strings.HasPrefix(t.X.Cluster, "arn:") {
		return plan.Literal(t.X.Cluster)
	}
	return plan.Fact("cluster", "arn", t.facts.Cluster)
}

func (t *translation) cluster() {
	if t.X.Cluster != "" {
		return
	}
	t.add(t.clusterAddress(), t.At("name"), &spec.Cluster{
		ClusterName:       ecsName(t.Name),
		CapacityProviders: []string{"FARGATE", "FARGATE_SPOT"},
		Tags:              t.tags(),
	})
}
