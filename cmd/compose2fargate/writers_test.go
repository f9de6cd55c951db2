package main

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/compose2fargate/compose2fargate/internal/sample"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/render"
	"github.com/compose2fargate/compose2fargate/simulator"
)

// writing has a database with a volume, and a client of it.
const writing = `name: shop
services:
  web: {image: "nginx:1", environment: {DB: "postgres://db:5432/x"}, depends_on: [db]}
  db: {image: "postgres:17", environment: {POSTGRES_PASSWORD: hunter22secret}, volumes: ["data:/var/lib/postgresql/data"]}
volumes: {data: {}}
`

// renamed gives the database another name.
var renamed = []string{"  db:", "  database:", "db:5432", "database:5432", "[db]", "[database]"}

const (
	standby = `  standby: {image: "postgres:17", environment: {POSTGRES_PASSWORD: hunter22secret}, volumes: ["data:/var/lib/postgresql/data"]}` + "\nvolumes:"
	mount   = `"data:/var/lib/postgresql/data"`
)

// newWriting applies the project, edited.
func newWriting(t *testing.T, edits ...string) *embedded {
	t.Helper()
	e := embed(t, filepath.Join(t.TempDir(), "compose.yaml"), simulator.Options{VCPUQuota: 100})
	e.edit(edits...)
	e.mustApply(plan.Scope{})
	return e
}

func (e *embedded) edit(edits ...string) {
	e.tb.Helper()
	write(e.tb, e.file, strings.NewReplacer(edits...).Replace(writing))
}

