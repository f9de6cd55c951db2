package resource

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// serviceKind defines ECS services.
var serviceKind = methods{
	row: row{
		kind: spec.ServiceKind, noun: "service", tagged: "ecs:service",
		after: []string{spec.ClusterKind},
		reads: []string{
			"application-autoscaling:DescribeScalableTargets", "ecs:DescribeClusters", "ecs:DescribeServices", "ecs:ListServices", "servicediscovery:ListNamespaces",
			"servicediscovery:ListServices",
		},
		writes: []string{
			"ecs:CreateService", "ecs:DeleteService", "ecs:DescribeTasks", "ecs:ListServiceDeployments", "ecs:ListTasks",
			"ecs:TagResource", "ecs:UntagResource", "ecs:UpdateService", "ecs:UpdateTaskProtection",
			"elasticloadbalancing:DescribeTargetHealth", "logs:GetLogEvents",
		},
	},
	of: func(a *session) operations { return services{a} },
}

// services is the kind of ECS services.
type services struct{ *session }

func serviceIdentity(r *plan.Resource) serviceID {
	if id, ok := parseServiceARN(r.Attrs["arn"]); ok {
		return id
	}
	s := r.Spec.(*spec.Service)
	return serviceID{clusterName(s.Cluster.Text), s.ServiceName}
}

// describe returns the service as it is, INACTIVE or not; nil where ECS knows
// none.
func (k services) describe(ctx context.Context, id serviceID) (*types.Service, error) {
	found, err := describeServices(ctx, k.ecs(), id.cluster, []string{id.name})
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return &found[0], nil
}

func (k services) Read(ctx context.Context, r *plan.Resource) (*plan.Resource, error) {
	id := serviceIdentity(r)
	if id.cluster == "" { // ECS would look in its cluster "default"
		return nil, errors.New("its cluster is not known")
	}
	service, err := k.describe(ctx, id)
	if err != nil {
		return nil, err
	}
	if service == nil || !runs(*service) {
		return nil, plan.ErrNotFound
	}
	connected, err := connectNames(ctx, k.cloudMap(), []types.Service{*service})
	if err != nil {
		return nil, err
	}
	live := connected.candidate(*service)
	live.Address = r.Address
	targets, err := describeScalableTargets(ctx, k.session, []string{live.Attrs["resource-id"]})
	return live.Resource, markScaled([]candidate{live}, targets, err)
}

// runs says whether a service is there: one that is deleted stays visible as
// DRAINING and INACTIVE.
func runs(service types.Service) bool { return text(service.Status) == "ACTIVE" }

func serviceCandidate(service types.Service) candidate {
	tags := pairs(service.Tags)
	s := serviceSpec(service)
	s.Tags = spec.Tags(tags)
	id := serviceID{clusterName(text(service.ClusterArn)), s.ServiceName}
	attrs := serviceAttrs(service)
	if applied := plan.ParseApplied(tags[plan.TagSpec]); applied.Pending && applied.Force && !s.DeploymentConfiguration.RollsBack() {
		attrs[unprovenAttr] = "true"
	}
	return candidate{
		Resource: liveResource(spec.ServiceKind, s, attrs, tags, unmanagedOfService(service)),
		id:       id.String(), name: id.String(),
	}
}

// unmanagedOfService also looks at the PRIMARY deployment, which alone shows some
// settings of the service.
func unmanagedOfService(service types.Service) []string {
	out := unmanaged(service)
	if primary := primaryDeployment(service); primary != nil {
		out = append(out, unmanaged(*primary)...)
	}
	return out
}

func serviceAttrs(service types.Service) plan.Attrs {
	attrs := plan.Attrs{
		"arn":             text(service.ServiceArn),
		"name":            text(service.ServiceName),
		"task-definition": text(service.TaskDefinition),
	}
	if id, ok := parseServiceARN(attrs["arn"]); ok {
		attrs["resource-id"] = "service/" + id.String()
	}
	if primary := primaryDeployment(service); primary != nil {
		attrs["deployment"] = text(primary.Id)
		attrs["deployed"] = moment(aws.ToTime(primary.CreatedAt))
	}
	attrs["running"] = strconv.Itoa(int(service.RunningCount))
	return attrs
}

