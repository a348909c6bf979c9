package journal

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"ecluse/internal/admin"
	"ecluse/internal/admin/frame"
	"ecluse/internal/audit"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
	"ecluse/internal/web"
)

type listPage struct {
	web.Frame
	Chain   badge
	Fields  fields
	Rows    []row
	Caption string
	Next    string // the address of the older entries
	First   string // of the newest; empty where they stand here
	CSV     string
	JSONL   string
	All     string // the list without facets; empty where there are none
	Ref     string // the reference that is asked for
	Past    *admin.Past
	NoStory bool
	WhoMay  string
}

// row is an entry in the list.
type row struct {
	At               time.Time
	What, URL        string
	Outcome          web.Badge
	Where, About     string
	Office, By, ByAt string // the function, the handle in short, and the list of what it did
}

func (p *pages) list(w http.ResponseWriter, v *frame.Visit) error {
	a := read(v)
	at := v.Around(v.Say("title"))
	out := listPage{
		Frame: at, Chain: p.badge(v), Fields: a.fields(v), Caption: v.Say("caption"), CSV: a.address(Home+"/export", "format", "csv"),
		JSONL: a.address(Home+"/export", "format", "jsonl"), Ref: a.query.Ref,
	}
	if a.address(Home) != Home {
		out.All = Home
	}
	status := http.StatusOK
	if len(a.Wrong) > 0 {
		status = http.StatusUnprocessableEntity
		a.query.Limit = 1 // who may not read is told so, whatever they typed
	}
	found, err := v.Desk.ReadJournal(v.Context(), v.Caller, a.query)
	if errors.Is(err, audit.ErrCursor) {
		return web.NotFound(err)
	}
	if err != nil {
		return err
	}
	if status == http.StatusOK {
		for _, e := range found.Entries {
			out.Rows = append(out.Rows, p.rowOf(v, e))
		}
		out.place(v, a, found)
	}
	if out.Ref != "" {
		if err := p.story(v, &out); err != nil {
			return err
		}
	}
	return v.Render(w, status, "list", out)
}

func (out *listPage) place(v *frame.Visit, a asked, found audit.Page) {
	if found.Next != "" {
		out.Next = a.address(Home, "apres", string(found.Next))
	}
	if v.Query("apres") != "" {
		out.First = a.address(Home)
	}
}

func (p *pages) rowOf(v *frame.Visit, e audit.Entry) row {
	out := row{At: e.At, What: actWord(v, e.Action), URL: address(e), Outcome: outcome(v, e), About: about(v, e)}
	if e.Class == audit.ClassSignIn || e.Class == audit.ClassRelease {
		out.What = wordOf(v, "people."+strings.ReplaceAll(e.Action, ".", "_"), e.Action)
	}
	switch n := e.Detail["establishments"]; {
	case e.UAI != "":
		out.Where = v.School(person.UAI(e.UAI))
	case n == "1":
		out.Where = v.Say("one_school")
	case n != "" && n != "0":
		out.Where = v.Say("schools", "n", n)
	}
	out.Office = office(v, e)
	if e.Actor != "" && !strings.HasPrefix(e.Actor, "command:") {
		out.By, out.ByAt = short(e.Actor), Home+"?"+url.Values{"par": {e.Actor}}.Encode()
	}
	return out
}

// short is the beginning of a handle, by which people tell two apart.
func short(handle string) string {
	if len(handle) <= 12 {
		return handle
	}
	return handle[:12] + "…"
}

// address is where an entry stands.
func address(e audit.Entry) string {
	path := Home + "/" + url.PathEscape(e.Writer) + "/" + url.PathEscape(string(e.Class)) + "/" + strconv.FormatInt(e.Sequence, 10)
	if e.Class == audit.ClassSignIn || e.Class == audit.ClassRelease {
		path += "?reference=" + url.QueryEscape(e.Ref)
	}
	return path
}

func outcome(v *frame.Visit, e audit.Entry) web.Badge {
	kind := map[audit.Outcome]string{audit.Done: "success", audit.SignedIn: "success", audit.Released: "success", audit.Refused: "warning", audit.Failed: "danger"}[e.Outcome]
	return web.Badge{Kind: kind, Text: wordOf(v, "outcome."+string(e.Outcome), string(e.Outcome))}
}

// about is what an entry is about: the service, its declaration, the source.
func about(v *frame.Visit, e audit.Entry) string {
	var out []string
	if e.Service != "" {
		out = append(out, v.Service(e.Service))
	}
	if e.Declaration != "" {
		out = append(out, e.Declaration+" v"+strconv.Itoa(e.Version))
	}
	if e.Source != "" {
		out = append(out, e.Source)
	}
	return strings.Join(out, " · ")
}

// office is the function in which somebody acted: as the entry says, else as it is held now.
func office(v *frame.Visit, e audit.Entry) string {
	if strings.HasPrefix(e.Actor, "command:") {
		return v.Say("command")
	}
	if role := registry.Role(e.Detail[audit.As]); role != "" && isRole(role) {
		return v.Role(role)
	}
	if e.Actor == "" {
		return ""
	}
	for _, a := range v.Snapshot.AppointmentsOf(e.Actor) {
		if isRole(a.Role) {
			return v.Role(a.Role)
		}
	}
	return ""
}

func isRole(r registry.Role) bool {
	return slices.Contains(registry.Roles(), r)
}

// visible is the journal as the visitor may read it.
type visible struct{ v *frame.Visit }

// List is package desk's.
func (r visible) List(ctx context.Context, q audit.Query) (audit.Page, error) {
	return r.v.Desk.ReadJournal(ctx, r.v.Caller, q)
}

// story tells what happened under the reference, in words. That there is something else under it is told to nobody.
func (p *pages) story(v *frame.Visit, out *listPage) error {
	past, err := admin.ExplainRef(v.Context(), visible{v}, v.Snapshot, p.Words, out.Ref, v.In(), func(person.UAI) bool { return true })
	if err == nil {
		out.Past = &past
		return nil
	}
	if !errors.Is(err, admin.ErrNoRef) {
		return err
	}
	if out.NoStory = len(out.Rows) == 0; !out.NoStory {
		return nil
	}
	var denied *roles.Denied
	if _, err := roles.May(v.Snapshot, v.Now, roles.Caller{}, roles.ReadJournal, roles.Target{}); errors.As(err, &denied) {
		var who []string
		for _, r := range denied.Who {
			who = append(who, v.Role(r))
		}
		out.WhoMay = strings.Join(who, ", ")
	}
	return nil
}
