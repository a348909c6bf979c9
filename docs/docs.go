// Package docs holds the handbook that the gateway shows at /aide: the same files as in the repository.
package docs

import "embed"

// Files are the texts, in Markdown, without HTML.
//
//go:embed *.md manuel/*.md
var Files embed.FS
