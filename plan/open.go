package plan

import "slices"

// Over is the desired stack over what is live: what the files leave open of a resource
// stays as it is, whoever set it. The hashes stay those of the files.
func (s *Stack) Over(kinds Kinds, live *Stack) *Stack {
	out := *s
	out.Resources = slices.Clone(s.Resources)
	out.byAddress = make(map[Address]*Resource, len(s.Resources))
	for i, r := range out.Resources {
		if known, take := live.Find(r.Address), kinds[r.Address.Kind].Take; r.Open && take != nil && known != nil && known.Spec != nil {
			taken := *r
			taken.Spec = take(known, r)
			out.Resources[i] = &taken
		}
		out.byAddress[r.Address] = out.Resources[i]
	}
	return &out
}
