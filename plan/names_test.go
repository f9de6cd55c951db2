package plan_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/render"
	"github.com/compose2fargate/compose2fargate/plan/spec"
)

// named is shop with names: db has one, web uses it, other doesn't.
func named() []*plan.Resource {
	out := shop()
	db := resourceOf(out, "service", "db").Spec.(*spec.Service)
	*db = callable(*db, "db", 5432)
	web := resourceOf(out, "service", "web")
	web.Names = []plan.Ref{nameOf("db", 5432)}
	other := *web
	other.Address = address("service", "other")
	other.Names, other.After = nil, nil
	s := *web.Spec.(*spec.Service)
	s.ServiceName = "other"
	other.Spec = &s
	return append(out, &other)
}

func callable(s spec.Service, name string, port int) spec.Service {
	s.ServiceConnectConfiguration = &spec.ServiceConnect{Enabled: true, Namespace: plan.Literal("arn:namespace"), Services: []spec.ServiceConnectService{{
		PortName: fmt.Sprintf("tcp-%d", port), DiscoveryName: fmt.Sprintf("%s-%d", name, port),
		ClientAliases: []spec.ClientAlias{{DNSName: name, Port: port}},
	}}}
	return s
}

func nameOf(service string, port int) plan.Ref {
	return plan.Ref{Address: address("service", service), Attr: fmt.Sprintf("name.%s-%d", service, port)}
}

func resourceOf(resources []*plan.Resource, kind, name string) *plan.Resource {
	for _, r := range resources {
		if r.Address == address(kind, name) {
			return r
		}
	}
	panic("no " + kind + "/" + name)
}

// at is a minute of the day on which all of it happens. Fractions of seconds are
// written as AWS's clocks show them.
func at(minute string) string { return "2025-06-01T12:" + minute + "Z" }

// running is what is live of named: each service deployed at the minute given.
func running(t *testing.T, resources []*plan.Resource, deployed map[string]string) []*plan.Resource {
	t.Helper()
	l := applied(t, want(t, resources))
	for name, minute := range deployed {
		resourceOf(l, "service", name).Attrs["deployed"] = at(minute)
	}
	return l
}

// happens is a plan in few words: its steps, the reasons and the notes.
func happens(p *plan.Plan) []string {
	var out []string
	for _, s := range p.Steps {
		line := s.ID
		if s.Force {
			line += " by force"
		}
		for _, id := range s.After {
			if strings.HasPrefix(id, "service/") {
				line += ", after " + id
			}
		}
		out = append(out, line)
	}
	for _, r := range p.Resources {
		for _, n := range r.Names {
			out = append(out, fmt.Sprintf("%s: %s: %s of %s again=%t", r.Address, r.Cause, n.Name, n.Address, n.Again))
		}
	}
	for _, d := range p.Diagnostics {
		out = append(out, d.String())
	}
	return out
}

