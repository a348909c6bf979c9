package wizard

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"ecluse/internal/admin/frame"
	"ecluse/internal/desk"
	"ecluse/internal/idp"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
	"ecluse/internal/web"
)

// connection is how a service is connected, as its pages and the technical step show it.
type connection struct {
	Start    string
	Bound    []bound
	Editable bool
	Edit     string // where it is changed
	Reach    string // where its return addresses are asked
	Asked    bool
}

// bound is one binding, read by its protocol.
type bound struct {
	N         int
	Protocol  string
	Handle    string
	Addresses web.Table
	Keys      web.Table
	Until     string // of the metadata
	Soon      []remark
	Problem   string
}

// soon is when the end of a certificate is told.
const soon = 60 * 24 * time.Hour

// connected reads a service's bindings through their protocols. reach asks the return addresses; nil asks nothing.
func (p *pages) connected(s *scene, service registry.Service, reach idp.Reach) *connection {
	whole, _ := s.Snapshot.Service(service.ID) // addresses and ends of certificates are shown; settings are not
	out := &connection{
		Start: whole.Start, Editable: s.May(roles.EditService, roles.Target{Service: service.ID}), Asked: reach != nil,
		Edit: services + "/" + service.ID + "/technique", Reach: services + "/" + service.ID + "/technique/atteindre",
	}
	for i, b := range whole.Bindings {
		out.Bound = append(out.Bound, p.bound(s, i, b, reach))
	}
	return out
}

func (p *pages) bound(s *scene, i int, b registry.Binding, reach idp.Reach) bound {
	out := bound{N: i, Protocol: s.Say("protocol." + b.Protocol), Handle: b.Handle}
	protocol, spoken := p.Protocols[b.Protocol]
	if !spoken {
		out.Problem = s.Say("connection.not_spoken")
		return out
	}
	got, err := protocol.Probe(s.Context(), b, reach)
	if err != nil {
		out.Problem = err.Error()
		return out
	}
	out.Addresses = web.Table{Caption: s.Say("connection.addresses"), Head: []string{s.Say("connection.address"), s.Say("connection.for"), s.Say("connection.answers")}}
	for _, a := range got.Addresses {
		out.Addresses.Rows = append(out.Addresses.Rows, []string{a.URL, s.Say("address."+string(a.Kind)) + " (" + a.Way + ")", s.answered(a)})
	}
	out.Keys = web.Table{Caption: s.Say("connection.keys"), Head: []string{s.Say("connection.fingerprint"), s.Say("connection.use"), s.Say("connection.until")}}
	for _, k := range got.Keys {
		out.Keys.Rows = append(out.Keys.Rows, []string{spaced(k.Fingerprint), s.Say("key." + k.Use), s.Kit.Date(s.Lang, k.Until)})
		if k.Until.Before(s.Now.Add(soon)) {
			out.Soon = append(out.Soon, remark{Kind: "warning", Text: s.Say("connection.soon", "date", s.Kit.Date(s.Lang, k.Until))})
		}
	}
	if !got.ValidUntil.IsZero() {
		out.Until = s.Kit.Date(s.Lang, got.ValidUntil)
	}
	return out
}

// answered says what came of asking an address.
func (s *scene) answered(a idp.Address) string {
	switch {
	case !a.Asked:
		return "–"
	case a.Fault != "":
		return s.Say("connection.unreachable", "why", a.Fault)
	case a.Status == http.StatusNotFound || a.Status == http.StatusGone || a.Status >= 500:
		return s.Say("connection.odd", "status", strconv.Itoa(a.Status))
	default:
		return s.Say("connection.reached", "status", strconv.Itoa(a.Status))
	}
}

// spaced is a fingerprint in groups, so that it wraps and people can compare it.
func spaced(fingerprint string) string {
	var out []string
	for group := range slices.Chunk([]byte(fingerprint), 4) {
		out = append(out, string(group))
	}
	return strings.Join(out, " ")
}

// connectionPage is what the template prints.
type connectionPage struct {
	web.Frame
	Title      string
	Connection *connection
	Protocols  web.Select
	Protocol   string
	N          int
	Fields     []shown
	Start      shown
	Tag        string
	Problem    string
	Saved      bool
	Summary    []web.InputError
	Others     []remark
	New        bool
	Tokens     string // where the tokens of integrators are; empty where they have no page
}

// remarked are findings, each told once.
type remarked struct {
	s     *scene
	found []registry.Finding
	told  []bool
}

func (r *remarked) at(where string) []remark {
	var out []remark
	for i, f := range r.found {
		if !r.told[i] && (field{where: []string{where}}).claims(f.Where) {
			r.told[i] = true
			out = append(out, (&state{scene: r.s}).remarkOf(f))
		}
	}
	return out
}

// connection shows how a service is connected, and the form to those who may change it.
func (p *pages) connection(w http.ResponseWriter, v *frame.Visit) error {
	service, tag, err := v.Desk.Service(v.Context(), v.Caller, v.R.PathValue("id"))
	if err != nil {
		return err
	}
	return p.renderConnection(w, v, edited{service: service, tag: tag, status: http.StatusOK, n: bindingOf(v, service)})
}

// reach asks the return addresses of a service whether a server is there.
func (p *pages) reach(w http.ResponseWriter, v *frame.Visit) error {
	service, tag, err := v.Desk.Service(v.Context(), v.Caller, v.R.PathValue("id"))
	if err != nil {
		return err
	}
	return p.renderConnection(w, v, edited{service: service, tag: tag, status: http.StatusOK, n: bindingOf(v, service), reach: p.Reach})
}

