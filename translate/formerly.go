package translate

import "github.com/compose2fargate/compose2fargate/plan"

// formerly says what an earlier release made of a field.
func (b *base) formerly(address plan.Address, path string, was any) {}
