package plan

import (
	"slices"
	"strings"

	"github.com/compose2fargate/compose2fargate/diag"
)

// Extra is a part of a service that nobody asked for in so many words, such as a port of
// which only another service speaks. It comes with the next restart of the tasks of the
// service, and goes with one.
type Extra struct {
	Name   string   // in the specs of the service and of its task definition
	Source diag.Pos // what suggests it
	Lacks  string   // what does not work without it
	Help   string   // how to ask for it
}

// ExtraRules are the parts of a kind that can be extras.
type ExtraRules struct {
	// Names are those of all such parts of a spec.
	Names func(spec any) []string
	// Without is a copy of a spec without those of the names.
	Without func(spec any, names []string) any
	// With is a copy of a spec with those of live that have the names.
	With func(spec, live any, names []string) any
}

// SetExtras gives a desired service extras, and the tag by which they are known later.
func (r *Resource) SetExtras(extras []Extra) {
	r.Extras = extras
	delete(r.Tags, TagExtras)
	if text := strings.Join(namesOf(extras), " "); text != "" && len(text) <= maxTagValue {
		if r.Tags == nil {
			r.Tags = map[string]string{}
		}
		r.Tags[TagExtras] = text
	}
}

func namesOf(extras []Extra) []string {
	names := make([]string, len(extras))
	for i, e := range extras {
		names[i] = e.Name
	}
	slices.Sort(names)
	return names
}
