package web

import "net/http"

// Office is what surrounds a page at a place of work: where one may go, where one is, and a field that searches all of it.
// Package admin/frame makes it.
type Office struct {
	Search  string        // the local path that a search is sent to by GET, as q; empty shows no field
	Asked   string        // what was searched for, on the page that answers
	Groups  []OfficeGroup // where one may go, by task
	Crumbs  []Tab         // the pages above this one, the outermost first
	Here    string        // what this page is called at the end of the crumbs; empty shows none
	Current string        // the local path of the entry that this page belongs to; empty means the address of the request
}

// OfficeGroup is one task and the pages that belong to it.
type OfficeGroup struct {
	Label string
	Links []Tab
}

// officeShown is an office as the shell shows it.
type officeShown struct {
	Office
	Menu []menuGroup
}

type menuGroup struct {
	Label string
	Links []tabLink
}

// shown marks the entry of the page that is asked for.
func (o *Office) shown(r *http.Request) *officeShown {
	if o == nil {
		return nil
	}
	out := &officeShown{Office: *o}
	path := o.Current
	if path == "" {
		path = r.URL.Path
	}
	for _, g := range o.Groups {
		out.Menu = append(out.Menu, menuGroup{g.Label, tabLinks(g.Links, path)})
	}
	return out
}
