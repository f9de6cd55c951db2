package resource

import "context"

// paginator is any of the SDK's paginators.
type paginator[Page, Options any] interface {
	HasMorePages() bool
	NextPage(ctx context.Context, options ...func(*Options)) (*Page, error)
}

// allPages returns the items of every page.
func allPages[Page, Options, Item any](
	ctx context.Context, pages paginator[Page, Options], items func(*Page) []Item,
) ([]Item, error) {
	var out []Item
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		out = append(out, items(page)...)
	}
	return out, nil
}
