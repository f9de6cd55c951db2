package translate

import "github.com/compose2fargate/compose2fargate/plan"

// formerly says that the releases before the third made something else of a field of a
// resource, of which the compose files do not speak: was, its zero value for nothing. Where
// that is live, the change waits for the next one of the service.
func (b *base) formerly(address plan.Address, path string, was any) {
	b.former[address] = append(b.former[address], plan.Former{Release: 3, Path: path, Was: was})
}
