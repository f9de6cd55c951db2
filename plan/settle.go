package plan

import (
	"maps"
	"slices"
	"strings"

	"github.com/compose2fargate/compose2fargate/diag"
)

// unsettled are the extras of a service that differ from what is live.
type unsettled struct {
	missing []Extra  // that it has not yet
	kept    []string // that it has, and nothing suggests any more
}

// Settle returns what is to be reached now: want, where the services whose tasks no
// change restarts keep the extras that they have, and what earlier releases decided about
// them. It says which extras that leaves out.
func Settle(kinds Kinds, live, want *Stack, o Options) (*Stack, diag.List, error) {
	open := unsettledOf(kinds, live, want)
	if len(open) > 0 {
		settled, err := want.settled(kinds, live, open)
		if err != nil {
			return nil, nil, err
		}
		d, err := compared(kinds, live, settled, o, nil, nil)
		if err != nil {
			return nil, nil, err
		}
		restarted := d.restarted()
		maps.DeleteFunc(open, func(a Address, _ unsettled) bool { return restarted[a.Name] })
		if want, err = want.settled(kinds, live, open); err != nil {
			return nil, nil, err
		}
	}
	settled, err := holdFormer(kinds, live, want, o)
	return settled, missingExtras(open), err
}

// unsettledOf compares the extras of the services that are live and wanted.
func unsettledOf(kinds Kinds, live, want *Stack) map[Address]unsettled {
	out := map[Address]unsettled{}
	for _, r := range want.Resources {
		rules, now := kinds[r.Address.Kind], live.Find(r.Address)
		if !rules.starts() || rules.Extras == nil || now == nil || now.Spec == nil {
			continue
		}
		if ParseApplied(now.Tags[TagSpec]).Hash == r.Hash { // it was given them
			continue
		}
		have, wanted := rules.Extras.Names(now.Spec), rules.Extras.Names(r.Spec)
		var u unsettled
		for _, e := range r.Extras {
			if !slices.Contains(have, e.Name) {
				u.missing = append(u.missing, e)
			}
		}
		for name := range strings.FieldsSeq(now.Tags[TagExtras]) {
			if slices.Contains(have, name) && !slices.Contains(wanted, name) {
				u.kept = append(u.kept, name)
			}
		}
		if u.missing != nil || u.kept != nil {
			out[r.Address] = u
		}
	}
	return out
}

// settled is the stack with the extras that services have.
func (s *Stack) settled(kinds Kinds, live *Stack, open map[Address]unsettled) (*Stack, error) {
	of := map[string]unsettled{}
	for service, u := range open {
		of[service.Name] = u
	}
	return s.with(kinds, func(r *Resource) {
		rules := kinds[r.Address.Kind]
		if u, ok := of[r.Address.Name]; ok && rules.Main && rules.Extras != nil {
			u.settle(rules, r, live.Find(r.Address))
		}
	})
}

// settle leaves a resource with the extras that it has.
func (u unsettled) settle(rules Rules, r, live *Resource) {
	r.Spec = rules.Extras.Without(r.Spec, namesOf(u.missing))
	if live != nil && live.Spec != nil {
		r.Spec = rules.Extras.With(r.Spec, live.Spec, u.kept)
	}
	if r.Extras == nil && u.kept == nil {
		return
	}
	r.Extras = slices.DeleteFunc(slices.Clone(r.Extras), func(e Extra) bool { return slices.Contains(namesOf(u.missing), e.Name) })
	for _, name := range u.kept {
		r.Extras = append(r.Extras, Extra{Name: name})
	}
	r.Tags = maps.Clone(r.Tags)
	r.SetExtras(r.Extras)
}

// missingExtras says which extras services do not have yet.
func missingExtras(open map[Address]unsettled) diag.List {
	var out diag.List
	for _, address := range slices.SortedFunc(maps.Keys(open), Address.Compare) {
		for _, e := range open[address].missing {
			out.Warnf(e.Source, "", e.Help, "%s, until the next change that restarts %s", e.Lacks, spaced(address))
		}
	}
	return out
}
