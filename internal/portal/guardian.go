package portal

import (
	"context"
	"embed"
	"net/http"
	"slices"
	"strings"
	"time"

	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/guardian"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/web"
)

//go:embed children
var childrenFiles embed.FS

// ChildrenPages are the page on which guardians read what concerns their children, and its texts. They have one wording,
// that of adults: a guardian is one, whoever's school it is.
func ChildrenPages() web.Contribution { return below("children", childrenFiles) }

// Asked is what a guardian is asked about one service for a child, and what they answered themselves.
type Asked struct {
	URL      string
	Answered time.Time // zero where they never did
	Yes      bool
	Waits    bool // an answer is missing
}

// Children is what the page is made of. All is required.
type Children struct {
	Kit   *web.Kit
	Live  *registry.Live
	Words *dictionary.Dictionary
	// Visitor gives the wards with the authority that is held today: what a school closed is unknown by then.
	Visitor Visitor
	Now     func() time.Time
	// Asked says what the visitor is asked for one of their wards, by its place among them: by service and declaration.
	Asked  func(ctx context.Context, view *registry.Snapshot, who person.Person, ward int) (map[string]Asked, error)
	Enter  string // where nobody becomes somebody and comes back
	Rights string // where requests are made for a child
}

const childrenHome = "/mes-enfants"

// MountChildren adds
//
//	GET /mes-enfants   what concerns the children of whoever is signed in
//
// Whoever sees no child there reads one page, whatever the reason. A pupil of an école is led to their own pages.
func MountChildren(mux *web.Mux, c Children) {
	mux.Handle(web.Route{Method: http.MethodGet, Pattern: childrenHome, Handler: c.show})
}

type childrenPage struct {
	web.Frame
	Known    bool
	Enter    string
	Rights   string
	Children []childView
}

// childView is one child. Number tells headings apart where the source says no first name.
type childView struct {
	Name  string
	Open  []childService
	Ended []childService
}

// childService is what a guardian reads of one service: what it is, which kinds of data, on which basis, who decided.
type childService struct {
	Name, Sentence string // Name is empty where the service's own name would tell the school
	Purposes       []string
	Basis          registry.BasisKind
	BasisText      string
	Sent           []sentLine
	Number         bool
	Controller     string
	DPO            string
	Supplier       string
	Retention      string
	Approved       string
	Enabled        string
	Until          time.Time // the last day
	Asked          *Asked
	Reference      string
}

func (c Children) show(w http.ResponseWriter, r *http.Request) error {
	who, around, ok, err := c.Visitor(r)
	if err != nil {
		return web.Unavailable(err)
	}
	page := childrenPage{Frame: around, Known: ok, Enter: c.Enter, Rights: c.Rights}
	if ok {
		view, err := c.Live.Current()
		if err != nil {
			return web.Unavailable(err)
		}
		if schoolchild(view, who, c.Now()) {
			return c.Kit.Redirect(w, r, sites, http.StatusSeeOther)
		}
		if page.Children, err = c.children(r, view, who); err != nil {
			return web.Unavailable(err)
		}
	}
	page.Audience = web.Adult
	return c.Kit.Render(w, r, http.StatusOK, "children/children", page)
}

// children lists those of whom the visitor may see something today, each once, in the source's order.
func (c Children) children(r *http.Request, view *registry.Snapshot, who person.Person) ([]childView, error) {
	now := c.Now().In(view.Zone())
	var out []childView
	place := map[person.Key]int{}
	for i, ward := range who.Wards {
		if !guardian.Sees(who, ward, now) {
			continue
		}
		asked, err := c.Asked(r.Context(), view, who, i)
		if err != nil {
			return nil, err
		}
		at, known := place[ward.Child]
		if !known {
			at = len(out)
			place[ward.Child], out = at, append(out, childView{Name: ward.Label})
		}
		tells := teller{view: view, words: c.Words, lang: string(c.Kit.Lang(r)), ward: ward}
		for _, offer := range guardian.Offers(view, now, who.Authn.Source, ward) {
			out[at].add(offer.Open, tells.service(offer, asked))
		}
	}
	for _, child := range out {
		for _, list := range [][]childService{child.Open, child.Ended} {
			slices.SortStableFunc(list, func(a, b childService) int { return strings.Compare(a.Name, b.Name) })
		}
	}
	return out, nil
}

// add puts a service on the list, once for each declaration: a child of two schools has one list.
func (v *childView) add(open bool, s childService) {
	if slices.ContainsFunc(slices.Concat(v.Open, v.Ended), func(o childService) bool { return o.Reference == s.Reference }) {
		return
	}
	if open {
		v.Open = append(v.Open, s)
	} else {
		v.Ended = append(v.Ended, s)
	}
}