// TestOneProgramAtATimeWritesToADatabase changes who writes to a volume.
func TestOneProgramAtATimeWritesToADatabase(t *testing.T) {
	t.Parallel()
	queue := []string{"postgres:17", "rabbitmq:4", "/var/lib/postgresql/data", "/var/lib/rabbitmq", "5432", "5672"}
	known := []string{"postgres:17", "prom/prometheus:v3", "/var/lib/postgresql/data", "/prometheus", "5432", "9090"}
	bound := []string{mount, `"./pg:/var/lib/postgresql/data"`, "volumes: {data: {}}\n", ""}
	plain := []string{"postgres:17", "example/app:1", "/var/lib/postgresql/data", "/data", "POSTGRES_PASSWORD", "APP_PASSWORD", "postgres://db:5432", "http://db:8000"}
	prune := plan.Scope{Prune: true}
	for name, c := range map[string]struct {
		before, after []string
		scope         plan.Scope
		blocked       string // the address at which it is
		says          string
	}{
		"another name":            {after: renamed, blocked: "service/database", says: "--prune stops and deletes service/db before database starts"},
		"another name of a queue": {before: queue, after: slices.Concat(queue, renamed), blocked: "service/database"},
		"of what locks its files": {before: known, after: slices.Concat(known, renamed), blocked: "service/database"},
		"with a bound directory":  {before: bound, after: slices.Concat(bound, renamed), blocked: "service/database", says: "volume ./pg"},
		"with --only":             {after: renamed, scope: plan.Scope{Only: []string{"database"}}, blocked: "service/database"},
		"with --prune":            {after: renamed, scope: prune, says: "service db stops before service database starts"},
		"a queue with --prune":    {before: queue, after: slices.Concat(queue, renamed), scope: prune, says: "neither answers"},
		"two in the file":         {after: []string{"volumes: {", standby + " {"}, blocked: "service/standby", says: "give each a volume of its own"},
		"two ways to one directory": {
			after:   []string{"volumes: {", strings.Replace(standby, mount, `"other:/var/lib/postgresql/data"`, 1) + " {other: {x-fargate: {root_directory: /data}}, "},
			blocked: "service/standby", says: "give each a volume of its own",
		},
		"another name for both": {
			after:   slices.Concat(renamed, []string{mount, `"other:/var/lib/postgresql/data"`, "{data: {}}", "{other: {x-fargate: {root_directory: /data}}}"}),
			blocked: "service/database",
		},
		"another name and path": {
			after:   slices.Concat(renamed, []string{"postgres:17", "postgres:18", mount, `"data:/var/lib/postgresql"`}),
			blocked: "service/database",
		},
		"of an image of their own": {
			after:   slices.Concat(renamed, []string{"postgres:17", "registry.example.com/pg:1", mount, `"data:/pg"`}),
			blocked: "service/database", says: "--prune stops and deletes service/db before database starts",
		},
		"and that with --prune": {
			after: slices.Concat(renamed, []string{"postgres:17", "registry.example.com/pg:1", mount, `"data:/pg"`}),
			scope: prune, says: "service db stops before service database starts",
		},
		"a helper and another name": {
			before:  []string{"volumes: {", strings.NewReplacer("postgres:17", "busybox:1", "data:/var/lib/postgresql/data", "data:/fix").Replace(standby) + " {"},
			after:   slices.Concat(renamed, []string{"volumes: {", strings.NewReplacer("postgres:17", "busybox:1", "data:/var/lib/postgresql/data", "data:/fix").Replace(standby) + " {"}),
			blocked: "service/database", says: "and so does service db",
		},
		"one that only reads":  {after: []string{"volumes: {", strings.Replace(standby, `data"]`, `data:ro"]`, 1) + " {"}},
		"a helper beside it":   {after: []string{"volumes: {", strings.NewReplacer("postgres:17", "example/fix:1", "data:/var/lib/postgresql/data", "data:/fix").Replace(standby) + " {"}, says: "several services write to the same volume, and nothing keeps them apart: data (db, standby)"},
		"replicas of the file": {after: []string{`"postgres:17", `, `"postgres:17", scale: 2, `}},
		"programs that share":  {before: plain, after: slices.Concat(plain, []string{"  db:", "  app:", "db:8000", "app:8000", "[db]", "[app]"}), says: "several services write to the same volume, and nothing keeps them apart: data (app, db)"},
		"moved to another one": {
			before: []string{"volumes: {", strings.Replace(standby, mount, `"other:/var/lib/postgresql/data"`, 1) + " {other: {}, "},
			after:  []string{mount, `"third:/var/lib/postgresql/data"`, "volumes: {", standby + " {third: {}, other: {}, "}, says: "service db stops before service standby starts",
		},
	} {
		if !sample.Takes("writers "+name, 10) {
			continue
		}
		t.Run(name, func(t *testing.T) {
			e := newWriting(t, c.before...)
			e.edit(c.after...)
			_, p, _ := e.plan(c.scope)
			var blocked string
			for _, g := range p.Guards {
				blocked = g.Address.String()
			}
			if said := e.said(p); blocked != c.blocked || !strings.Contains(said, c.says) {
				t.Errorf("blocked at %q, want %q; nothing says %q:\n%s", blocked, c.blocked, c.says, said)
			}
			if blocked == "" {
				e.mustApply(c.scope)
				e.neverTogether("db", "database")
				e.settled("after the change")
			}
		})
	}
}

// said is all that a plan says.
func (e *embedded) said(p *plan.Plan) string {
	var out strings.Builder
	p.Diagnostics.Print(&out)
	return out.String() + render.Verdict(p)
}

// neverTogether fails the test where a task of one service started before those of the
// other had stopped.
func (e *embedded) neverTogether(old, next string) {
	e.tb.Helper()
	var stopped, started time.Time
	e.fake.Mutate(func(a *simulator.Account) {
		for _, task := range a.Tasks.All() {
			switch *task.Group {
			case "service:" + old:
				if task.StoppedAt == nil {
					return
				}
				stopped = *task.StoppedAt
			case "service:" + next:
				started = *task.CreatedAt
			}
		}
	})
	if !started.IsZero() && started.Before(stopped) {
		e.tb.Errorf("a task of %s started at %s, and one of %s stopped at %s", next, started, old, stopped)
	}
}

