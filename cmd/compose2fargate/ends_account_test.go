package main

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/compose2fargate/compose2fargate/simulator"
)

// passing are the tables of an account that say how it came to be what it is, and
// not what it is.
var passing = []string{
	"counters", "ecs.service-deployments", "ecs.service-revisions", "ecs.known-endpoints", "ecs.endpoints",
	"servicediscovery.operations", "route53.changes", "elb.leftovers", "unhealthy", "autoscaling.activities",
}

// fleeting are the fields of rows that say when or how often something was done.
var fleeting = []string{
	"due", "reads", "looks", "left", "events", "token", "request", "passed", "failed", "healthy", "seen", "before", "stable",
	"deployments", "currentServiceDeployment", "currentServiceRevisions", "version", "ready", "named", "since", "former", "next",
	"problem", "ends", "until", "outAt", "outFrom", "inAt", "broken", "creatorRequestId", "clientToken",
	"revision", "registeredAt", "createdAt", "updatedAt", "createDate", "createdTime", "creationTime", "createdDate",
	"attachments", "containers", "availabilityZone", "connectivityAt", "startedAt", "pullStartedAt", "pullStoppedAt", "startedBy",
	"lastModifiedDate", "lastChangedDate", "issuedAt", "notBefore", "notAfter", "serial", "retentionSettingUpdatedAt", "pushedAt",
}

// ids are what no two runs need to have in common: ids, numbers and times.
var ids = regexp.MustCompile(
	`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\b[0-9a-f]{8,64}\b|\b[0-9]{10,}\b|\d{4}-\d\d-\d\dT[0-9:.]+Z|` +
		`\b[A-Z0-9]{15,}\b|(?P<address>\b(?:10|172)\.\d+\.\d+\.\d+\b)`)

// revisions are the numbers of task definitions.
var revisions = regexp.MustCompile(`(task-definition/[A-Za-z0-9_-]+|\b[A-Za-z0-9_-]+):\d+"`)

// ends is how an account ended, so that two can be compared: the rows that are
// there, ids masked, with how often each occurs.
type ends map[string]int

func endsOf(t *testing.T, fake *simulator.Simulator) ends {
	t.Helper()
	all := ends{}
	for table, rows := range fake.Rows() {
		if slices.Contains(passing, table) {
			continue
		}
		for key, data := range rows {
			var row any
			if err := json.Unmarshal(data, &row); err != nil {
				t.Fatal(err)
			}
			if gone(table, key, row) {
				continue
			}
			text, err := json.Marshal(lasting(row))
			if err != nil {
				t.Fatal(err)
			}
			all[table+" "+masked(string(text))]++
		}
	}
	return all
}

func masked(text string) string {
	return revisions.ReplaceAllString(ids.ReplaceAllString(text, "#"), `$1:#"`)
}

// gone is a row that AWS keeps for a while, of something that is not there any
// more, and the tags of tasks.
func gone(table, key string, row any) bool {
	fields, _ := row.(map[string]any)
	switch table {
	case "ecs.tasks":
		return fields["lastStatus"] == "STOPPED"
	case "ecs.services", "ecs.clusters", "ecs.task-definitions":
		return fields["status"] != "ACTIVE"
	case "tags":
		return strings.Contains(key, ":task/") || strings.Contains(key, ":task-definition/")
	case "elb.targets":
		return fields["draining"] == true
	case "logs.log-streams": // of a stopped task, where an hour is over
		return fields["left"] == true
	}
	return false
}

// lasting is a value without what is fleeting in it.
func lasting(value any) any {
	switch v := value.(type) {
	case map[string]any:
		kept := map[string]any{}
		for key, field := range v {
			if !slices.Contains(fleeting, key) {
				kept[key] = lasting(field)
			}
		}
		return kept
	case []any:
		var kept []any
		for _, item := range v {
			kept = append(kept, lasting(item))
		}
		return kept
	}
	return value
}

// beside is what these ends have more (+) and less (-) than others, one a line.
func (e ends) beside(others ends) []string {
	var lines []string
	for row, n := range e {
		if more := n - others[row]; more > 0 {
			lines = append(lines, fmt.Sprintf("+%d %s", more, row))
		}
	}
	for row, n := range others {
		if less := n - e[row]; less > 0 {
			lines = append(lines, fmt.Sprintf("-%d %s", less, row))
		}
	}
	slices.Sort(lines)
	return lines
}

// kindOf says which kind of problem a line of beside is.
func kindOf(line string) string {
	_, row, _ := strings.Cut(line, " ")
	switch table, _, _ := strings.Cut(row, " "); {
	case table == "tags" && strings.Contains(row, `compose2fargate:spec":"1:`):
		return "pending" // or its opposite, the tag that should be there
	case table == "ecs.task-definitions":
		return "revision"
	}
	return "end"
}