func primaryDeployment(service types.Service) *types.Deployment {
	for i, d := range service.Deployments {
		if text(d.Status) == "PRIMARY" {
			return &service.Deployments[i]
		}
	}
	return nil
}

// unprovenAttr says that no deployment of a service that is made has come to its end
// yet. ECS rolls back to the last deployment that completed, which is the one at count 0
// with the same tasks: those that fail would be started once more, and what failed to
// start would end as "rolled back" (DeploymentCircuitBreaker, rollback). So rollback is off
// until Settle, which an apply that was cut short leaves to be seen on the service itself.
const unprovenAttr = "unproven"

// asYet is want as it is sent as long as the service is unproven.
func asYet(live, want *plan.Resource) *spec.Service {
	s := want.Spec.(*spec.Service)
	if live.Attrs[unprovenAttr] == "" {
		return s
	}
	out := *s
	out.DeploymentConfiguration = s.DeploymentConfiguration.WithoutRollback()
	return &out
}

// Create makes the service idle. It is marked as one that has to be started,
// with a forced deployment, until Settle.
func (k services) Create(ctx context.Context, want *plan.Resource) (plan.Attrs, error) {
	id := serviceIdentity(want)
	token := clientToken(want, "")
	for {
		made, err := k.create(ctx, want, token)
		switch {
		case err == nil && runs(*made):
			attrs := serviceAttrs(*made)
			attrs[unprovenAttr] = "true"
			return attrs, nil
		case err == nil:
			// The token is that of a service that was made and deleted since.
			next := clientToken(want, aws.ToTime(made.CreatedAt).String())
			if next == token {
				return nil, fmt.Errorf("ECS returned a service that is %s", text(made.Status))
			}
			token = next
		case !is(err, "InvalidParameter", "Client"):
			return nil, err
		}
		live, lookErr := k.describe(ctx, id)
		switch {
		case lookErr != nil:
			return nil, lookErr
		case live != nil && runs(*live):
			return k.take(ctx, *live, want)
		case live != nil && text(live.Status) == "DRAINING":
			if err := k.gone(ctx, id); err != nil {
				return nil, err
			}
		case err != nil:
			return nil, err
		}
	}
}

func (k services) create(ctx context.Context, want *plan.Resource, token string) (*types.Service, error) {
	s := want.Spec.(*spec.Service)
	tags := k.allTags(want, s.Tags, plan.Applied{Hash: want.Hash, Pending: true, Force: true})
	tags[plan.TagTaskDefinition] = revisionOf(s.TaskDefinition.Text)
	input := createServiceInput(s)
	input.DeploymentConfiguration = deploymentConfiguration(spec.DeploymentConfiguration{}, s.DeploymentConfiguration.WithoutRollback())
	input.DesiredCount = number32(0)
	input.ClientToken = &token
	input.Tags = pairList[types.Tag](tags)
	var made *ecs.CreateServiceOutput
	err := k.patiently(ctx, func() (err error) {
		made, err = k.ecs().CreateService(ctx, input)
		return err
	})
	if err != nil {
		return nil, err
	}
	return made.Service, nil
}

// nameTime bounds the waiting for a name that a deleted service has left behind.
// How long ECS takes to remove those is documented nowhere.
const nameTime = 5 * time.Minute

// patiently repeats a call that fails because of what this process just made: a
// role, a namespace, or a listener or rule that leads to a target group; or because
// ECS has not let go yet of a name of Service Connect.
func (k services) patiently(ctx context.Context, call func() error) error {
	deadline := time.Now().Add(nameTime)
	return repeat(ctx, k.poll, func(err error) bool {
		return roleIsNew(err) && k.roleChanges.goesOn() ||
			namespaceIsNew(err) && k.namespaceChanges.goesOn() ||
			routeIsNew(err) && k.routeChanges.goesOn() ||
			nameIsHeld(err) && time.Now().Before(deadline)
	}, call)
}

