package home

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"ecluse/internal/admin/frame"
	"ecluse/internal/desk"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/web"
)

// shown is how many of one kind stand on the page; more are counted.
const shown = 8

type todoPage struct {
	web.Frame
	As     []capacity // empty for who holds one role
	Held   bool
	Groups []group // what waits
	Ending []group // what ends before long
	Health []string
}

// capacity is a link to what waits in one of several.
type capacity struct {
	Label, URL string
	Current    bool
}

// group is everything of one kind.
type group struct {
	Title string
	Lines []line
	Count int
	More  int // that do not stand here
	All   string
}

type line struct {
	Name   string
	URL    string // of the page that does it; empty where it is not mounted
	Detail string
	Since  string
	Until  string
	Late   bool
}

func (p *pages) todo(w http.ResponseWriter, v *frame.Visit) error {
	caller := v.Caller
	as := registry.Role(v.Query("qualite"))
	if v.Holds(as) {
		caller.Only = []registry.Role{as}
	}
	tasks, err := v.Desk.Waiting(v.Context(), caller)
	if err != nil {
		return err
	}
	at := v.Around("")
	out := todoPage{Frame: at, As: capacities(v, as), Held: len(v.Held) > 0}
	if out.Health, err = p.health(v); err != nil {
		return err
	}
	for _, g := range groups(v, tasks) {
		if ends(g.kind) {
			out.Ending = append(out.Ending, g.group)
		} else {
			out.Groups = append(out.Groups, g.group)
		}
	}
	return v.Render(w, http.StatusOK, "todo", out)
}

// capacities are those that somebody may look through one by one. Being staff is nothing to look through.
func capacities(v *frame.Visit, chosen registry.Role) []capacity {
	mine := slices.DeleteFunc(v.Roles(), func(r registry.Role) bool { return r == registry.Staff })
	if len(mine) < 2 {
		return nil
	}
	out := []capacity{{Label: v.Say("as.all"), URL: frame.Home, Current: !v.Holds(chosen)}}
	for _, r := range mine {
		out = append(out, capacity{v.Role(r), frame.Home + "?qualite=" + url.QueryEscape(string(r)), r == chosen})
	}
	return out
}

// ends tells the kinds that are about an end to come.
func ends(kind string) bool { return slices.Contains([]string{"expiry", "terms", "flag"}, kind) }

type kindGroup struct {
	kind string
	group
}

// groups puts tasks together by kind; the kind with the oldest task stands first.
func groups(v *frame.Visit, tasks []desk.Task) []*kindGroup {
	var out []*kindGroup
	for _, t := range tasks {
		i := slices.IndexFunc(out, func(g *kindGroup) bool { return g.kind == t.Kind })
		if i < 0 {
			i = len(out)
			out = append(out, &kindGroup{kind: t.Kind, group: group{Title: title(v, t.Kind), All: firstOf(v, lists(t.Kind)...)}})
		}
		g := out[i]
		if g.Count++; len(g.Lines) < shown {
			g.Lines = append(g.Lines, lineOf(v, t))
		} else {
			g.More++
		}
	}
	return out
}

// title is the kind in words; a kind that this package does not know is work all the same.
func title(v *frame.Visit, kind string) string {
	if slices.Contains(kinds(), kind) {
		return v.Say("kind." + kind)
	}
	return v.Say("kind.other")
}

func kinds() []string {
	return []string{
		"review", "opinion", "approve", "enable", "accept", "correct", "wish", "paper", "terms", "expiry", "flag", "narrowed",
		"appointment", "by_link", "rules", "model_review", "right", "inquiry",
	}
}

// lists are the pages on which all of one kind may stand, the best first.
func lists(kind string) []string {
	switch kind {
	case "review", "opinion", "approve", "wish", "correct":
		return []string{"/bureau/file"}
	case "expiry", "terms", "flag":
		return []string{"/bureau/calendrier", "/bureau/file"}
	case "enable", "accept", "paper":
		return []string{"/bureau/lot", "/bureau/services"}
	case "appointment", "by_link":
		return []string{"/bureau/mandats"}
	case "rules":
		return []string{"/bureau/regles"}
	case "right":
		return []string{"/bureau/droits"}
	case "inquiry":
		return []string{"/bureau/enquetes"}
	}
	return nil
}

func firstOf(v *frame.Visit, paths ...string) string {
	for _, path := range paths {
		if v.Mounted(path) {
			return path
		}
	}
	return ""
}

