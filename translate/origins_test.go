package translate

import (
	"strings"
	"testing"

	"github.com/compose2fargate/compose2fargate/plan"
)

func TestLocate(t *testing.T) {
	for _, c := range []struct{ dir, address, path, want string }{
		{"voting-app", "service/worker", "desiredCount", "compose.yaml:36:7"},
		{"voting-app", "service/worker", "taskDefinition", "compose.yaml:29:3"},
		{"voting-app", "service/worker", "networkConfiguration.securityGroups", "compose.yaml:34:5"},
		{"voting-app", "task-definition/worker", "cpu", "compose.yaml:38:18"},
		{"voting-app", "task-definition/worker", "containerDefinitions.worker.memory", "compose.yaml:38:31"},
		{"voting-app", "task-definition/vote", "containerDefinitions.vote.image", "compose.yaml:6:5"},
		{"voting-app", "task-definition/vote", "containerDefinitions.vote.portMappings.80/tcp", "compose.yaml:10:5"},
		{"voting-app", "task-definition/redis", "containerDefinitions.redis.portMappings.6379/tcp", "compose.yaml:42:5"},
		{"voting-app", "task-definition/vote", "containerDefinitions.vote.healthCheck.startPeriod", "compose.yaml:18:7"},
		{"voting-app", "task-definition/db", "containerDefinitions.db.environment.POSTGRES_PASSWORD.value", "compose.yaml:53:7"},
		{"voting-app", "task-definition/db", "containerDefinitions.db.stopTimeout", "compose.yaml:48:3"},
		{"voting-app", "security-group/net.back-tier", "egress", "compose.yaml:67:5"},
		{"voting-app", "security-group/net.front-tier", "description", "compose.yaml:65:3"},
		{"voting-app", "cluster/voting", "clusterName", "compose.yaml:3:1"},
		{"environment", "task-definition/web", "containerDefinitions.web.environment.EMPTY.value", "compose.yaml:8:9"},
		{"environment", "task-definition/web", "containerDefinitions.web.environment.A.value", "compose.yaml:5:5"},
		{"process", "task-definition/all", "containerDefinitions.all.dockerLabels.com/example/team", "compose.yaml:13:14"},
		{"roles", "service/web", "tags.team.value", "compose.yaml:8:10"},
		{"roles", "log-group/roles", "retentionInDays", "compose.yaml:7:3"},
		{"roles", "role/execution", "permissionsBoundary", "compose.yaml:9:3"},
		{"roles", "role/web.task", "managedPolicyArns", "compose.yaml:14:7"},
		{"sidecars", "task-definition/web", "containerDefinitions.metrics.memory", "compose.yaml:18:5"},
		{"names", "task-definition/my.api", "containerDefinitions.my-api-d3d1d88c.image", "compose.yaml:4:12"},
	} {
		p, stack, _ := stackOf(t, "testdata/map/"+c.dir)
		address, err := plan.ParseAddress(c.address)
		if err != nil {
			t.Fatal(err)
		}
		path := strings.Split(c.path, ".")
		for i := range path {
			if strings.HasPrefix(path[i], "com/") {
				path[i] = strings.ReplaceAll(path[i], "/", ".")
			}
		}
		if got := p.Locate(stack.Find(address), path).String(); got != c.want {
			t.Errorf("%s %s of %s: %s, want %s", c.address, c.path, c.dir, got, c.want)
		}
	}
}