// TestThePlanSaysWhichDataIsLeft changes what a service has at a path.
func TestThePlanSaysWhichDataIsLeft(t *testing.T) {
	t.Parallel()
	const subpath = `{type: volume, source: data, target: /var/lib/postgresql/data, volume: {subpath: old}}`
	const key = "arn:aws:kms:eu-central-1:123456789012:key/1"
	bound := []string{mount, `"./old:/var/lib/postgresql/data"`}
	anonymous := []string{mount, `"/var/lib/postgresql/data"`}
	for name, c := range map[string]struct {
		before, after []string
		scope         plan.Scope
		says          string // as the verdict begins; "": nothing
	}{
		"another volume":            {after: []string{mount, strings.Replace(mount, "data", "data2", 1), "{data: {}}", "{data2: {}}"}, says: "db starts empty: its data stays in data, unused; "},
		"another path":              {after: []string{mount, `"data:/var/lib/postgresql"`}, says: "db starts empty: its data stays in data, no longer at /var/lib/postgresql/data; "},
		"no volume":                 {after: []string{mount, ""}, says: "db starts empty: its data stays in data, unused; "},
		"all data is deleted":       {after: []string{mount, "", "{data: {}}", "{}"}, scope: plan.Scope{Prune: true, DeleteData: []string{"file-system/shop"}}, says: "1 new revision"},
		"a disk of its own":         {after: []string{"{data: {}}", "{data: {x-fargate: {scratch: true}}}"}, says: "db starts empty: its data stays in data, unused; "},
		"another root":              {after: []string{"{data: {}}", "{data: {x-fargate: {root_directory: /elsewhere}}}"}, says: "db starts empty: its data stays in data (/data), unused; "},
		"another name for it":       {after: []string{mount, strings.Replace(mount, "data", "data2", 1), "{data: {}}", "{data2: {x-fargate: {root_directory: /data}}}"}},
		"another subpath":           {before: []string{mount, subpath}, after: []string{mount, strings.Replace(subpath, "old", "new", 1)}, says: "db starts empty: its data stays in data/old, unused; "},
		"another directory":         {before: bound, after: []string{mount, `"./new:/var/lib/postgresql/data"`}, says: "db starts empty: its data stays in ./old, unused; "},
		"another file system":       {after: []string{"{data: {}}", "{data: {x-fargate: {file_system: fs-0123456789abcdef0}}}"}, says: "db finds other data: its own stays in data, unused; "},
		"another key":               {after: []string{"{data: {}}", "{data: {x-fargate: {kms_key_id: \"" + key + "\"}}}"}, says: "db starts empty: its data stays in data ("},
		"the same, read only":       {after: []string{mount, strings.Replace(mount, `data"`, `data:ro"`, 1)}},
		"another owner":             {after: []string{"{data: {}}", "{data: {x-fargate: {uid: 7}}}"}},
		"another name":              {after: renamed, scope: plan.Scope{Prune: true}},
		"another name and volume":   {after: slices.Concat(renamed, []string{mount, strings.Replace(mount, "data", "data2", 1), "{data: {}}", "{data2: {}}"}), says: "database starts empty: its data stays in data, unused; "},
		"another name, no volume":   {before: anonymous, after: slices.Concat(anonymous, renamed), says: "database starts empty: its data stays in the tasks of service db, unused; "},
		"and the old service goes":  {before: anonymous, after: slices.Concat(anonymous, renamed), scope: plan.Scope{Prune: true}, says: "database starts empty: its data stays in the tasks of service db, unused; "},
		"another service beside it": {before: anonymous, after: slices.Concat(anonymous, []string{"volumes: {", strings.Replace(standby, mount, `"/var/lib/postgresql/data"`, 1) + " {"})},
	} {
		if !sample.Takes("left "+name, 10) {
			continue
		}
		t.Run(name, func(t *testing.T) {
			e := newWriting(t, c.before...)
			e.edit(c.after...)
			_, p, _ := e.plan(c.scope)
			verdict := strings.TrimPrefix(render.Verdict(p), "shop: ")
			if c.says == "" && strings.Contains(verdict, "stays in") || !strings.HasPrefix(verdict, c.says) {
				t.Errorf("the verdict is %q, want %q first", verdict, c.says)
			}
		})
	}
}
