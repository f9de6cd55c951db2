package xfargate

import (
	"slices"

	"github.com/compose2fargate/compose2fargate/diag"
)

// Spot is the capacity provider of tasks that AWS may stop at short notice.
const Spot = "FARGATE_SPOT"

// Capacity is a capacity provider and its share of the tasks of a service.
type Capacity struct {
	Provider string `json:"provider"` // FARGATE or FARGATE_SPOT
	Base     int    `json:"base"`     // tasks that it runs before weights count
	Weight   int    `json:"weight"`   // its share of the tasks beyond the base
}

// IsUsed says whether any task runs on it.
func (c Capacity) IsUsed() bool { return c.Base > 0 || c.Weight > 0 }

// capacity reads the list of providers by the rules of ECS (API reference,
// CapacityProviderStrategyItem). A weight that is not given is 0, as there; but the only
// provider has one, for ECS could place no task otherwise.
func (d decoder) capacity(value any, path diag.Path) []Capacity {
	list, _ := value.([]any)
	if len(list) == 0 || len(violations("#/$defs/service/properties/capacity", value)) > 0 {
		return nil // refused already
	}
	var out []Capacity
	for _, item := range list {
		m, _ := item.(map[string]any)
		c := as[Capacity](m)
		if _, given := m["weight"]; !given && len(list) == 1 {
			c.Weight = 1
		}
		out = append(out, c)
	}
	d.checkCapacity(out, path)
	return out
}

// checkCapacity refuses what ECS refuses. There are no more than two providers, so that their
// most of 20 is never reached.
func (d decoder) checkCapacity(list []Capacity, path diag.Path) {
	bases, weights := 0, 0
	for i, c := range list {
		same := func(other Capacity) bool { return other.Provider == c.Provider }
		if first := slices.IndexFunc(list, same); first < i {
			d.errorf(path.Item(i).Key("provider"), "remove one of the two", "%s is there already, as item %d", c.Provider, first+1)
			return
		}
		if c.Base > 0 {
			bases++
		}
		if c.Base > 0 && bases > 1 {
			d.errorf(path.Item(i).Key("base"), "remove one of the two", "only one provider can have a base")
		}
		weights += c.Weight
	}
	if weights == 0 {
		d.errorf(path, "give one of them a weight, such as weight: 1", "no provider has a weight above 0: ECS could place no task beyond the base")
	}
}
