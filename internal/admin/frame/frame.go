// Package frame is what all pages of the desk share: who is there and in which capacities, the menu by task, the crumbs,
// the search field, the page for nobody, what becomes of the desk's errors, words for offices and places, and long lists
// in parts. A group of pages is a package beside this one:
//
//	func Pages() web.Contribution { return web.Contribution{Name: "schools", Files: files} }
//
//	func Mount(mux *web.Mux, f *frame.Frame) {
//		f.Add(frame.Entry{Task: frame.Reading, Path: "/bureau/etablissements", Key: "schools/menu"})
//		mux.Handle(web.Route{Method: "GET", Pattern: "/bureau/etablissements", Handler: f.Page("schools", list)})
//	}
//
//	type page struct {
//		web.Frame
//		Rows  []row
//		Pager web.Pager
//	}
//
//	func list(w http.ResponseWriter, v *frame.Visit) error {
//		found, err := v.Desk.Establishments(v.Context(), v.Caller)
//		if err != nil {
//			return err // NotFound is a 404, Denied a 403 that says who may, and so on: see Refusal
//		}
//		part, pager := frame.Part(v, found, 50)
//		return v.Render(w, http.StatusOK, "list", page{Frame: v.Around(v.Say("title")), Rows: rows(v, part), Pager: pager})
//	}
//
// A posted form that the desk refuses is shown again with all that is wrong with it:
//
//	err := v.Desk.Decide(...)
//	if wrong, ok := v.Wrong(err); ok {
//		return show(w, v, wrong) // wrong.Status, wrong.At("reason"), {{template "error-summary" …}} of wrong.Lines
//	}
//	if err != nil {
//		return err
//	}
//	return v.Redirect(w, "/bureau/…")
//
// The menu shows the entries that were added and that the visitor may open: a page that is not mounted has none. What may
// be done is package desk's to say, at each act: a menu that shows or hides an entry protects nothing.
package frame

import (
	"embed"
	"errors"
	"net/http"
	"net/url"
	"sync"
	"time"

	"ecluse/internal/desk"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
	"ecluse/internal/web"
)

//go:embed pages texts
var files embed.FS

// name is the contribution's.
const name = "frame"

// Pages are the page for nobody, the texts of refusals, and words for offices and places.
func Pages() web.Contribution { return web.Contribution{Name: name, Files: files} }

// Home is where the desk begins: what waits for whoever is there.
const Home = "/bureau/"

// Who is somebody at the desk, and until when their session lasts at most.
type Who struct {
	Caller roles.Caller
	Until  time.Time
}

// Config is what a frame is made of. All is required.
type Config struct {
	Kit   *web.Kit
	Desk  *desk.Desk
	Live  *registry.Live
	Now   func() time.Time
	Who   func(*http.Request) (Who, bool, error) // false for nobody; an error says that nobody can tell
	Enter string                                 // where a sign-in begins
	Word  string                                 // where a one-time word is given without a sign-in

	Routes func() []web.Route // all that are mounted, once the pages are asked for; nil says that none is
}

// Frame surrounds the pages of the desk. Entries are added before serving; then it is safe for concurrent use.
type Frame struct {
	Config
	entries []Entry
	search  string
	confirm Confirm

	known sync.Once
	pages *http.ServeMux
}

// Confirm takes over an act that is in order and wants a step-up: what was posted is in the visit's form.
type Confirm func(http.ResponseWriter, *Visit, *desk.StepUp) error

// ConfirmWith says who takes over acts that want a step-up; without it they are refused.
func (f *Frame) ConfirmWith(c Confirm) { f.confirm = c }

// New gives a frame without entries.
func New(c Config) *Frame { return &Frame{Config: c} }

// Task is a group of the menu.
type Task string

// The tasks, as the menu shows them.
const (
	Doing    Task = "doing"    // what waits, and oneself
	Deciding Task = "deciding" // declarations, services, lists of schools
	Reading  Task = "reading"  // what is registered and what happened
	Keeping  Task = "keeping"  // sources, offices, rules, keys, settings
)

