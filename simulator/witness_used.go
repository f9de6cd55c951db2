package simulator

import (
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// used is what a running task is found by when something may be taken from it.
func (a *Account) used(t *Task) []string {
	if str(t.LastStatus) != "RUNNING" {
		return nil
	}
	var values []string
	td := a.definition(str(t.TaskDefinitionArn))
	for _, role := range []*string{td.ExecutionRoleArn, td.TaskRoleArn} {
		values = append(values, "role "+lastPart(str(role)))
	}
	for _, v := range td.Volumes {
		if v.EfsVolumeConfiguration != nil {
			values = append(values, "file-system "+*v.EfsVolumeConfiguration.FileSystemId, "names of "+str(val(a.Subnets.Get(subnetOf(t))).VpcId))
		}
	}
	for _, c := range td.ContainerDefinitions {
		values = append(values, "log-group "+val(c.LogConfiguration).Options["awslogs-group"])
		if own, repository := a.ownRepository(*c.Image); own {
			values = append(values, "repository "+repository)
		}
		for _, s := range c.Secrets {
			values = append(values, a.secretValue(*s.ValueFrom))
		}
		for _, host := range hostsIn(c) {
			values = append(values, "says "+host)
		}
	}
	for _, group := range t.Network.SecurityGroups {
		values = append(values, "group "+group)
	}
	return append(values, a.usedOfService(t)...)
}

// ownRepository is the repository of this account that an image is in.
func (a *Account) ownRepository(image string) (own bool, repository string) {
	host, rest, _ := strings.Cut(image, "/")
	if !strings.HasPrefix(host, a.Account+".dkr.ecr.") {
		return false, ""
	}
	return true, rest[:len(rest)-len(strings.TrimLeft(rest, "abcdefghijklmnopqrstuvwxyz0123456789._/-"))]
}

// secretValue is what a task is found by that reads from there.
func (a *Account) secretValue(from string) string {
	if arnService(from) == "secretsmanager" {
		parts := strings.Split(from, ":")
		arn := strings.Join(parts[:min(7, len(parts))], ":")
		return "secret " + *orElse(val(a.secret(&arn)).ARN, arn)
	}
	if arnService(from) == "" {
		from = a.parameterARN(from)
	}
	return "parameter " + from
}

// usedOfService are the target groups and names of the deployment that started it,
// and the namespace whose names it knows.
func (a *Account) usedOfService(t *Task) []string {
	var values []string
	for _, lb := range a.balancersOfTask(t) {
		values = append(values, "target-group "+str(lb.TargetGroupArn))
	}
	for _, id := range a.namesOf(t) {
		values = append(values, "name "+id)
	}
	if connect := a.connectOf(t); connect != nil {
		values = append(values, "connect "+*connect.Namespace)
	}
	return values
}

// connectOf is how the deployment that started a task has Service Connect, nil
// where it has not.
func (a *Account) connectOf(t *Task) *types.ServiceConnectConfiguration {
	return enabled(val(a.Revisions.Get(t.Service + "/" + lastPart(str(t.StartedBy)))).ServiceConnectConfiguration)
}

// namesOf are the ids of the Cloud Map services under which a task is found.
func (a *Account) namesOf(t *Task) []string {
	r := a.Revisions.Get(t.Service + "/" + lastPart(str(t.StartedBy)))
	if r == nil {
		return nil
	}
	var ids []string
	for _, registry := range r.ServiceRegistries {
		ids = append(ids, lastPart(str(registry.RegistryArn)))
	}
	if connect := enabled(r.ServiceConnectConfiguration); connect != nil {
		for _, s := range connect.Services {
			if known := a.discoveryServiceByName(lastPart(*connect.Namespace), *s.DiscoveryName); known != nil {
				ids = append(ids, *known.Id)
			}
		}
	}
	return ids
}

var (
	// hostWord is a word that may be a host, with what shows that it is one: it
	// follows // or @, or a port follows it.
	hostWord = regexp.MustCompile(`(//|@)?([A-Za-z0-9_][A-Za-z0-9_.-]*)(:[0-9])?`)

	// userOf is who asks, in front of a host.
	userOf = regexp.MustCompile(`//[^/@\s]*@`)

	// hostVariable is the name of a variable whose value is a host.
	hostVariable = regexp.MustCompile(`(?i)host|addr|server|endpoint|ur[il]`)
)

// hostsIn are the hosts that a container's variables and commands name.
func hostsIn(c types.ContainerDefinition) []string {
	var hosts []string
	say := func(text string, known bool) {
		for _, m := range hostWord.FindAllStringSubmatch(userOf.ReplaceAllString(text, "//"), -1) {
			if host := strings.ToLower(m[2]); (known || m[1] != "" || m[3] != "" || strings.Contains(host, ".")) && !slices.Contains(hosts, host) {
				hosts = append(hosts, host)
			}
		}
	}
	for _, v := range c.Environment {
		say(str(v.Value), hostVariable.MatchString(str(v.Name)))
	}
	for _, text := range slices.Concat(c.EntryPoint, c.Command) {
		say(text, false)
	}
	return hosts
}