func TestAServiceRestartsForANameThatIsYoungerThanItsDeployment(t *testing.T) {
	single := func(resources []*plan.Resource) []*plan.Resource {
		for _, name := range []string{"web", "other"} {
			changeOf(t, resources, "service", name, func(s *spec.Service) {
				s.DeploymentConfiguration = spec.DeploymentConfiguration{MaximumPercent: 100}
			})
		}
		return resources
	}
	younger := map[string]string{"db": "05:00", "web": "05:00", "other": "05:00"}
	cases := []struct {
		name   string
		want   []*plan.Resource
		born   string // of the name of db; "" where it has none
		others map[string]string
		scope  plan.Scope
		steps  []string
	}{
		{name: "older", want: named(), born: "04:59.999", others: younger},
		{name: "of the same moment", want: named(), born: "05:00", others: younger},
		{name: "nobody knows when it deployed", want: named(), born: "05:01", others: map[string]string{"db": "05:00"}},
		{
			name: "younger by a fraction of a second", want: named(), born: "05:00.001", others: younger,
			steps: []string{"service/web#update by force", "service/web: name: db:5432 of service/db again=false"},
		},
		{
			name: "made by this plan", want: named(), others: younger,
			steps: []string{
				"service/db#update", "service/web#update by force, after service/db#update",
				"service/web: name: db:5432 of service/db again=false",
				"note: other keeps running and will not resolve the new name db:5432 of service db until the next deployment\n  help: --refresh NAME restarts it so that it does",
			},
		},
		{
			name: "a single writer runs on", want: single(named()), born: "06:00", others: younger,
			steps: []string{
				"note: service web keeps running without the new name db:5432 of service db: to see it, its tasks would have to stop before new ones start\n  help: --refresh web restarts it so that it does",
			},
		},
		{
			name: "a single writer, asked for", want: single(named()), born: "06:00", others: younger, scope: plan.Scope{Refresh: []string{"web"}},
			steps: []string{"service/web#update by force", "service/web: name: db:5432 of service/db again=false"},
		},
		{
			name: "one that doesn't use it, asked for", want: named(), born: "06:00", scope: plan.Scope{Refresh: []string{"other"}},
			others: map[string]string{"db": "05:00", "web": "07:00", "other": "05:00"},
			steps:  []string{"service/other#update by force", "service/other: name: db:5432 of service/db again=false"},
		},
		{
			name: "asked for without need", want: named(), born: "04:00", others: younger, scope: plan.Scope{Refresh: []string{"other"}},
			steps: []string{"note: service other already sees every name: there is nothing to refresh"},
		},
		{
			name: "its owner is out of scope", want: named(), others: younger, scope: plan.Scope{Only: []string{"other"}},
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			before := c.want
			if c.born == "" { // the name is not live
				before = named()
				changeOf(t, before, "service", "db", func(s *spec.Service) { s.ServiceConnectConfiguration = nil })
			}
			l := running(t, before, c.others)
			if c.born != "" {
				resourceOf(l, "service", "db").Attrs["name.db-5432"] = at(c.born)
			}
			check(t, happens(diff(t, live(t, l), want(t, c.want), c.scope)), c.steps)
		})
	}
}

func TestWhatRestartsAnywayOnlyWaitsForTheName(t *testing.T) {
	before := named()
	changeOf(t, before, "service", "db", func(s *spec.Service) { s.ServiceConnectConfiguration = nil })
	l := running(t, before, map[string]string{"db": "01:00", "web": "01:00", "other": "01:00"})
	after := named()
	resourceOf(after, "service", "web").After = nil
	changeOf(t, after, "service", "web", func(s *spec.Service) { s.PlatformVersion = "1.4.0" })
	changeOf(t, after, "service", "other", func(s *spec.Service) { s.PlatformVersion = "1.4.0" })
	check(t, happens(diff(t, live(t, l), want(t, after), plan.Scope{})), []string{
		"service/db#update", "service/other#update", "service/web#update, after service/db#update",
		"service/web: config: db:5432 of service/db again=false",
	})
}

func TestANewServiceIsCreatedBeforeThoseThatCallItRestart(t *testing.T) {
	l := running(t, withoutService(named(), "db"), map[string]string{"web": "01:00", "other": "01:00"})
	check(t, happens(diff(t, live(t, l), want(t, named()), plan.Scope{})), []string{
		"service/db#create", "service/db#start by force, after service/db#create",
		"service/web#update by force, after service/db#create, after service/db#start",
		"task-definition/db#create",
		"service/web: name: db:5432 of service/db again=false",
		"note: other keeps running and will not resolve the new name db:5432 of service db until the next deployment\n  help: --refresh NAME restarts it so that it does",
	})
}

func withoutService(resources []*plan.Resource, name string) []*plan.Resource {
	var out []*plan.Resource
	for _, r := range resources {
		if r.Address.Name == name {
			continue
		}
		r.Names, r.After = nil, nil
		out = append(out, r)
	}
	return out
}

// mutual is shop with two services that call each other; callable ones have
// their names.
func mutual(t *testing.T, endpoints ...string) []*plan.Resource {
	out := shop()
	for i, name := range []string{"db", "web"} {
		for _, endpoint := range endpoints {
			if endpoint == name {
				changeOf(t, out, "service", name, func(s *spec.Service) { *s = callable(*s, name, 80+i) })
			}
		}
	}
	if len(endpoints) == 2 {
		resourceOf(out, "service", "db").Names = []plan.Ref{nameOf("web", 81)}
		resourceOf(out, "service", "web").Names = []plan.Ref{nameOf("db", 80)}
	}
	return out
}

