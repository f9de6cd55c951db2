package resource

import "github.com/compose2fargate/compose2fargate/plan/spec"

// rules are the rules by which specs are normalized after reading.
var rules = spec.Kinds()

// normal brings a spec into its normal form and returns it.
func normal(kind string, s any) any {
	rules[kind].Normalize(s)
	return s
}
