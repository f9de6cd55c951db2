package translate

import (
	"slices"
	"strings"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// nameNodes names the nodes of programs that keep their data in a directory with the name
// of their host: each task has another host name, with which the program would find an
// empty directory after each restart (RabbitMQ, "File and Directory Locations":
// RABBITMQ_MNESIA_DIR ends in the node's name, which is rabbit@HOSTNAME).
func (t *translation) nameNodes() {
	for _, k := range t.tasks {
		for _, m := range k.members {
			node := knownOf(m.Image).Node
			if node.Variable == "" || m.Environment[node.Variable] != nil || !t.keepsData(k, m) || t.hasPeers(m, node) {
				continue
			}
			t.base.variables[m.Name] = append(t.base.variables[m.Name], spec.EnvironmentEntry{Name: node.Variable, Value: plan.Literal(node.Value)})
			t.formerly(taskDefinitionAddress(k.name()), "containerDefinitions."+ecsName(m.Name)+".environment."+node.Variable, nil)
			t.notef(m.at(), "", "it gets %s=%s: its data is in a directory with the name of its node, and each task has another host name", node.Variable, node.Value)
		}
	}
}

func (t *translation) keepsData(k *task, m container) bool {
	return slices.ContainsFunc(t.lastingMounts(k), func(mount *mount) bool { return mount.service.Name == m.Name && !mount.readOnly })
}

// hasPeers says whether another service names a node of the same kind: a cluster needs
// names that its nodes can call.
func (t *translation) hasPeers(m container, node nodeName) bool {
	prefix, _, _ := strings.Cut(node.Value, "@")
	isNode := func(text string) bool {
		return slices.ContainsFunc([]string{m.Name, m.ContainerName, m.Hostname}, func(host string) bool {
			return host != "" && strings.Contains(text, prefix+"@"+host)
		})
	}
	for _, name := range sortedKeys(t.Compose.Services) {
		s := t.Compose.Services[name]
		for _, value := range s.Environment {
			if name != m.Name && value != nil && isNode(*value) {
				return true
			}
		}
		if strings.Contains(strings.Join(append(slices.Clone(s.Command), s.Entrypoint...), " "), "join_cluster") {
			return true
		}
	}
	return false
}
