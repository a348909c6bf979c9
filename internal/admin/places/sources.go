package places

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"ecluse/internal/admin/frame"
	"ecluse/internal/desk"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
	"ecluse/internal/web"
)

func declarationAt(ref desk.Ref) string {
	return fmt.Sprintf("%sdeclarations/%s/%d", frame.Home, url.PathEscape(ref.ID), ref.Version)
}

type sourcesPage struct {
	web.Frame
	Rows []sourceRow
}

type sourceRow struct {
	Name, URL, Kind, Until string
	File                   *frame.Kept
	State                  web.Badge
}

func (p *pages) sources(w http.ResponseWriter, v *frame.Visit) error {
	all, err := v.Desk.Sources(v.Context(), v.Caller)
	if err != nil {
		return err
	}
	out := sourcesPage{Frame: v.Around(v.Say("sources.title"))}
	for _, s := range all {
		row := sourceRow{Name: s.Name.In(v.In()), URL: sources + "/" + url.PathEscape(s.ID), Kind: connector(v, s), File: v.Kept(s.ManagedBy), State: p.stateOf(v, s)}
		if s.Declaration != nil {
			row.Until = v.Date(s.Declaration.Until)
		}
		out.Rows = append(out.Rows, row)
	}
	return v.Render(w, http.StatusOK, "sources", out)
}

func connector(v *frame.Visit, s registry.Source) string {
	if slices.Contains([]string{"ldap", "demo", "local", "oidc", "saml"}, s.Connector) {
		return v.Say("connector." + s.Connector)
	}
	return s.Connector
}

// stateOf says whether people get in by a source: suspended, without a declaration in force, not connected, or in use.
func (p *pages) stateOf(v *frame.Visit, s registry.Source) web.Badge {
	switch {
	case s.Suspended:
		return web.Badge{Kind: "danger", Text: v.Say("source.state.suspended")}
	case !s.Declaration.InForce(v.Now, v.Snapshot.Zone()):
		return web.Badge{Kind: "warning", Text: v.Say("source.state.undeclared")}
	case p.Ready != nil && !p.Ready(s.ID):
		return web.Badge{Kind: "warning", Text: v.Say("source.state.absent")}
	}
	return web.Badge{Kind: "success", Text: v.Say("source.state.open")}
}

type sourcePage struct {
	web.Frame
	ID, Name    string
	File        *frame.Kept
	State       web.Badge
	About       []web.Term
	Declared    []web.Term
	Settings    []web.Term
	Stop        string
	Try, Tokens string // where it is asked, and where its tokens are, for who may
	Tried, Fine bool
	Found       []string
	Decide      *web.Area
	Wrong       []web.InputError
	Done        bool
}

func (p *pages) source(w http.ResponseWriter, v *frame.Visit) error {
	return p.showSource(w, v, v.R.PathValue("id"), "", frame.Wrong{})
}

func (p *pages) showSource(w http.ResponseWriter, v *frame.Visit, id, typed string, wrong frame.Wrong) error {
	s, err := v.Desk.Source(v.Context(), v.Caller, id)
	if err != nil {
		return err
	}
	out := sourcePage{
		ID: s.ID, Name: s.Name.In(v.In()), File: v.Kept(s.ManagedBy), State: p.stateOf(v, s), Declared: declared(v, s.Declaration),
		Settings: settings(v, s), Done: v.Query("fait") != "" && wrong.Status == 0,
	}
	if out.About, err = p.aboutSource(v, s); err != nil {
		return err
	}
	on := roles.Target{Source: id}
	stops := !s.Suspended && v.May(roles.SuspendSource, on) || s.Suspended && v.May(roles.Lift, on)
	if stops {
		out.Stop = stopAt(v, registry.StopSource, id)
	}
	if v.May(roles.EditSource, on) {
		out.Tokens = sources + "/" + url.PathEscape(id) + "/jetons"
	}
	if v.May(roles.EditSource, on) && p.Probe != nil {
		out.Try = sources + "/" + url.PathEscape(id) + "?essai=1"
		out.try(v, p)
	}
	if s.Declaration != nil && s.Declaration.State == registry.Submitted && v.May(roles.ApproveSource, on) {
		out.Decide = &web.Area{Name: "motif", Label: v.Say("decide.reason"), Hint: v.Say("decide.hint"), Value: typed, Error: wrong.At("reason")}
	}
	out.Wrong = wrong.Summary(func(field string) string { return map[string]string{"reason": "motif"}[field] })
	out.Frame = v.Around(out.Name, web.Tab{Label: v.Say("sources.title"), URL: sources})
	if wrong.Status != 0 {
		out.Here = sources + "/" + url.PathEscape(id)
	}
	return v.Render(w, max(http.StatusOK, wrong.Status), "source", out)
}

