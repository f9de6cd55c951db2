package main

import (
	"bytes"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/compose2fargate/compose2fargate/diag"
	"github.com/compose2fargate/compose2fargate/internal/sample"
	"github.com/compose2fargate/compose2fargate/plan"
	"github.com/compose2fargate/compose2fargate/plan/render"
	"github.com/compose2fargate/compose2fargate/plan/spec"
	"github.com/compose2fargate/compose2fargate/simulator"
)

// eachCase runs a test on a sample of the directories of testdata that are not refused.
func eachCase(t *testing.T, test func(t *testing.T, e *embedded)) {
	t.Helper()
	onCases(t, sample.Of(t, caseFiles(t), 3, func(file string) string { return t.Name() + file }), test)
}

func onCases(t *testing.T, files []string, test func(t *testing.T, e *embedded)) {
	t.Helper()
	for _, file := range files {
		t.Run(filepath.Base(filepath.Dir(file)), func(t *testing.T) {
			e := embedCase(t, file, simulator.Options{VCPUQuota: 1000})
			if err := e.apply(plan.Scope{}); err != nil {
				t.Fatalf("%v\n%s", err, e.talk.String())
			}
			test(t, e)
		})
	}
}

// TestHowAWSOrdersListsDoesNotMatter shuffles every list of what is live whose
// order means nothing.
func TestHowAWSOrdersListsDoesNotMatter(t *testing.T) {
	t.Parallel()
	eachCase(t, func(t *testing.T, e *embedded) {
		_, _, st := e.plan(plan.Scope{})
		for seed := range uint64(5) {
			random := rand.New(rand.NewPCG(seed, 0))
			e.unchanged(st, func(s any) { shuffle(random, reflect.ValueOf(s)) })
		}
	})
}

// TestWhatAWSLeavesOutDoesNotMatter takes from what is live every value that AWS
// may leave out because it is the default: what normalizing brings back.
func TestWhatAWSLeavesOutDoesNotMatter(t *testing.T) {
	t.Parallel()
	eachCase(t, func(t *testing.T, e *embedded) {
		_, _, st := e.plan(plan.Scope{})
		e.unchanged(st, func(s any) { strip(s) })
	})
}

// TestEveryFieldThatDiffersIsReported alters every single value of what is live in
// turn, and expects a plan that brings just this resource back. What normalizing
// brings back is no difference.
func TestEveryFieldThatDiffersIsReported(t *testing.T) {
	t.Parallel()
	files := sample.Of(t, caseFiles(t), 64, func(file string) string { return file })
	onCases(t, files, func(t *testing.T, e *embedded) {
		_, _, st := e.plan(plan.Scope{})
		for i, r := range st.live.Resources {
			if r.Spec == nil {
				continue
			}
			for n := range fields(reflect.ValueOf(r.Spec)) {
				e.reported(st, i, n)
			}
		}
	})
}

// reported alters the n-th value of the i-th live resource.
func (e *embedded) reported(st stacks, i, n int) {
	e.tb.Helper()
	resources := slices.Clone(st.live.Resources)
	r := *resources[i]
	rules := spec.Kinds()[r.Address.Kind]
	r.Spec = plan.Map(r.Spec, func(v plan.Value) plan.Value { return v })
	field := fields(reflect.ValueOf(r.Spec))[n]
	before := field.Interface()
	alter(field)
	after := field.Interface()
	rules.Normalize(r.Spec)
	if cmp.Equal(r.Spec, st.live.Resources[i].Spec) || isOthers(r.Spec, before) {
		return
	}
	resources[i] = &r
	live, err := plan.LiveStack(spec.Kinds(), st.live.Target, resources)
	if err != nil {
		return // two of one key, which no reader returns
	}
	p, err := plan.Diff(spec.Kinds(), live, st.want, plan.Options{})
	if err != nil {
		e.tb.Fatal(err)
	}
	found := slices.ContainsFunc(p.Resources, func(p *plan.ResourcePlan) bool { return p.Address == r.Address && len(p.Actions) > 0 })
	keeps := strings.ReplaceAll(r.Address.Kind, "-", " ") + " " + r.Address.Name + " exists, and keeps what it was made with: "
	said := slices.ContainsFunc(p.Diagnostics, func(d diag.Diagnostic) bool { return strings.HasPrefix(d.Summary, keeps) })
	if !found && !said {
		e.tb.Errorf("%s: %v instead of %v is not reported", r.Address, after, before)
	}
}

