package portal

import "ecluse/internal/web"

// HistoryForTests is the page of the history as somebody reads it.
func HistoryForTests(audience web.Audience, lines ...Line) any {
	return historyPage{Frame: web.Frame{Audience: audience}, Known: true, Lines: lines, First: true}
}
