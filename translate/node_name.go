package translate

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/translate/compose"
)

// nameNodes names the nodes of programs that keep their data in a directory with the name
// of their host: each task has another host name, with which the program would find an
// empty directory after each restart.
func (t *translation) nameNodes() {
	for _, k := range t.tasks {
		for _, m := range k.members {
			node := knownOf(m.Image).Node
			if node.Variable == "" {
				continue
			}
			stated := m.Environment[node.Variable]
			switch {
			case stated != nil && t.isLostName(m, *stated):
				path := at(m.Name, "environment", node.Variable)
				t.ds.Warnf(t.At(path...), compose.Dotted(path), "write "+node.Variable+": "+node.Value,
					"%q names a host that no task has, so that the node does not start: tasks have host names of their own", *stated)
			case t.isOfCluster(m, node):
				t.sayCluster(m, node)
			case stated == nil && !slices.ContainsFunc(node.Others, func(name string) bool { return m.Environment[name] != nil }) && t.keepsData(k, m):
				t.nameNode(k, m, node)
			}
		}
	}
}

func (t *translation) nameNode(k *task, m container, node nodeName) {
	t.base.variables[m.Name] = append(t.base.variables[m.Name], spec.EnvironmentEntry{Name: node.Variable, Value: plan.Literal(node.Value)})
	t.formerly(taskDefinitionAddress(k.name()), "containerDefinitions."+ecsName(m.Name)+".environment."+node.Variable, nil)
	t.notef(m.at(), "", "it gets %s=%s: its data is in a directory with the name of its node, and each task has another host name", node.Variable, node.Value)
}

func (t *translation) keepsData(k *task, m container) bool {
	return slices.ContainsFunc(t.lastingMounts(k), func(mount *mount) bool { return mount.service.Name == m.Name && !mount.readOnly })
}

// isLostName says whether the name of a node has a host that docker gives its container
// and Fargate does not: hostname or container_name. The name of the service resolves.
func (t *translation) isLostName(m container, node string) bool {
	_, host, _ := strings.Cut(node, "@")
	return host != "" && host != m.Name && (host == m.Hostname || host == m.ContainerName)
}

// isOfCluster says whether a node of this kind is called by another service, or joins
// one: the nodes of a cluster need names that the others can call.
func (t *translation) isOfCluster(m container, node nodeName) bool {
	for _, name := range sortedKeys(t.Compose.Services) {
		caller := t.Compose.Services[name]
		for _, word := range t.wordsOf(container{ServiceConfig: &caller}) {
			if strings.Contains(word, "join_cluster") || name != m.Name && callsNode(word, node, m) {
				return true
			}
		}
	}
	return t.callsPeers(m, node)
}

// callsPeers says whether a node calls another service that is one.
func (t *translation) callsPeers(m container, node nodeName) bool {
	words := t.wordsOf(m)
	for _, name := range sortedKeys(t.Compose.Services) {
		peer := t.Compose.Services[name]
		if name != m.Name && knownOf(peer.Image).Node.Variable == node.Variable &&
			slices.ContainsFunc(words, func(word string) bool { return callsNode(word, node, container{ServiceConfig: &peer}) }) {
			return true
		}
	}
	return false
}

// callsNode sees the name of a node in a text.
func callsNode(text string, node nodeName, m container) bool {
	prefix, _, _ := strings.Cut(node.Value, "@")
	return slices.ContainsFunc([]string{m.Name, m.ContainerName, m.Hostname}, func(host string) bool {
		return host != "" && strings.Contains(text, prefix+"@"+host)
	})
}

// wordsOf are the variables, command lines and texts of a service.
func (t *translation) wordsOf(s container) []string {
	out := append(slices.Clone(s.Entrypoint), s.Command...)
	for _, value := range s.Environment {
		if value != nil {
			out = append(out, *value)
		}
	}
	for _, f := range t.textsOf(s.Name) {
		out = append(out, f.lines...)
	}
	return out
}

// sayCluster warns at a node that others of its cluster cannot call.
func (t *translation) sayCluster(m container, node nodeName) {
	prefix, _, _ := strings.Cut(node.Value, "@")
	named := m.Environment[node.Variable] != nil
	reached := !slices.ContainsFunc(node.Ports, func(port int) bool { return !t.names.hasEndpoint(m.Name, port) })
	if named && reached {
		return
	}
	ports := make([]string, len(node.Ports))
	for i, port := range node.Ports {
		ports[i] = strconv.Itoa(port)
	}
	t.warnf(m.at(), fmt.Sprintf("write environment: {%s: %s@%s} and x-fargate: {discovery: {ports: [%s]}}", node.Variable, prefix, m.Name, strings.Join(ports, ", ")),
		"it is a node of a cluster, which docker names by its host: the host name of a task is another one, and the others do not reach ports %s", strings.Join(ports, " and "))
}