// isOthers says whether somebody else may choose what compose files do not: Container
// Insights is the account's, and the key of a repository that of whoever made it.
func isOthers(s, before any) bool {
	switch s := s.(type) {
	case *spec.Cluster:
		return before == "disabled"
	case *spec.Repository:
		return before == "" && s.EncryptionType != ""
	default:
		return false
	}
}

// alter gives a value another one.
func alter(field reflect.Value) {
	switch field.Kind() {
	case reflect.String:
		field.SetString(field.String() + "x")
	case reflect.Int:
		field.SetInt(field.Int() + 1)
	case reflect.Bool:
		field.SetBool(!field.Bool())
	}
}

// unchanged plans again with every live spec altered and expects nothing.
func (e *embedded) unchanged(st stacks, alter func(s any)) {
	e.tb.Helper()
	var resources []*plan.Resource
	for _, r := range st.live.Resources {
		altered := *r
		if r.Spec != nil {
			altered.Spec = plan.Map(r.Spec, func(v plan.Value) plan.Value { return v })
			alter(altered.Spec)
		}
		resources = append(resources, &altered)
	}
	live, err := plan.LiveStack(spec.Kinds(), st.live.Target, resources)
	if err != nil {
		e.tb.Fatal(err)
	}
	p, err := plan.Diff(spec.Kinds(), live, st.want, plan.Options{})
	if err != nil {
		e.tb.Fatal(err)
	}
	if p.Changed() {
		var out bytes.Buffer
		if err := render.Text(&out, spec.Kinds(), p, render.TextOptions{}); err != nil {
			e.tb.Fatal(err)
		}
		e.tb.Errorf("the plan wants something:\n%s", out.String())
	}
}

// ordered are the lists whose order has a meaning.
var ordered = map[string]bool{"Command": true, "EntryPoint": true}

func shuffle(random *rand.Rand, v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			shuffle(random, v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if !ordered[v.Type().Field(i).Name] {
				shuffle(random, v.Field(i))
			}
		}
	case reflect.Slice:
		random.Shuffle(v.Len(), reflect.Swapper(v.Interface()))
		for i := range v.Len() {
			shuffle(random, v.Index(i))
		}
	}
}

// strip sets each field to its zero value, one at a time, and leaves it so where
// normalizing brings the value back.
func strip(s any) {
	rules := rulesOf(s)
	full := plan.Map(s, func(v plan.Value) plan.Value { return v })
	rules.Normalize(full)
	for _, field := range fields(reflect.ValueOf(s)) {
		before := reflect.New(field.Type()).Elem()
		before.Set(field)
		field.SetZero()
		restored := plan.Map(s, func(v plan.Value) plan.Value { return v })
		rules.Normalize(restored)
		if !cmp.Equal(full, restored) {
			field.Set(before)
		}
	}
}

func rulesOf(s any) plan.Rules {
	for _, rules := range spec.Kinds() {
		if reflect.TypeOf(rules.New()) == reflect.TypeOf(s) {
			return rules
		}
	}
	panic("no kind has this spec")
}

// fields are the settable scalars below v.
func fields(v reflect.Value) []reflect.Value {
	var out []reflect.Value
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			out = fields(v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			out = append(out, fields(v.Field(i))...)
		}
	case reflect.Slice:
		for i := range v.Len() {
			out = append(out, fields(v.Index(i))...)
		}
	case reflect.String, reflect.Int, reflect.Bool:
		out = append(out, v)
	}
	return out
}
