package web_test

import (
	"context"

	"ecluse/internal/web"
)

// countPanics is a web.Config.Panicked.
func countPanics(n *int) func(context.Context, web.Ref) {
	return func(_ context.Context, ref web.Ref) {
		if ref != "" {
			*n++
		}
	}
}

// collect is a web.Config.Observe.
func collect(list *[]web.Exchange) func(context.Context, web.Exchange) {
	return func(_ context.Context, e web.Exchange) { *list = append(*list, e) }
}