func tasks() []Task { return []Task{Doing, Deciding, Reading, Keeping} }

// Entry is one page, or group of pages, in the menu.
type Entry struct {
	Task Task
	Path string            // a local path; what stands below it belongs to it
	Key  string            // of its text, "contribution/key"
	May  func(*Visit) bool // whether it is shown to a visitor; nil shows it to whoever holds a role. It must answer at once.
}

// Add puts an entry into the menu. Within a task they stand in the order in which they were added.
func (f *Frame) Add(e Entry) { f.entries = append(f.entries, e) }

// SearchAt says where the search field leads; without it there is none.
func (f *Frame) SearchAt(path string) { f.search = path }

// Mounted tells whether a page is mounted that answers GET at a local path: a page links to another only where it is there.
// It must not be asked before serving.
func (f *Frame) Mounted(path string) bool {
	f.known.Do(func() {
		f.pages = http.NewServeMux()
		if f.Routes == nil {
			return
		}
		for _, r := range f.Routes() {
			if r.Method == http.MethodGet {
				f.pages.Handle("GET "+r.Pattern, http.NotFoundHandler())
			}
		}
	})
	to, err := url.Parse(path)
	if err != nil {
		return false
	}
	_, pattern := f.pages.Handler(&http.Request{Method: http.MethodGet, URL: to})
	return pattern != ""
}

// Handler answers a request of somebody who is at the desk.
type Handler func(http.ResponseWriter, *Visit) error

// Page is the handler of a page of a contribution, whose texts Visit.Say and whose templates Visit.Render know. Nobody gets
// the page that leads to the sign-in; what h returns goes through Refusal.
func (f *Frame) Page(contribution string, h Handler) web.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		who, ok, err := f.Who(r)
		if err != nil { // a session may be there: to sign in again would mend nothing
			return web.Unavailable(err)
		}
		if !ok {
			return f.nobody(w, r)
		}
		v, err := f.visit(r, who, contribution)
		if err != nil {
			return web.Unavailable(err)
		}
		err = h(w, v)
		var step *desk.StepUp
		if errors.As(err, &step) && f.confirm != nil {
			err = f.confirm(w, v, step)
		}
		return v.Refusal(err)
	}
}

func (f *Frame) visit(r *http.Request, who Who, contribution string) (*Visit, error) {
	s, err := f.Live.Current()
	if err != nil {
		return nil, err
	}
	now := f.Now().UTC()
	return &Visit{
		Frame: f, Who: who, R: r, Held: roles.Holds(s, now, who.Caller), Snapshot: s, Now: now, Lang: f.Kit.Lang(r),
		contribution: contribution, failed: new(error),
	}, nil
}

// Surround is what surrounds a page of the desk that is not a Page of a frame: one that nobody may open at all, or that was
// there before. key is what it is called, "contribution/key"; empty shows no crumbs. Nobody gets the zero Frame.
func (f *Frame) Surround(r *http.Request, key string) web.Frame {
	who, ok, err := f.Who(r)
	if !ok || err != nil {
		return web.Frame{}
	}
	v, err := f.visit(r, who, name)
	if err != nil {
		return web.Frame{}
	}
	here := ""
	if key != "" {
		here = v.Say(key)
	}
	return v.Around(here)
}

// nobodyPage leads to the sign-in.
type nobodyPage struct {
	web.Frame
	Enter, Word string
	Over        bool // a form was posted, and its session had ended
}

func (f *Frame) nobody(w http.ResponseWriter, r *http.Request) error {
	if _, err := f.Live.Current(); err != nil { // whoever is signed in is not known either
		return web.Unavailable(err)
	}
	page := nobodyPage{Enter: f.Enter, Word: f.Word}
	status := http.StatusOK
	if r.Method == http.MethodPost {
		page.Here, page.Over, status = Home, true, http.StatusUnauthorized
	}
	return f.Kit.Render(w, r, status, name+"/nobody", page)
}
