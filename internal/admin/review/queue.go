package review

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"ecluse/internal/admin/frame"
	"ecluse/internal/desk"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
	"ecluse/internal/web"
)

// perPage is how many cases stand on one page of the queue.
const perPage = 25

// queuePage is what the template prints.
type queuePage struct {
	web.Frame
	Errors  []web.InputError
	Done    string
	Total   int
	Cases   []item
	Pager   web.Pager
	Stakes  web.Select
	Sight   web.Select
	Asked   web.Input
	Refined bool // something narrows the queue
}

// item is one case as the page shows it.
type item struct {
	Title, Ref, URL string
	Request         bool
	Where           string
	People          int
	Reasons         []string
	State, Stakes   web.Badge
	Change          string
	Since           string
	Due             string
	Late            bool
	Counts          []int
	Missing         []string
	Acts            []string
	Charge          []web.Term
	Mine            bool
	Wishes          []string
	Answers         bool
	Service         string // the address of what opens it, where there is one
	ID              string // of the form's inputs
}

// asks is what the address narrows the queue to.
func asks(v *frame.Visit) (desk.Queued, int) {
	page, err := strconv.Atoi(v.Query("page"))
	if err != nil || page < 1 {
		page = 1
	}
	q := desk.Queued{All: v.Query("vue") == "tout", Stakes: desk.Stakes(v.Query("risque")), Text: v.Query("texte"), From: (page - 1) * perPage, Most: perPage}
	if !slices.Contains(desk.AllStakes(), q.Stakes) {
		q.Stakes = ""
	}
	return q, page
}

func (p *pages) queue(w http.ResponseWriter, v *frame.Visit) error {
	return p.queued(w, v, frame.Wrong{})
}

func (p *pages) queued(w http.ResponseWriter, v *frame.Visit, wrong frame.Wrong) error {
	q, page := asks(v)
	if !queues(v) {
		return &roles.Denied{Act: roles.ReadDrafts, Why: "role", Who: registry.Roles()}
	}
	part, total, err := v.Desk.Queue(v.Context(), v.Caller, q)
	if err != nil {
		return err
	}
	at := v.Around(v.Say("queue.title"))
	at.Here = Queue
	out := queuePage{
		Frame: at, Total: total, Pager: pager(v, page, total), Refined: q.Stakes != "" || q.Text != "",
		Asked: web.Input{Name: "texte", Label: v.Say("queue.text"), Value: q.Text, Type: "search", Autocomplete: "off"},
		Sight: web.Select{Name: "vue", Label: v.Say("queue.sight"), Options: []web.Option{
			{Label: v.Say("queue.mine"), Chosen: !q.All}, {Value: "tout", Label: v.Say("queue.all"), Chosen: q.All},
		}},
		Stakes: web.Select{Name: "risque", Label: v.Say("queue.stakes"), Options: []web.Option{{Label: v.Say("queue.any"), Chosen: q.Stakes == ""}}},
	}
	for _, s := range desk.AllStakes() {
		out.Stakes.Options = append(out.Stakes.Options, web.Option{Value: string(s), Label: stakes(v, s).Text, Chosen: s == q.Stakes})
	}
	for i, o := range part {
		out.Cases = append(out.Cases, itemOf(v, o, i))
	}
	status := http.StatusOK
	if wrong.Status != 0 {
		status = wrong.Status
		out.Errors = wrong.Summary(func(string) string { return "" })
	}
	if done := v.Query("fait"); v.R.Method == http.MethodGet && (done == string(registry.Granted) || done == string(registry.Declined)) {
		out.Done = v.Say("done." + done)
	}
	return v.Render(w, status, "queue", out)
}

// pager leads from one page of the queue to the others; package desk has cut the part already.
func pager(v *frame.Visit, page, total int) web.Pager {
	pages := max(1, (total+perPage-1)/perPage)
	at := func(n int) string {
		q := url.Values{}
		for _, key := range []string{"vue", "risque", "texte"} {
			if value := v.Query(key); value != "" {
				q.Set(key, value)
			}
		}
		q.Set("page", strconv.Itoa(n))
		return Queue + "?" + q.Encode()
	}
	out := web.Pager{Page: min(page, pages), Pages: pages}
	if page > 1 {
		out.Earlier = at(min(page-1, pages))
	}
	if page < pages {
		out.Later = at(page + 1)
	}
	return out
}

func itemOf(v *frame.Visit, o desk.Case, i int) item {
	out := item{
		Stakes: stakes(v, o.Stakes), Since: v.Kit.Date(v.Lang, o.Since), Due: v.Date(o.Due), Late: o.Late, Mine: o.Mine, Charge: inCharge(v, o.Charge),
		ID: strconv.Itoa(i),
	}
	if o.UAI != "" {
		out.Where = v.School(o.UAI)
	}
	if len(o.Wishes) > 0 {
		out.Title, out.Request, out.People, out.Reasons = o.About, true, o.People, o.Reasons
		if o.Service != "" {
			out.Title = v.Service(o.Service)
		}
		out.Wishes, out.Answers = o.Wishes, slices.Contains(o.Acts, roles.AnswerWish)
		if o.Service != "" && out.Answers {
			out.Service = frame.Home + "lot?" + url.Values{"acte": {"activer"}, "service": {o.Service}, "uai": {string(o.UAI)}}.Encode()
		}
		return out
	}
	out.Title, out.Ref, out.URL = v.Service(o.Service), o.Ref.String(), addressOf(o.Ref)
	out.State, out.Change, out.Counts = state(v, o.Standing), changed(v, o.Change).Text, o.Findings
	if out.Where == "" && o.Level != "" {
		out.Where = v.Say("level." + string(o.Level))
	}
	for _, code := range o.Missing {
		out.Missing = append(out.Missing, v.Say("missing."+code))
	}
	for _, act := range o.Acts {
		out.Acts = append(out.Acts, v.Say("act."+string(act)))
	}
	return out
}

// answer takes up or declines what staff of one school ask for.
func (p *pages) answer(w http.ResponseWriter, v *frame.Visit) error {
	f, err := v.Form()
	if err != nil {
		return err
	}
	state := registry.WishState(f.Get("reponse"))
	err = v.Desk.AnswerRequest(v.Context(), v.Caller, strings.Fields(f.Get("demandes")), state, f.Get("motif"))
	if wrong, ok := v.Wrong(err); ok {
		return p.queued(w, v, wrong)
	}
	if err != nil {
		return err
	}
	return v.Redirect(w, Queue+"?fait="+string(state))
}