func TestServicesThatCallEachOtherRestartUntilBothSeeTheOther(t *testing.T) {
	l := running(t, mutual(t), map[string]string{"db": "01:00", "web": "01:00"})
	after := mutual(t, "db", "web")
	check(t, happens(diff(t, live(t, l), want(t, after), plan.Scope{})), []string{
		"service/db#start by force, after service/db#update, after service/web#update",
		"service/db#update",
		"service/web#update, after service/db#update",
		"service/db: config: web:81 of service/web again=true",
		"service/web: config: db:80 of service/db again=false",
	})
}

func TestASingleWriterIsNotRestartedASecondTime(t *testing.T) {
	l := running(t, mutual(t), map[string]string{"db": "01:00", "web": "01:00"})
	after := mutual(t, "db", "web")
	changeOf(t, after, "service", "db", func(s *spec.Service) {
		s.DeploymentConfiguration = spec.DeploymentConfiguration{MaximumPercent: 100}
	})
	check(t, happens(diff(t, live(t, l), want(t, after), plan.Scope{})), []string{
		"service/db#update", "service/web#update, after service/db#update",
		"service/web: config: db:80 of service/db again=false",
		"note: service db keeps running without the new name web:81 of service web: to see it, its tasks would have to stop before new ones start\n  help: --refresh db restarts it so that it does",
	})
}

func TestANewServiceSeesANameThatComesWithAnUpdate(t *testing.T) {
	before := withoutService(mutual(t), "web")
	l := running(t, before, map[string]string{"db": "01:00"})
	check(t, happens(diff(t, live(t, l), want(t, mutual(t, "db", "web")), plan.Scope{})), []string{
		"service/db#update, after service/web#create",
		"service/web#create",
		"service/web#start by force, after service/db#update, after service/web#create",
		"task-definition/web#create",
		"service/db: config: web:81 of service/web again=false",
	})
}

func TestNamesAreNoReasonToCallAPlanStale(t *testing.T) {
	l := running(t, named(), map[string]string{"db": "05:00", "web": "05:00", "other": "05:00"})
	db := resourceOf(l, "service", "db")
	db.Attrs["name.db-5432"] = at("06:00")
	saved := diff(t, live(t, l), want(t, named()), plan.Scope{})
	moved := func(born string) []plan.Address {
		t.Helper()
		db.Attrs["name.db-5432"] = at(born)
		out, wanted, err := plan.Moved(saved, diff(t, live(t, l), want(t, named()), plan.Scope{}))
		if err != nil || wanted {
			t.Fatalf("wanted=%t, %v", wanted, err)
		}
		return out
	}
	if got := moved("07:00"); len(got) > 0 {
		t.Errorf("moved: %v", got)
	}
	if got := fmt.Sprint(moved("04:00")); got != "[service/web]" {
		t.Errorf("moved: %v, want web: nothing is to be done any more", got)
	}
}

func TestTheNewNameIsSaidInTextAndMarkdown(t *testing.T) {
	l := running(t, named(), map[string]string{"db": "05:00", "web": "05:00", "other": "05:00"})
	resourceOf(l, "service", "db").Attrs["name.db-5432"] = at("06:00")
	p := diff(t, live(t, l), want(t, named()), plan.Scope{})
	var text, markdown strings.Builder
	if err := render.Text(&text, spec.Kinds(), p, render.TextOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := render.Markdown(&markdown, spec.Kinds(), p, render.MarkdownOptions{}); err != nil {
		t.Fatal(err)
	}
	for _, got := range []string{text.String(), markdown.String()} {
		for _, wanted := range []string{"rolling restart of 2 tasks, by a forced new deployment", "restarts to see the new name db:5432 of service db"} {
			if !strings.Contains(got, wanted) {
				t.Errorf("%q is not said in\n%s", wanted, got)
			}
		}
	}
}
