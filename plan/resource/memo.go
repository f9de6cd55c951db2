package resource

import (
	"slices"
	"sync"

	scalingtypes "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// memo is what Facts and Read share.
type memo struct {
	tagged    memoized[taggedResources]
	groups    memoized[[]ec2types.SecurityGroup]
	clusters  memoizedByKey[string, ecstypes.Cluster]
	services  memoizedByKey[serviceID, ecstypes.Service]
	balancers memoized[[]elbtypes.LoadBalancer]
	scalable  memoizedByKey[string, scalingtypes.ScalableTarget] // by resource id
}

// memoized holds what read returned the first time it succeeded.
type memoized[T any] struct {
	mu    sync.Mutex
	known bool
	value T
}

func (c *memoized[T]) get(read func() (T, error)) (T, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known {
		return c.value, nil
	}
	value, err := read()
	if err == nil {
		c.value, c.known = value, true
	}
	return value, err
}

// memoizedByKey holds things by their names, and which names have none.
type memoizedByKey[K comparable, V any] struct {
	mu    sync.Mutex
	known map[K]*V
}

// get returns what has these names, in their order. read is asked for the names
// that were not asked for before.
func (c *memoizedByKey[K, V]) get(names []K, read func(missing []K) (map[K]V, error)) ([]V, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	names = unique(names)
	missing := slices.DeleteFunc(slices.Clone(names), func(name K) bool { _, ok := c.known[name]; return ok })
	if len(missing) > 0 {
		found, err := read(missing)
		if err != nil {
			return nil, err
		}
		c.keep(missing, found)
	}
	var out []V
	for _, name := range names {
		if v := c.known[name]; v != nil {
			out = append(out, *v)
		}
	}
	return out, nil
}

func (c *memoizedByKey[K, V]) keep(names []K, found map[K]V) {
	if c.known == nil {
		c.known = map[K]*V{}
	}
	for _, name := range names {
		c.known[name] = nil
		if v, ok := found[name]; ok {
			c.known[name] = &v
		}
	}
}