// bindingOf is which binding an address is about: the first, or a new one.
func bindingOf(v *frame.Visit, s registry.Service) int {
	n, err := strconv.Atoi(v.Query("liaison"))
	if err != nil || n < 0 {
		n = 0
	}
	return min(n, len(s.Bindings))
}

// edited is a service as somebody changes it.
type edited struct {
	service registry.Service
	tag     string
	n       int
	status  int
	reach   idp.Reach
	typed   *registry.Binding
	link    bool
	found   []registry.Finding
	problem string
}

func (p *pages) renderConnection(w http.ResponseWriter, v *frame.Visit, e edited) error {
	s := &scene{Visit: v, service: e.service}
	page := connectionPage{
		Title: v.Say("connection.title", "service", e.service.Name.In(v.In())), Connection: p.connected(s, e.service, e.reach), N: e.n, Tag: e.tag,
		Problem: e.problem, Saved: v.Query("enregistre") != "" && e.typed == nil, New: e.n == len(e.service.Bindings),
	}
	page.Frame = v.Around(page.Title)
	page.Frame.Here = page.Connection.Edit
	if page.Connection.Editable {
		p.form(s, e, &page)
		if to := frame.Home + "services/" + url.PathEscape(e.service.ID) + "/jetons"; v.Mounted(to) {
			page.Tokens = to
		}
	}
	return v.Render(w, e.status, "connection", page)
}

// form is the form of one binding.
func (p *pages) form(s *scene, e edited, page *connectionPage) {
	b := registry.Binding{Protocol: s.Query("protocole")}
	switch {
	case e.typed != nil:
		b = *e.typed
	case e.n < len(e.service.Bindings) && (b.Protocol == "" || b.Protocol == e.service.Bindings[e.n].Protocol):
		b = e.service.Bindings[e.n]
	}
	if !slices.Contains(protocols(), b.Protocol) {
		b.Protocol = "saml"
	}
	if e.link {
		b.Protocol = linkOnly
	}
	if e.typed == nil {
		e.found, _ = s.Desk.Remarks(s.Context(), s.Caller, e.service)
	}
	found := &remarked{s, e.found, make([]bool, len(e.found))}
	page.Protocol = b.Protocol
	page.Protocols = web.Select{Name: "protocole", Label: s.Say("connection.protocol")}
	for _, word := range protocols() {
		page.Protocols.Options = append(page.Protocols.Options, web.Option{Value: word, Label: s.Say("protocol." + word), Chosen: word == b.Protocol})
	}
	page.Start = shown{Kind: line, Name: "start", Label: s.Say("connection.start"), Hint: s.Say("connection.start_hint"), Value: e.service.Start, Said: found.at("start")}
	if b.Protocol != linkOnly {
		page.Fields = s.settingsShown(b, e.n, found)
	}
	for i, f := range found.found {
		if !found.told[i] {
			page.Others = append(page.Others, (&state{scene: s}).remarkOf(f))
		}
	}
	for _, f := range append(slices.Clone(page.Fields), page.Start) {
		for _, r := range f.Said {
			if r.Kind == "danger" {
				page.Summary = append(page.Summary, web.InputError{Name: f.Name, Text: r.Text})
			}
		}
	}
}

// connect changes one binding of a service, and where people begin.
func (p *pages) connect(w http.ResponseWriter, v *frame.Visit) error {
	form, _, file, err := frame.Upload(v.R, mostMetadata)
	if err != nil {
		return err
	}
	service, tag, err := v.Desk.Service(v.Context(), v.Caller, v.R.PathValue("id"))
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(form.Get("liaison"))
	if err != nil || n < 0 || n > len(service.Bindings) {
		return web.BadRequest(errors.New("form: no such binding"))
	}
	e := edited{service: service, tag: tag, n: n}
	e.service.Bindings = slices.Clone(service.Bindings)
	e.service.Start = clean(form.Get("start"))
	e.link = form.Get("protocole") == linkOnly
	switch {
	case e.link:
		e.service.Bindings, e.typed = nil, &registry.Binding{Protocol: linkOnly}
	case form.Get("act") == "retirer" && n < len(service.Bindings):
		e.service.Bindings = slices.Delete(e.service.Bindings, n, n+1)
	default:
		p.typedInto(v, &e, form.Values, file)
	}
	if len(e.found) == 0 {
		_, err = v.Desk.PutService(v.Context(), v.Caller, e.service, form.Get("etat"))
	} else if !v.May(roles.EditService, roles.Target{Service: service.ID}) {
		_, err = v.Desk.PutService(v.Context(), v.Caller, e.service, form.Get("etat")) // says who may
	} else {
		err = &desk.Invalid{Findings: e.found}
	}
	return p.connectedOr(w, v, e, err)
}

// connectedOr goes on after a change, or shows what was typed with what stands against it.
func (p *pages) connectedOr(w http.ResponseWriter, v *frame.Visit, e edited, err error) error {
	var invalid *desk.Invalid
	wrong, known := v.Wrong(err)
	switch {
	case err == nil:
		return v.Redirect(w, services+"/"+e.service.ID+"/technique?enregistre=1")
	case !known:
		return err
	case errors.As(err, &invalid):
		e.found = invalid.Findings
	default:
		e.problem = wrong.Lines[0].Text
	}
	e.status = wrong.Status
	return p.renderConnection(w, v, e)
}
