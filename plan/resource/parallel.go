package resource

import (
	"context"

	"golang.org/x/sync/errgroup"

	"github.com/compose2fargate/compose2fargate/internal/fault"
)

// parallel is how many calls of one sort are made at once.
const parallel = 8

// inParallel calls f for each item, several at once, and returns the results in the
// order of the items.
func inParallel[Item, Result any](
	ctx context.Context, items []Item, f func(context.Context, Item) (Result, error),
) ([]Result, error) {
	out := make([]Result, len(items))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(parallel)
	for i, item := range items {
		g.Go(func() (err error) {
			defer fault.Catch(&err)
			out[i], err = f(ctx, item)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	return out, nil
}
