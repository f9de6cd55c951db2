package translate

import "github.com/compose2fargate/compose2fargate/plan"

// formerly says what an earlier release sent at a path of a resource.
func (b *base) formerly(address plan.Address, path string, was any) {}
