package frame

import (
	"net/url"
	"strconv"

	"ecluse/internal/web"
)

// Part is the part of a long list that the address asks for ("page", from 1), and the way to the others, which keeps all
// else of the address. A page that is not there is the nearest one. The part shares the list's memory.
func Part[T any](v *Visit, all []T, size int) ([]T, web.Pager) {
	pages := max(1, (len(all)+size-1)/size)
	asked, err := strconv.Atoi(v.Query("page"))
	if err != nil {
		asked = 1
	}
	page := min(max(asked, 1), pages)
	p := web.Pager{Page: page, Pages: pages}
	if page > 1 {
		p.Earlier = v.at(page - 1)
	}
	if page < pages {
		p.Later = v.at(page + 1)
	}
	from := (page - 1) * size
	return all[from:min(from+size, len(all))], p
}

func (v *Visit) at(page int) string {
	q := v.R.URL.Query()
	q.Set("page", strconv.Itoa(page))
	return (&url.URL{Path: v.R.URL.Path, RawQuery: q.Encode()}).String()
}
