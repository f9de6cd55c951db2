package plan

import "slices"

// Over is the desired stack over what is live: what the files leave open of a resource
// stays as it is, whoever set it, and so does what something in the account decides. The
// hashes stay those of the files.
func (s *Stack) Over(kinds Kinds, live *Stack, scope Scope) *Stack {
	out := *s
	out.Resources = slices.Clone(s.Resources)
	out.byAddress = make(map[Address]*Resource, len(s.Resources))
	for i, r := range out.Resources {
		rules, known := kinds[r.Address.Kind], live.Find(r.Address)
		if rules.Take != nil && known != nil && known.Spec != nil {
			steered := rules.steered(known)
			stays := r.Run == nil && s.stays(live, steered, scope) // of a run a plan alone decides
			if r.Open || stays {
				taken := *r
				taken.Spec = rules.Take(known, r, steered != "" && !stays)
				out.Resources[i] = &taken
			}
		}
		out.byAddress[r.Address] = out.Resources[i]
	}
	return &out
}

// stays says whether what has an ARN is there and is not deleted by a plan of this scope.
func (s *Stack) stays(live *Stack, arn string, scope Scope) bool {
	if arn == "" {
		return false
	}
	r := live.byARN(arn)
	return r == nil || s.Find(r.Address) != nil || !scope.Prune || len(scope.Only) > 0
}