// try asks the source whether it can be used now, when that was asked for.
func (out *sourcePage) try(v *frame.Visit, p *pages) {
	if v.Query("essai") == "" || v.R.Method != http.MethodGet {
		return
	}
	found, ok := p.Probe(v.Context(), out.ID)
	out.Tried = true
	out.Fine = ok && len(found) == 0
	if !ok {
		out.Found = []string{v.Say("try.absent")}
	}
	for _, f := range found {
		out.Found = append(out.Found, strings.TrimSuffix(strings.Join([]string{f.What, f.Mend}, ": "), ": "))
	}
}

func (p *pages) aboutSource(v *frame.Visit, s registry.Source) ([]web.Term, error) {
	t := terms{v: v}
	t.say("source.kind", connector(v, s))
	t.say("source.id", s.ID)
	t.say("source.authority", s.Authority)
	t.say("source.vouches", strings.Join(s.Vouches, ", "))
	t.say("source.assurance", strings.Join(s.Assurance, "\n"))
	where := v.Say("source.everywhere")
	if len(s.UAIs) > 0 {
		var names []string
		for _, uai := range s.UAIs {
			names = append(names, v.School(uai))
		}
		where = strings.Join(names, "\n")
	}
	t.say("source.where", where)
	if s.Hidden {
		t.say("source.offered", v.Say("source.hidden"))
	}
	if p.Seen != nil && v.May(roles.ReadJournal, roles.Target{}) {
		at, err := p.Seen(v.Context(), s.ID)
		if err != nil {
			return nil, err
		}
		last := v.Say("source.not_seen")
		if !at.IsZero() {
			last = v.Kit.DateTime(v.Lang, at)
		}
		t.say("source.seen", last)
	}
	if n := len(s.Decisions); n > 0 {
		last := s.Decisions[n-1]
		key := "source.started"
		if s.Suspended {
			key = "source.stopped"
		}
		t.say(key, v.Say("source.by", "date", v.Kit.DateTime(v.Lang, last.At), "office", v.InOffice(last.Office), "text", last.Reason))
	}
	return t.list, nil
}

func declared(v *frame.Visit, d *registry.SourceDeclaration) []web.Term {
	if d == nil {
		return nil
	}
	t := terms{v: v}
	t.say("declared.reference", d.Reference)
	t.say("declared.controller", strings.TrimSuffix(d.Controller.Name+", "+d.Controller.Office, ", "))
	t.say("declared.covers", d.Covers)
	t.say("declared.from", v.Date(d.From))
	t.say("declared.until", v.Date(d.Until))
	if slices.Contains([]registry.State{registry.Submitted, registry.Approved, registry.Refused}, d.State) {
		t.say("declared.state", v.Say("declared."+string(d.State)))
	}
	return t.list
}

// settings are the connector's own, as far as they were shown: a secret stands there as the name of a file.
func settings(v *frame.Visit, s registry.Source) []web.Term {
	var out []web.Term
	for _, key := range slices.Sorted(maps.Keys(s.Settings)) {
		out = append(out, web.Term{Term: key, Text: fmt.Sprint(s.Settings[key])})
	}
	return out
}

func (p *pages) decide(w http.ResponseWriter, v *frame.Visit) error {
	f, err := v.Form()
	if err != nil {
		return err
	}
	id := v.R.PathValue("id")
	_, err = v.Desk.ApproveSource(v.Context(), v.Caller, id, registry.State(f.Get("etat")), f.Get("motif"))
	if wrong, ok := v.Wrong(err); ok {
		return p.showSource(w, v, id, f.Get("motif"), wrong)
	}
	if err != nil {
		return err
	}
	return v.Redirect(w, sources+"/"+url.PathEscape(id)+"?fait=1")
}
