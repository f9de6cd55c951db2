package translate

import "github.com/compose2fargate/compose2fargate/plan"

func (b *base) formerly(address plan.Address, path string, was any) {}
