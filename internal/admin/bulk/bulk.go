// Package bulk is where one act is done for many: a service enabled, renewed, refused, suspended or attested in a list of
// establishments, all of a type, a circonscription or a department; and declarations that end renewed together. Before the
// act its consequences are shown in numbers; after it the register itself says what was done.
//
// Routes:
//
//	GET   /bureau/lot                           which act, which service, where
//	POST  /bureau/lot/apercu                    what it would do; nothing is written
//	POST  /bureau/lot/confirmer                 does it, all or none
//	GET   /bureau/lot/fait                      what one's own act did
//	GET   /bureau/lot/renouvellements           declarations that end: those to renew, and renewals to approve
//	POST  /bureau/lot/renouvellements/apercu    what renewing or approving those would do
//	POST  /bureau/lot/renouvellements/confirmer does it, all or none
//
// The pages work without script. What may be done is package desk's to say: an act over many is one act of it, with one
// entry in the journal and one step-up where it wants one.
package bulk

import (
	"embed"
	"net/http"

	"ecluse/internal/admin/frame"
	"ecluse/internal/registry"
	"ecluse/internal/web"
)

//go:embed pages texts
var files embed.FS

// Pages are the pages and their texts.
func Pages() web.Contribution { return web.Contribution{Name: name, Files: files} }

const (
	name = "bulk"

	// Home is where an act over many begins. Renewals is where declarations are renewed together; "mois" is the month,
	// yyyy-mm, in which they end.
	Home     = frame.Home + "lot"
	Renewals = Home + "/renouvellements"

	body = 256 << 10 // 2,500 UAIs are 25 KB
)

// Mount adds the routes, and the entry of the menu for whoever may act in establishments or renew declarations.
func Mount(mux *web.Mux, f *frame.Frame) {
	f.Add(frame.Entry{Task: frame.Deciding, Path: Home, Key: name + "/menu", May: acts})
	for _, route := range []web.Route{
		{Method: http.MethodGet, Pattern: Home, Handler: f.Page(name, show)},
		{Method: http.MethodPost, Pattern: Home + "/apercu", BodyLimit: body, Handler: f.Page(name, preview)},
		{Method: http.MethodPost, Pattern: Home + "/confirmer", BodyLimit: body, Handler: f.Page(name, confirm)},
		{Method: http.MethodGet, Pattern: Home + "/fait", Handler: f.Page(name, report)},
		{Method: http.MethodGet, Pattern: Renewals, Handler: f.Page(name, renewals)},
		{Method: http.MethodPost, Pattern: Renewals + "/apercu", BodyLimit: body, Handler: f.Page(name, previewRenewals)},
		{Method: http.MethodPost, Pattern: Renewals + "/confirmer", BodyLimit: body, Handler: f.Page(name, confirmRenewals)},
	} {
		mux.Handle(route)
	}
}

// acts tells whether somebody may act in establishments.
func acts(v *frame.Visit) bool { return len(gestures(v)) > 0 }

// gesture is one of the acts, under the word of its address.
type gesture struct {
	word  string
	state registry.EnablingState
	opens bool // it wants a declaration
	stops bool // it wants a reason
}

// gestures lists the acts that the visitor's roles may do somewhere: who decides for establishments does all, and more may
// stop than may open.
func gestures(v *frame.Visit) []gesture {
	decides := v.Holds(registry.HeadOfSchool, registry.Deputy, registry.DASEN, registry.Recteur)
	stops := decides || v.Holds(registry.Directeur, registry.IEN, registry.DPO, registry.OnCall)
	var out []gesture
	if decides {
		out = append(
			out, gesture{word: "activer", state: registry.Enabled, opens: true}, gesture{word: "renouveler", state: registry.Enabled, opens: true},
			gesture{word: "refuser", state: registry.RefusedHere, stops: true},
		)
	}
	if stops {
		out = append(out, gesture{word: "suspendre", state: registry.SuspendedHere, stops: true})
	}
	if decides {
		out = append(out, gesture{word: "retirer", state: registry.Withdrawn}, gesture{word: attests})
	}
	return out
}

// attests is the act by which what was signed on paper counts.
const attests = "attester"