// nameIsHeld recognizes the message of ECS for a discovery name that is in use:
// "SC service is already used by" and the namespace (aws/copilot-cli issues
// 4313, 4337, 4659).
func nameIsHeld(err error) bool {
	return is(err, "InvalidParameter") && says(err, "SC service is already used")
}

// clientToken is the same for the same service, so that ECS takes a second
// attempt for what it is; salt makes another one (CreateService, field
// clientToken: up to 36 ASCII characters).
func clientToken(want *plan.Resource, salt string) string {
	resolved, err := json.Marshal(want.Spec)
	if err != nil {
		resolved = []byte(want.Hash)
	}
	sum := sha256.Sum256([]byte(strings.Join([]string{
		want.Tags[plan.TagProject], want.Address.String(), want.Hash, string(resolved), salt,
	}, "\x00")))
	return hex.EncodeToString(sum[:16])
}

// take continues with an existing service: a creation of ours was interrupted.
// It leaves the tasks to Start.
func (k services) take(ctx context.Context, service types.Service, want *plan.Resource) (plan.Attrs, error) {
	live := serviceCandidate(service).Resource
	live.Address = want.Address
	if owner, _ := live.Owner(k.project); owner != plan.Ours {
		return nil, alreadyExists(live, k.project, "service "+live.Attrs["name"])
	}
	from, to := live.Spec.(*spec.Service), *asYet(live, want)
	from.Tags = managedTags(from.Tags, to.Tags)
	to.DesiredCount = from.DesiredCount
	idle := *want
	idle.Spec = &to
	return k.change(ctx, live, &idle, updateServiceInput(from, &to, false), true)
}

// Start sends every field of want, so that changes since the service was
// created do not matter.
func (k services) Start(ctx context.Context, live, want *plan.Resource) (plan.Attrs, error) {
	if live == nil || live.Attrs["arn"] == "" {
		var err error
		if live, err = k.Read(ctx, want); err != nil {
			return nil, err
		}
	}
	to := asYet(live, want)
	input := updateServiceInput(nil, to, true)
	if from, ok := live.Spec.(*spec.Service); ok {
		input.DeploymentConfiguration = deploymentConfiguration(from.DeploymentConfiguration, to.DeploymentConfiguration)
	}
	removeFromService(input, live, to)
	return k.change(ctx, live, want, input, true)
}

// Update sends what differs, in one call, so that ECS starts one deployment at
// most. Where nothing but tags differ it does not call UpdateService.
func (k services) Update(ctx context.Context, live, want *plan.Resource, force bool) (plan.Attrs, error) {
	input := updateServiceInput(live.Spec.(*spec.Service), asYet(live, want), force)
	return k.change(ctx, live, want, input, force)
}

// change tags the service as pending, and then changes it; input is nil where
// there is nothing to change but tags.
func (k services) change(
	ctx context.Context, live, want *plan.Resource, input *ecs.UpdateServiceInput, force bool,
) (plan.Attrs, error) {
	unfinished := plan.ParseApplied(live.Tags[plan.TagSpec]).Pending
	if input == nil {
		attrs := maps.Clone(live.Attrs)
		if !unfinished { // else what was begun may be rolling out still
			attrs["deployment"] = ""
		}
		return attrs, k.tag(ctx, live, want, plan.Applied{Hash: want.Hash, Pending: unfinished})
	}
	if err := k.tag(ctx, live, want, plan.Applied{Hash: want.Hash, Pending: true, Force: force}); err != nil {
		return nil, err
	}
	id := serviceIdentity(live)
	input.Cluster, input.Service = &id.cluster, &id.name
	var changed *ecs.UpdateServiceOutput
	err := k.patiently(ctx, func() (err error) {
		changed, err = k.ecs().UpdateService(ctx, input)
		return err
	})
	if err != nil {
		return nil, err
	}
	attrs := serviceAttrs(*changed.Service)
	attrs[unprovenAttr] = live.Attrs[unprovenAttr]
	if attrs["deployment"] == live.Attrs["deployment"] && !unfinished {
		attrs["deployment"] = ""
	}
	return attrs, nil
}

