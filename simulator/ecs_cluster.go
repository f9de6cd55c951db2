package simulator

import (
	"regexp"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// Cluster is an ECS cluster. What ECS counts is counted when it is asked for.
type Cluster struct {
	types.Cluster
	Request string // digest of the call that made it, which may be repeated
	Due     Due    // when it is forgotten
}

// ecsName is what ECS allows in the names of clusters, services, families,
// containers and volumes.
var ecsName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,255}$`)

// clusterName is the cluster that a call means; without one, "default".
func clusterName(nameOrARN *string) string {
	if str(nameOrARN) == "" {
		return "default"
	}
	return shortName(*nameOrARN, "cluster")
}

// cluster finds an active cluster for reading.
func (a *Account) cluster(nameOrARN *string) (*Cluster, error) {
	c := a.Clusters.Get(clusterName(nameOrARN))
	switch {
	case c == nil:
		return nil, &types.ClusterNotFoundException{Message: ptr("Cluster not found.")}
	case *c.Status != "ACTIVE":
		return nil, &types.ClusterNotFoundException{Message: ptr("The referenced cluster was inactive.")}
	}
	return c, nil
}

// editCluster finds an active cluster for changing.
func (a *Account) editCluster(nameOrARN *string) (*Cluster, error) {
	c, err := a.cluster(nameOrARN)
	if err != nil {
		return nil, err
	}
	return a.Clusters.Edit(*c.ClusterName), nil
}

func createCluster(a *Account, in *ecs.CreateClusterInput) (*ecs.CreateClusterOutput, error) {
	name := *orElse(in.ClusterName, "default")
	request := digest(string(appendJSON(nil, in)))
	if c := a.Clusters.Get(name); c != nil && *c.Status == "ACTIVE" {
		if c.Request != request {
			return nil, invalidParameter(
				"Arguments on this idempotent request are inconsistent with arguments used in previous request(s).")
		}
		return &ecs.CreateClusterOutput{Cluster: a.describeCluster(c, allClusterFields)}, nil
	}
	if !ecsName.MatchString(name) {
		return nil, invalidParameter("Cluster name should match pattern [a-zA-Z0-9_-]{1,255}: %q", name)
	}
	tags, err := ecsCheckTags(nil, in.Tags)
	if err != nil {
		return nil, err
	}
	if err := checkClusterSettings(in.Settings); err != nil {
		return nil, err
	}
	if err := checkProviders(in.CapacityProviders, in.DefaultCapacityProviderStrategy); err != nil {
		return nil, err
	}
	arn := a.arn("ecs", "cluster/"+name)
	c := a.Clusters.Put(name, Cluster{Request: request, Cluster: types.Cluster{
		ClusterName: &name, ClusterArn: &arn, Status: ptr("ACTIVE"),
		Configuration: in.Configuration, Settings: a.clusterSettings(in.Settings),
		CapacityProviders: filled(in.CapacityProviders), DefaultCapacityProviderStrategy: filled(in.DefaultCapacityProviderStrategy),
	}})
	a.setConnectDefaults(c, in.ServiceConnectDefaults)
	a.bear(arn, tags)
	return &ecs.CreateClusterOutput{Cluster: a.describeCluster(c, allClusterFields)}, nil
}

// clusterSettings are the settings asked for, over the account's default.
func (a *Account) clusterSettings(asked []types.ClusterSetting) []types.ClusterSetting {
	if len(asked) > 0 {
		return asked
	}
	return []types.ClusterSetting{{
		Name: types.ClusterSettingNameContainerInsights, Value: ptr(a.setting(types.SettingNameContainerInsights)),
	}}
}

func checkClusterSettings(settings []types.ClusterSetting) error {
	for _, s := range settings {
		if s.Name != types.ClusterSettingNameContainerInsights {
			return invalidParameter("Unknown cluster setting name: %s", s.Name)
		}
		if !slices.Contains([]string{"enabled", "disabled", "enhanced"}, str(s.Value)) {
			return invalidParameter("Invalid value for containerInsights: %q", str(s.Value))
		}
	}
	return nil
}

// checkProviders refuses what is not Fargate's, and a default strategy with a
// provider that the cluster has not.
func checkProviders(providers []string, strategy []types.CapacityProviderStrategyItem) error {
	for _, p := range providers {
		if p != "FARGATE" && p != "FARGATE_SPOT" {
			return invalidParameter("The specified capacity provider '%s' was not found. Specify a valid name or ARN and try again.", p)
		}
	}
	return checkStrategy(providers, strategy)
}

// checkStrategy refuses a strategy that the cluster's providers cannot carry
// out (API reference, CapacityProviderStrategyItem).
func checkStrategy(providers []string, strategy []types.CapacityProviderStrategyItem) error {
	bases, weights := 0, int32(0)
	for _, item := range strategy {
		if !slices.Contains(providers, str(item.CapacityProvider)) {
			return invalidParameter("The specified capacity provider %s was not found. "+
				"Specify a capacity provider that is associated with the cluster and try again.", str(item.CapacityProvider))
		}
		if item.Base < 0 || item.Base > 100000 || item.Weight < 0 || item.Weight > 1000 {
			return invalidParameter("The base or weight of capacity provider %s is out of range.", *item.CapacityProvider)
		}
		if item.Base > 0 {
			bases++
		}
		weights += item.Weight
	}
	switch {
	case len(strategy) > 20:
		return invalidParameter("The capacity provider strategy has more than 20 capacity providers.")
	case bases > 1:
		return invalidParameter("Only one capacity provider in a capacity provider strategy can have a base defined.")
	case len(strategy) > 0 && weights == 0:
		return invalidParameter("The capacity provider strategy must have at least one capacity provider with a weight greater than 0.")
	}
	return nil
}

// setConnectDefaults makes the namespace if it does not exist yet, as ECS does.
func (a *Account) setConnectDefaults(c *Cluster, asked *types.ClusterServiceConnectDefaultsRequest) {
	switch {
	case asked == nil:
	case str(asked.Namespace) == "":
		c.ServiceConnectDefaults = nil
	default:
		ns := a.namespace(*asked.Namespace)
		if ns == nil {
			ns = a.PutNamespace(*asked.Namespace)
		}
		c.ServiceConnectDefaults = &types.ClusterServiceConnectDefaults{Namespace: ns.Arn}
	}
}

// allClusterFields is what the calls that change a cluster answer with.
var allClusterFields = []types.ClusterField{
	types.ClusterFieldConfigurations, types.ClusterFieldSettings, types.ClusterFieldTags,
}

// describeCluster is the cluster as ECS answers it: parts of it only when they
// are asked for.
func (a *Account) describeCluster(c *Cluster, include []types.ClusterField) *types.Cluster {
	out := c.Cluster
	if !slices.Contains(include, types.ClusterFieldConfigurations) {
		out.Configuration = nil
	}
	if !slices.Contains(include, types.ClusterFieldSettings) {
		out.Settings = []types.ClusterSetting{}
	}
	out.Tags = []types.Tag{}
	if slices.Contains(include, types.ClusterFieldTags) {
		out.Tags = ecsTags(a.tagsOf(*c.ClusterArn))
	}
	out.Statistics = []types.KeyValuePair{}
	for _, s := range a.Services.All() {
		if *s.ClusterArn == *c.ClusterArn && *s.Status == "ACTIVE" {
			out.ActiveServicesCount++
		}
	}
	for _, t := range a.Tasks.All() {
		if *t.ClusterArn != *c.ClusterArn {
			continue
		}
		switch *t.LastStatus {
		case "RUNNING":
			out.RunningTasksCount++
		case "PROVISIONING", "PENDING":
			out.PendingTasksCount++
		}
	}
	return &out
}

func describeClusters(a *Account, in *ecs.DescribeClustersInput) (*ecs.DescribeClustersOutput, error) {
	names := in.Clusters
	if len(names) == 0 {
		names = []string{"default"}
	}
	if len(names) > 100 {
		return nil, invalidParameter("The specified number of clusters is more than 100.")
	}
	out := &ecs.DescribeClustersOutput{Clusters: []types.Cluster{}, Failures: []types.Failure{}}
	for _, name := range names {
		if c := a.Clusters.Get(clusterName(&name)); c != nil {
			out.Clusters = append(out.Clusters, *a.describeCluster(c, in.Include))
		} else {
			out.Failures = append(out.Failures, missing(a.arn("ecs", "cluster/"+clusterName(&name))))
		}
	}
	return out, nil
}

func listClusters(a *Account, in *ecs.ListClustersInput) (*ecs.ListClustersOutput, error) {
	var all []string
	for _, c := range a.Clusters.All() {
		if *c.Status == "ACTIVE" {
			all = append(all, *c.ClusterArn)
		}
	}
	arns, next, err := ecsPage(a, all, itself, in.NextToken, in.MaxResults, 100)
	return &ecs.ListClustersOutput{ClusterArns: arns, NextToken: next}, err
}

func updateCluster(a *Account, in *ecs.UpdateClusterInput) (*ecs.UpdateClusterOutput, error) {
	c, err := a.editCluster(in.Cluster)
	if err != nil {
		return nil, err
	}
	if err := checkClusterSettings(in.Settings); err != nil {
		return nil, err
	}
	if in.Configuration != nil {
		c.Configuration = in.Configuration
	}
	if in.Settings != nil {
		c.Settings = in.Settings
	}
	a.setConnectDefaults(c, in.ServiceConnectDefaults)
	return &ecs.UpdateClusterOutput{Cluster: a.describeCluster(c, allClusterFields)}, nil
}

func updateClusterSettings(a *Account, in *ecs.UpdateClusterSettingsInput) (*ecs.UpdateClusterSettingsOutput, error) {
	c, err := a.editCluster(in.Cluster)
	if err != nil {
		return nil, err
	}
	if err := checkClusterSettings(in.Settings); err != nil {
		return nil, err
	}
	c.Settings = in.Settings
	return &ecs.UpdateClusterSettingsOutput{Cluster: a.describeCluster(c, allClusterFields)}, nil
}

// putClusterCapacityProviders replaces both lists. A provider that a service
// still uses cannot be taken away.
func putClusterCapacityProviders(
	a *Account, in *ecs.PutClusterCapacityProvidersInput,
) (*ecs.PutClusterCapacityProvidersOutput, error) {
	c, err := a.editCluster(in.Cluster)
	if err != nil {
		return nil, err
	}
	if err := checkProviders(in.CapacityProviders, in.DefaultCapacityProviderStrategy); err != nil {
		return nil, err
	}
	for _, s := range a.Services.All() {
		if *s.ClusterArn != *c.ClusterArn || *s.Status == "INACTIVE" {
			continue
		}
		for _, item := range s.CapacityProviderStrategy {
			if !slices.Contains(in.CapacityProviders, *item.CapacityProvider) {
				return nil, &types.ResourceInUseException{Message: ptr("The specified capacity provider is in use and cannot be removed.")}
			}
		}
	}
	c.CapacityProviders, c.DefaultCapacityProviderStrategy = in.CapacityProviders, in.DefaultCapacityProviderStrategy
	return &ecs.PutClusterCapacityProvidersOutput{Cluster: a.describeCluster(c, allClusterFields)}, nil
}

// describeCapacityProviders knows Fargate's, which every account has.
func describeCapacityProviders(
	_ *Account, in *ecs.DescribeCapacityProvidersInput,
) (*ecs.DescribeCapacityProvidersOutput, error) {
	out := &ecs.DescribeCapacityProvidersOutput{CapacityProviders: []types.CapacityProvider{}, Failures: []types.Failure{}}
	known := []string{"FARGATE", "FARGATE_SPOT"}
	names := in.CapacityProviders
	if len(names) == 0 {
		names = known
	}
	for _, name := range names {
		if !slices.Contains(known, name) {
			out.Failures = append(out.Failures, missing(name))
			continue
		}
		out.CapacityProviders = append(out.CapacityProviders, types.CapacityProvider{
			Name: &name, Status: types.CapacityProviderStatusActive,
		})
	}
	return out, nil
}

func deleteCluster(a *Account, in *ecs.DeleteClusterInput) (*ecs.DeleteClusterOutput, error) {
	c, err := a.editCluster(in.Cluster)
	if err != nil {
		return nil, err
	}
	for _, s := range a.Services.All() {
		if *s.ClusterArn == *c.ClusterArn && *s.Status != "INACTIVE" {
			return nil, &types.ClusterContainsServicesException{
				Message: ptr("The Cluster cannot be deleted while Services are active."),
			}
		}
	}
	for _, t := range a.Tasks.All() {
		if *t.ClusterArn == *c.ClusterArn && *t.LastStatus != "STOPPED" {
			return nil, &types.ClusterContainsTasksException{Message: ptr("The Cluster cannot be deleted while Tasks are active.")}
		}
	}
	c.Status = ptr("INACTIVE")
	a.Tags.Delete(*c.ClusterArn)
	return &ecs.DeleteClusterOutput{Cluster: a.describeCluster(c, allClusterFields)}, nil
}
