package plan

import "fmt"

// AbsentFingerprint is the fingerprint of what does not exist.
const AbsentFingerprint = "absent"

// Fingerprint tells one state of a live resource from another, as far as the
// tool manages it. live may be nil.
func Fingerprint(kinds Kinds, target Target, live *Resource) (string, error) {
	if live == nil {
		return AbsentFingerprint, nil
	}
	rules := kinds[live.Address.Kind]
	state := tree{
		"arn": live.Attrs["arn"], "id": live.Attrs["id"], "deployment": live.Attrs["deployment"],
		"project": live.Tags[TagProject], "resource": live.Tags[TagResource], "applied": live.Tags[TagSpec],
	}
	// A revision never changes, so its ARN says it all; its spec may not even have
	// been read.
	if !rules.revises() && live.Spec != nil {
		rules.Normalize(live.Spec)
		spec, err := rules.Tree(live.Spec)
		if err != nil {
			return "", fmt.Errorf("fingerprint of %s: %w", live.Address, err)
		}
		if rules.steered(live) != "" {
			for _, field := range rules.Taken {
				delete(spec, field)
			}
		}
		state["spec"] = NewMasker(target).tree(rules, live.Address, spec)
	}
	hash, err := sum(state)
	if err != nil {
		return "", fmt.Errorf("fingerprint of %s: %w", live.Address, err)
	}
	return hash, nil
}