// tag sets our tags and the user's in one call, and none that are as they should
// be.
func (k services) tag(ctx context.Context, live, want *plan.Resource, applied plan.Applied) error {
	to := want.Spec.(*spec.Service)
	from := managedTags(spec.Tags(live.Tags), to.Tags)
	if s, ok := live.Spec.(*spec.Service); ok {
		from = s.Tags
	}
	tags := k.retag(live, want, from, to.Tags, applied)
	for _, key := range sortedKeys(live.Tags) {
		if _, stays := want.Tags[key]; (plan.IsPin(key) || key == plan.TagExtras) && !stays {
			tags.remove = append(tags.remove, key)
		}
	}
	if revision := revisionOf(to.TaskDefinition.Text); live.Tags[plan.TagTaskDefinition] != revision {
		tags.set[plan.TagTaskDefinition] = revision
	}
	return retagECS(ctx, k.session, live.Attrs["arn"], tags)
}

// Settle records that want was applied to the end, after which there is something to
// roll back to.
func (k services) Settle(ctx context.Context, attrs plan.Attrs, want *plan.Resource) error {
	if attrs[unprovenAttr] != "" {
		if err := k.letRollBack(ctx, attrs, want.Spec.(*spec.Service).DeploymentConfiguration); err != nil {
			return err
		}
	}
	applied := plan.Applied{Hash: want.Hash}
	return retagECS(ctx, k.session, attrs["arn"], retag{set: map[string]string{plan.TagSpec: applied.String()}})
}

// letRollBack turns on rollback where it is wanted: a change of the deployment
// configuration that starts no deployment (UpdateServiceInput, deploymentConfiguration).
func (k services) letRollBack(ctx context.Context, attrs plan.Attrs, want spec.DeploymentConfiguration) error {
	id, ok := parseServiceARN(attrs["arn"])
	if !ok || !want.RollsBack() {
		return nil
	}
	return onlyError(k.ecs().UpdateService(ctx, &ecs.UpdateServiceInput{
		Cluster: &id.cluster, Service: &id.name, DeploymentConfiguration: deploymentConfiguration(want, want),
	}))
}

// Delete stops the tasks and waits until the service is INACTIVE, for until then its
// name is taken, and until the tasks are gone: ECS calls it INACTIVE when they begin
// to stop (API reference, DeleteService: "either STOPPING or STOPPED"), and a
// database writes until its end.
func (k services) Delete(ctx context.Context, live *plan.Resource) error {
	id := serviceIdentity(live)
	tasks, err := k.runningTasks(ctx, id)
	if err = unless(err, "ServiceNotFound", "ClusterNotFound", "ServiceNotActive"); err != nil {
		return err
	}
	_, err = k.ecs().DeleteService(ctx, &ecs.DeleteServiceInput{
		Cluster: &id.cluster, Service: &id.name, Force: pointer(true),
	})
	if is(err, "ServiceNotFound", "ClusterNotFound") {
		return nil
	}
	// An attempt before this one was carried out.
	if err != nil && !is(err, "ServiceNotActive") {
		return err
	}
	if err := k.gone(ctx, id); err != nil {
		return err
	}
	return k.ended(ctx, id, tasks)
}

// gone waits until the service is INACTIVE or forgotten. What one reads right
// after the call may still be from before it.
func (k services) gone(ctx context.Context, id serviceID) error {
	deadline := time.Now().Add(appearTime)
	for {
		service, err := k.describe(ctx, id)
		if err != nil {
			return err
		}
		if service == nil || text(service.Status) == "INACTIVE" {
			return nil
		}
		if runs(*service) && time.Now().After(deadline) {
			return errors.New("the service is active although it was deleted")
		}
		if err := wait(ctx, k.poll); err != nil {
			return err
		}
	}
}
