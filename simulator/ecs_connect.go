package simulator

import (
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// Known is what the tasks of one deployment know of Service Connect: the
// endpoints that existed in the namespace when the deployment began. "Existing
// tasks and replacement tasks continue to behave the same as they did after the
// most recent deployment" (ECS Developer Guide, "Service Connect components").
// It is kept as a moment: a list for each deployment would be deployments times
// names.
type Known struct {
	At        int        // as counted by the changes of endpoints
	Endpoints []Endpoint // of files that were written before there was At
}

// Endpoint is a name and port at which clients find a service, and when.
type Endpoint struct {
	Name      string // DNS name of the client alias
	Port      int32  // of the client alias
	Service   string // id of the Cloud Map service
	Owner     string // key of the ECS service that offers it
	Namespace string // ARN
	Since     int    // the change of endpoints that brought it
	Until     int    // the change that took it away; 0 while it is there
}

// place is the endpoint without its time.
func (e Endpoint) place() string { return endpointName(e.Name, e.Port) + " " + e.Service }

func endpointName(name string, port int32) string { return name + ":" + strconv.Itoa(int(port)) }

func (e *Endpoint) foundBy() []string {
	if e.Until == 0 {
		return []string{"place " + e.place(), "service " + e.Service, "open " + e.Owner}
	}
	return []string{"place " + e.place(), "service " + e.Service}
}

// aliasName is what a client may call a Service Connect service.
var aliasName = regexp.MustCompile(`^[a-z0-9_.][a-z0-9_.-]{0,126}$`)

// checkConnect refuses what ECS refuses in a Service Connect configuration, and
// returns it as its deployment shows it: names filled in, the namespace by ARN.
func (a *Account) checkConnect(
	key string, cluster *Cluster, td *types.TaskDefinition, c *types.ServiceConnectConfiguration,
) (*types.ServiceConnectConfiguration, error) {
	switch {
	case c == nil || !c.Enabled:
		return c, nil
	case len(c.ContainerConfigurations) > 0:
		return nil, invalidParameter("The simulator does not know containerConfigurations of Service Connect.")
	}
	a.advanceLeaving()
	name := orElse(c.Namespace, str(val(cluster.ServiceConnectDefaults).Namespace))
	ns := a.namespace(*name)
	if ns == nil {
		return nil, &types.NamespaceNotFoundException{Message: ptr("The namespace was not found: " + *name)}
	}
	if err := checkProxyMemory(td); err != nil {
		return nil, err
	}
	out := clone(c)
	out.Namespace = ns.Arn
	for i := range out.Services {
		if err := a.checkConnectService(key, ns, td, &out.Services[i]); err != nil {
			return nil, err
		}
	}
	return out, checkConnectTwice(out.Services)
}

// checkProxyMemory wants memory of the task that no container has to itself: the
// proxy uses what the container limits leave (ECS Developer Guide, "Service
// Connect components"). That ECS refuses the call rather than to start the task
// is not verified.
func checkProxyMemory(td *types.TaskDefinition) error {
	task, err := strconv.Atoi(str(td.Memory))
	if err != nil {
		return invalidParameter("The task memory limit is required for Service Connect.")
	}
	taken := 0
	for _, c := range td.ContainerDefinitions {
		if c.Memory == nil {
			return nil
		}
		taken += int(*c.Memory)
	}
	if taken >= task {
		return invalidParameter("The containers take all of the task memory of %d MiB and leave none to the Service Connect proxy.", task)
	}
	return nil
}

func (a *Account) checkConnectService(
	key string, ns *Namespace, td *types.TaskDefinition, s *types.ServiceConnectService,
) error {
	port := namedPort(td, *s.PortName)
	if port == nil {
		return invalidParameter("Service Connect port name '%s' does not exist in the task definition.", *s.PortName)
	}
	s.DiscoveryName = orElse(s.DiscoveryName, *s.PortName)
	switch {
	case !portName.MatchString(*s.DiscoveryName):
		return invalidParameter("Invalid Service Connect discoveryName %q.", *s.DiscoveryName)
	case len(s.ClientAliases) != 1: // at least one and at most one (API reference, ServiceConnectService)
		return invalidParameter("A Service Connect service must have exactly one client alias, not %d.", len(s.ClientAliases))
	case port.Protocol == types.TransportProtocolUdp:
		return invalidParameter("Service Connect port '%s' must use tcp.", *s.PortName)
	}
	alias := &s.ClientAliases[0]
	alias.DnsName = orElse(alias.DnsName, *s.DiscoveryName+"."+*ns.Name)
	if !aliasName.MatchString(*alias.DnsName) || outside(alias.Port, 1, 65535) {
		return invalidParameter("Invalid Service Connect client alias %q port %d.", *alias.DnsName, *alias.Port)
	}
	if err := a.checkConnectTaken(key, ns, s); err != nil {
		return err
	}
	return a.checkFrozen(ns, s, port)
}

// namedPort is the port mapping of that name, nil when there is none.
func namedPort(td *types.TaskDefinition, name string) *types.PortMapping {
	for _, c := range td.ContainerDefinitions {
		for i := range c.PortMappings {
			if str(c.PortMappings[i].Name) == name {
				return &c.PortMappings[i]
			}
		}
	}
	return nil
}

// checkConnectTwice keeps discovery names and aliases unique in a configuration.
func checkConnectTwice(services []types.ServiceConnectService) error {
	for i, s := range services {
		for _, o := range services[:i] {
			switch {
			case *s.DiscoveryName == *o.DiscoveryName:
				return invalidParameter("The Service Connect discovery name '%s' is used twice.", *s.DiscoveryName)
			case sameAlias(s.ClientAliases[0], o.ClientAliases[0]):
				return invalidParameter("The Service Connect client alias %s:%d is used twice.",
					*s.ClientAliases[0].DnsName, *s.ClientAliases[0].Port)
			}
		}
	}
	return nil
}

func sameAlias(x, y types.ServiceConnectClientAlias) bool {
	return *x.DnsName == *y.DnsName && *x.Port == *y.Port
}

// checkConnectTaken keeps discovery names and client aliases unique in the
// namespace. A service may take back what it gave up itself, but a name that a
// deleted service left behind is blocked until ECS has removed it, for a service
// that is made again under its name too.
func (a *Account) checkConnectTaken(key string, ns *Namespace, s *types.ServiceConnectService) error {
	known := a.discoveryServiceByName(*ns.Id, *s.DiscoveryName)
	if known != nil && (known.Owner != key || known.Leaving && !a.isActive(key)) {
		// The first words are those of AWS (aws/copilot-cli issues 4313 and 4337).
		return invalidParameter("SC service is already used by %s: the discovery name '%s' is taken.", *ns.Arn, *s.DiscoveryName)
	}
	alias := s.ClientAliases[0]
	for otherKey, other := range a.services.Of(aliasValue(*ns.Arn, alias)) {
		if otherKey != key {
			return invalidParameter("The Service Connect client alias %s:%d is used by service %s.",
				*alias.DnsName, *alias.Port, *other.ServiceName)
		}
	}
	return nil
}

func (a *Account) isActive(key string) bool {
	s := a.Services.Get(key)
	return s != nil && *s.Status == "ACTIVE"
}

// checkFrozen refuses another protocol of a port that Service Connect knows:
// both protocol and appProtocol are "immutable in a Service Connect service"
// (API reference, PortMapping).
func (a *Account) checkFrozen(ns *Namespace, s *types.ServiceConnectService, port *types.PortMapping) error {
	known := a.discoveryServiceByName(*ns.Id, *s.DiscoveryName)
	switch {
	case known == nil:
	case known.Protocol != string(port.Protocol):
		return invalidParameter("The protocol of the Service Connect port '%s' cannot be changed from %s to %s.",
			*s.PortName, known.Protocol, port.Protocol)
	case known.AppProtocol != string(port.AppProtocol):
		return invalidParameter("The appProtocol of the Service Connect port '%s' cannot be changed from %q to %q.",
			*s.PortName, known.AppProtocol, port.AppProtocol)
	}
	return nil
}

// connectResources are the Cloud Map services of a deployment's endpoints. Those
// that do not exist yet are made, whether or not a task will run.
func (a *Account) connectResources(
	key string, td *types.TaskDefinition, c *types.ServiceConnectConfiguration,
) []types.ServiceConnectServiceResource {
	if c = enabled(c); c == nil {
		return nil
	}
	ns := a.namespace(*c.Namespace)
	if ns == nil { // somebody removed it behind our back
		return nil
	}
	a.putConnectClient(key, ns)
	var list []types.ServiceConnectServiceResource
	for _, s := range c.Services {
		known := a.discoveryServiceByName(*ns.Id, *s.DiscoveryName)
		if known == nil {
			// The tag is the one that ECS's own role asks for before it deletes
			// (AWS managed policy AmazonECSServiceRolePolicy).
			id := "srv-" + a.id("discovery-service", *ns.Id+" "+*s.DiscoveryName)[:16]
			known = a.putDiscoveryService(ns, id, *s.DiscoveryName, map[string]string{"AmazonECSManaged": "true"})
			port := val(namedPort(td, *s.PortName))
			known.CreateDate = ptr(a.now().Add(-time.Second)) // before the service itself: so in live answers
			known.Owner, known.Protocol, known.AppProtocol = key, string(port.Protocol), string(port.AppProtocol)
		}
		list = append(list, types.ServiceConnectServiceResource{DiscoveryName: s.DiscoveryName, DiscoveryArn: known.Arn})
	}
	return list
}

// putConnectClient makes the entry that every client of Service Connect leaves in
// its namespace: aws-ecs-sc.client.ID.SERVICE, seen in live accounts. It goes some
// looks after its service.
func (a *Account) putConnectClient(key string, ns *Namespace) {
	for _, s := range a.discovery.Of("owner " + key) {
		if s.Client && *s.NamespaceId == *ns.Id {
			return
		}
	}
	id := a.id("connect-client", *ns.Id+" "+key)
	known := a.putDiscoveryService(ns, "srv-"+id[:16], "aws-ecs-sc.client."+id[16:48]+"."+lastPart(key), map[string]string{"AmazonECSManaged": "true"})
	known.Owner, known.Client = key, true
}

// learn records the endpoints that the tasks of a new deployment know. One that is
// rolled back to keeps what it knew.
func (a *Account) learn(deployment string, c *types.ServiceConnectConfiguration) {
	if c = enabled(c); c != nil {
		a.Known.Put(deployment, Known{At: val(a.Counters.Get(endpointChanges + " "))})
	}
}

// endpointChanges is what counts the changes of endpoints.
const endpointChanges = "endpoints"

// announce notes which endpoints a service offers from now on, and which not any
// more: those without a task count as well.
func (a *Account) announce(key string) {
	offered := map[string]Endpoint{}
	for _, e := range a.endpointsOf(key) {
		offered[e.Namespace+" "+e.place()] = e
	}
	for id, e := range a.endpoints.Of("open " + key) {
		if _, still := offered[e.Namespace+" "+e.place()]; still {
			delete(offered, e.Namespace+" "+e.place())
			continue
		}
		a.Endpoints.Edit(id).Until = a.number(endpointChanges, "")
	}
	for _, place := range sortedKeys(offered) {
		e := offered[place]
		e.Since = a.number(endpointChanges, "")
		a.Endpoints.Put(key+" "+endpointName(e.Name, e.Port)+" "+strconv.Itoa(e.Since), e)
	}
}

// endpointsOf are the endpoints that a service offers now.
func (a *Account) endpointsOf(key string) []Endpoint {
	s := a.Services.Get(key)
	if s == nil || *s.Status != "ACTIVE" || len(s.Deployments) == 0 {
		return nil
	}
	c := enabled(s.Deployments[0].ServiceConnectConfiguration)
	if c == nil {
		return nil
	}
	var list []Endpoint
	for _, offered := range c.Services {
		known := a.discoveryServiceByName(lastPart(*c.Namespace), *offered.DiscoveryName)
		if known == nil {
			continue
		}
		alias := offered.ClientAliases[0]
		list = append(list, Endpoint{
			Name: *alias.DnsName, Port: *alias.Port, Service: *known.Id, Owner: key, Namespace: *c.Namespace,
		})
	}
	return list
}

// migrate brings what an older file says into today's form, and tells whether it
// had to: endpoints were kept with each deployment that knew them.
func (a *Account) migrate() bool {
	if a.Endpoints.Len() > 0 {
		return false
	}
	for key := range a.Services.All() {
		a.announce(key)
	}
	return a.Endpoints.Len() > 0
}

// Resolves tells whether every running task of a service finds another service
// by Service Connect at that alias and port: the endpoint exists, and it existed
// when the deployments of these tasks began. It is false where no task runs.
func (a *Account) Resolves(cluster, service, alias string, port int) bool {
	running := a.runningTasks(cluster, service)
	for _, t := range running {
		if !a.knows(t, alias, port) {
			return false
		}
	}
	return len(running) > 0
}

// RequestTimeout is after how long the proxy of Service Connect cuts a request to
// that alias and port off: 15 seconds for HTTP where the service does not say (API
// reference, TimeoutConfiguration, perRequestTimeoutSeconds), 0 for never.
func (a *Account) RequestTimeout(alias string, port int) time.Duration {
	for _, s := range a.Services.All() {
		if *s.Status != "ACTIVE" || enabled(s.Deployments[0].ServiceConnectConfiguration) == nil {
			continue
		}
		td := a.definition(*s.TaskDefinition)
		for _, offered := range s.Deployments[0].ServiceConnectConfiguration.Services {
			if at := offered.ClientAliases[0]; *at.DnsName == alias && int(*at.Port) == port {
				return requestTimeout(offered, val(namedPort(td, *offered.PortName)).AppProtocol)
			}
		}
	}
	return 0
}

func requestTimeout(s types.ServiceConnectService, protocol types.ApplicationProtocol) time.Duration {
	switch {
	case protocol == "": // TCP has no requests
		return 0
	case s.Timeout != nil && s.Timeout.PerRequestTimeoutSeconds != nil:
		return time.Duration(*s.Timeout.PerRequestTimeoutSeconds) * time.Second
	}
	return 15 * time.Second
}

// runningTasks are the tasks of a service that run.
func (a *Account) runningTasks(cluster, service string) []*Task {
	var running []*Task
	for _, t := range a.tasks.Of("service " + cluster + "/" + service) {
		if *t.LastStatus == "RUNNING" {
			running = append(running, t)
		}
	}
	return running
}

func (a *Account) knows(t *Task, alias string, port int) bool {
	number := t.Service + "/" + lastPart(*t.StartedBy)
	known, revision := a.Known.Get(number), a.Revisions.Get(number)
	if known == nil || revision == nil {
		return false
	}
	namespace := *revision.ServiceConnectConfiguration.Namespace
	want := types.ServiceConnectClientAlias{DnsName: &alias, Port: ptr(int32(port))}
	for key := range a.services.Of(aliasValue(namespace, want)) {
		for _, e := range a.endpointsOf(key) {
			if e.Namespace == namespace && e.Name == alias && int(e.Port) == port && a.existed(e, known) {
				return true
			}
		}
	}
	return false
}

// existed tells whether an endpoint of today was there at that moment too.
func (a *Account) existed(today Endpoint, known *Known) bool {
	for _, e := range a.endpoints.Of("place " + today.place()) {
		if e.Since <= known.At && (e.Until == 0 || e.Until > known.At) {
			return true
		}
	}
	return slices.ContainsFunc(known.Endpoints, func(e Endpoint) bool { return e.place() == today.place() })
}

// release notes which endpoints a service has given up, or has taken back: those
// that none of its deployments offers any more.
func (a *Account) release(key string) {
	s := a.Services.Get(key)
	for id, endpoint := range a.discovery.Of("owner " + key) {
		offered := slices.ContainsFunc(s.Deployments, func(d types.Deployment) bool {
			if endpoint.Client {
				return enabled(d.ServiceConnectConfiguration) != nil
			}
			return slices.ContainsFunc(d.ServiceConnectResources, func(r types.ServiceConnectServiceResource) bool {
				return *r.DiscoveryArn == *endpoint.Arn
			})
		})
		if endpoint.Leaving == offered {
			edited := a.DiscoveryServices.Edit(id)
			edited.Leaving, edited.Looks = !offered, 0
		}
	}
}

// advanceLeaving is a look at the endpoints that were given up: ECS removes their
// Cloud Map services some time later, and until then their names are taken. How
// long AWS takes is not documented; here it is as many looks as a deployment.
func (a *Account) advanceLeaving() {
	leaving := a.discovery.Keys("leaving")
	for key := range a.services.Of("status DRAINING") {
		if a.discovery.Has("owner " + key) {
			a.advance(key)
		}
	}
	for _, id := range leaving {
		a.lookAtLeaving(id)
	}
}

// lookAtLeaving is a look at one that was given up.
func (a *Account) lookAtLeaving(id string) {
	s := a.DiscoveryServices.Edit(id)
	if s.Looks++; s.Looks > a.Progress {
		a.dropDiscoveryService(id)
	}
}