func lineOf(v *frame.Visit, t desk.Task) line {
	out := line{Name: t.About, Since: since(v, t.Since), Until: t.Until}
	var details []string
	if day, err := registry.ParseDate(t.Until); err == nil && t.Until != "" {
		out.Until = v.Date(day)
		out.Late = !v.Now.Before(day.Ends(v.Snapshot.Zone()))
	}
	if t.Kind == "inquiry" {
		details = append(details, inquiry(v, t, &out)...)
	}
	service, ref := about(v, t)
	if service != "" {
		out.Name = v.Service(service)
		if ref.ID != "" {
			details = append(details, ref.String())
		}
	}
	if t.UAI != "" {
		details = append(details, v.School(person.UAI(t.UAI)))
	}
	if t.Count > 0 {
		details = append(details, v.Say("schools", "n", t.Count))
	}
	if t.What != "" {
		details = append(details, t.What)
	}
	out.Detail = strings.Join(details, " · ")
	out.URL = firstOf(v, where(t, service, ref)...)
	return out
}

// inquiry says what is asked and why, as those who may confirm it read it, and until when to the minute: an inquiry ends
// within a day.
func inquiry(v *frame.Visit, t desk.Task, out *line) (reason []string) {
	all := v.Snapshot.Inquiries()
	i := slices.IndexFunc(all, func(q registry.Inquiry) bool { return q.ID == t.About })
	if i < 0 {
		return nil
	}
	out.Name, out.Until = v.Say("inquiry.uses"), v.Kit.DateTime(v.Lang, all[i].Until)
	if all[i].Matches() {
		out.Name = v.Say("inquiry.match", "n", v.Number(all[i].Candidates))
	}
	for _, d := range all[i].Decisions[:min(1, len(all[i].Decisions))] {
		reason = append(reason, d.Reason)
	}
	return reason
}

// about reads what a task is about: a service, and the version of its declaration where it is about one.
func about(v *frame.Visit, t desk.Task) (service string, ref desk.Ref) {
	id, version, found := cutLast(t.About, " v")
	if n, err := strconv.Atoi(version); found && err == nil {
		if d, ok := v.Snapshot.Declaration(id, n); ok {
			return d.ServiceID, desk.Ref{ID: id, Version: n}
		}
	}
	if _, ok := v.Snapshot.Service(t.About); ok {
		return t.About, desk.Ref{}
	}
	return "", desk.Ref{}
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

// where are the pages on which a task is done, the best first.
func where(t desk.Task, service string, ref desk.Ref) []string {
	sheet := "/bureau/services/" + url.PathEscape(service)
	var out []string
	switch t.Kind {
	case "enable", "accept", "paper":
		if ref.ID == "" || t.Kind != "paper" {
			if t.UAI != "" {
				out = append(out, sheet+"?uai="+url.QueryEscape(t.UAI))
			}
			out = append(out, sheet)
		}
	case "rules":
		out = append(out, "/bureau/regles/"+url.PathEscape(t.About))
	case "right":
		out = append(out, "/bureau/droits/"+url.PathEscape(t.About))
	case "inquiry":
		out = append(out, "/bureau/enquetes/"+url.PathEscape(t.About))
	case "appointment":
		out = append(out, "/bureau/mandats/"+url.PathEscape(t.About))
	}
	if ref.ID != "" {
		version := "/bureau/declarations/" + url.PathEscape(ref.ID) + "/" + strconv.Itoa(ref.Version)
		out = append(out, version)
	}
	out = append(out, lists(t.Kind)...)
	if service != "" {
		out = append(out, sheet)
	}
	return out
}

// since says for how many days something waits.
func since(v *frame.Visit, moment string) string {
	at, err := time.Parse(time.RFC3339, moment)
	if err != nil {
		return ""
	}
	days := int(v.Now.Sub(at).Hours() / 24)
	switch {
	case days < 1:
		return v.Say("since.today")
	case days == 1:
		return v.Say("since.yesterday")
	default:
		return v.Say("since.days", "n", days)
	}
}

// health is the line on how the gateway is, in parts.
func (p *pages) health(v *frame.Visit) ([]string, error) {
	if p.Health == nil || len(v.Held) == 0 {
		return nil, nil
	}
	h := p.Health(v.Context())
	out := []string{v.Say("health.sources", "ready", h.Ready, "all", h.Sources)}
	if h.Missing > 0 {
		out = append(out, v.Say("health.missing", "n", h.Missing))
	}
	if !h.Metadata.IsZero() {
		out = append(out, v.Say("health.metadata", "minutes", cmp.Or(int(v.Now.Sub(h.Metadata).Minutes()), 1)))
	}
	switch {
	case h.Verified.IsZero():
		out = append(out, v.Say("health.unverified"))
	case h.Broken:
		out = append(out, v.Say("health.broken", "when", v.Kit.DateTime(v.Lang, h.Verified)))
	default:
		out = append(out, v.Say("health.verified", "when", v.Kit.DateTime(v.Lang, h.Verified)))
	}
	wrong, err := v.Desk.Undelivered(v.Context(), v.Caller)
	if wrong > 0 {
		out = append(out, v.Say("health.mails", "n", wrong))
	}
	return out, err
}
