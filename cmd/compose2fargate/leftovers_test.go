package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/compose2fargate/compose2fargate/internal/sample"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/simulator"
)

// crowded is a project whose services share a role, a file system and networks.
const crowded = `name: shop
services:
  app:
    image: example/app:1
    volumes: ["more:/more"]
  gone:
    image: example/gone:1
    configs: [{source: conf, target: /etc/app.conf}]
    volumes: ["data:/data"]
    networks: [back]
    ports: ["8080:80"]
  mixed:
    image: example/mixed:1
    configs: [{source: conf, target: /etc/app.conf}]
    networks: [default, back]
configs: {conf: {content: "one"}}
volumes: {data: {}, more: {}}
networks: {back: {}}
`

// without is the file without a service.
func without(text, service string) string {
	before, rest, _ := strings.Cut(text, "  "+service+":\n")
	for strings.HasPrefix(rest, "    ") {
		_, rest, _ = strings.Cut(rest, "\n")
	}
	return before + rest
}

// TestLeftoversKeepWhatTheyNeed takes services out of the file that go on running: what
// they share with others takes nothing from them until they are pruned.
func TestLeftoversKeepWhatTheyNeed(t *testing.T) {
	t.Parallel()
	tests := map[string][]string{ // versions of the file, one after the other
		"one service":              {without(crowded, "gone")},
		"the last one built":       {without(without(crowded, "gone"), "mixed")},
		"the last one that mounts": {without(without(crowded, "gone"), "app")},
		"and another one changes":  {without(crowded, "gone"), strings.ReplaceAll(without(crowded, "gone"), "app:1", "app:2")},
		"and others gain rights": {
			without(crowded, "gone"),
			strings.ReplaceAll(without(crowded, "gone"), "    image: example/app:1\n", "    image: example/app:1\n    configs: [{source: conf, target: /etc/app.conf}]\n"),
		},
		"one after the other": {without(crowded, "gone"), without(without(crowded, "gone"), "mixed")},
	}
	for name, versions := range tests {
		if !sample.Takes("leftovers "+name, 6) {
			continue
		}
		t.Run(name, func(t *testing.T) {
			e := embed(t, filepath.Join(t.TempDir(), "compose.yaml"), simulator.Options{VCPUQuota: 100})
			write(t, e.file, crowded)
			e.mustApply(plan.Scope{})
			said := ""
			for _, version := range versions {
				write(t, e.file, version)
				_, p, _ := e.plan(plan.Scope{})
				for _, d := range p.Diagnostics {
					said += d.String()
				}
				e.mustApply(plan.Scope{})
				for _, f := range e.fake.Witness() {
					t.Errorf("%s", f)
				}
				e.settled("with leftovers")
			}
			e.mustApply(plan.Scope{Prune: true})
			e.tookNoRights()
			if _, p, _ := e.plan(plan.Scope{Prune: true}); p.Changed() {
				t.Errorf("after --prune, there is more to do: %v", p.Steps)
			}
			if !strings.Contains(said, "role execution keeps what the tasks of service ") {
				t.Errorf("it was not said:\n%s", said)
			}
		})
	}
}
