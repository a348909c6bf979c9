package login

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"ecluse/internal/consent"
	"ecluse/internal/idp"
	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/registry"
	"ecluse/internal/store"
	"ecluse/internal/web"
)

// The kinds of tickets of this package.
const (
	kindTransaction store.Kind = "transaction"
	kindChallenge   store.Kind = "challenge"
	kindSession     store.Kind = "session"
	kindGrant       store.Kind = "grant"
	kindEntry       store.Kind = "entry"
	kindUpstream    store.Kind = "upstream" // a source's session -> ours
)

// browserCookie ties transactions to a browser. A source may answer by a cross-site post, so it comes along with one.
func browserCookie() web.Cookie { return web.Cookie{Name: "flow", CrossSite: true} }

// transaction is one request of one service on its way to an answer. It holds the request and the person's choices; the
// person stands in the session, the decision nowhere.
type transaction struct {
	ID       string        `json:"-"`
	Browser  string        `json:"browser,omitempty"` // the browser it belongs to; empty until the first page is asked for
	Request  idp.Request   `json:"request"`
	Page     string        `json:"page,omitempty"` // a page of ours, to which the browser comes instead of an answer to a service
	Created  time.Time     `json:"created"`
	Ref      string        `json:"ref"`
	Entry    entry         `json:"entry"`
	Source   string        `json:"source,omitempty"`  // chosen, to be begun
	Trouble  string        `json:"trouble,omitempty"` // why the last source failed, for the chooser
	Failed   string        `json:"failed,omitempty"`  // the source that Trouble is about
	Session  string        `json:"session,omitempty"` // the session that Place and Said belong to
	Renewed  time.Time     `json:"renewed,omitzero"`  // when somebody said that it was not them: proofs from before are no use
	Place    *policy.Place `json:"place,omitempty"`
	Said     consent.Said  `json:"said"`
	Question string        `json:"question,omitempty"` // the session whose person has a question about the charter
	Failure  *failure      `json:"failure,omitempty"`
	Refused  bool          `json:"refused,omitempty"` // the failure stands in the journal
	Back     bool          `json:"back,omitempty"`    // the person asked for the way back to the service
	Done     bool          `json:"done,omitempty"`    // answered: only what leads onward is left

	Recognised string `json:"recognised,omitempty"` // the session whose person said that it is them, or proved it for this request

	ticket store.Ticket // as read or written, for replacing; its version is known from reading only
	stored bool
}

// entry is what an ENT's tile said when it sent somebody: all of it registered.
type entry struct {
	Source string      `json:"source,omitempty"`
	UAI    person.UAI  `json:"uai,omitempty"`
	Back   web.WayBack `json:"back"`
	Way    int         `json:"way,omitempty"`    // which of the registered ways Back is
	Shared bool        `json:"shared,omitempty"` // the ENT says that the device passes from hand to hand
}

// failure is why a transaction came to nothing.
type failure struct {
	Kind    idp.Kind        `json:"kind"`
	Refusal *policy.Refusal `json:"refusal,omitempty"`
	Code    string          `json:"code"`           // the reason, as a stable word
	Attr    string          `json:"attr,omitempty"` // the attribute that is missing
	Source  string          `json:"source,omitempty"`

	Corrects string        `json:"corrects,omitempty"` // who can correct it: a word of the dictionary
	Instead  registry.Text `json:"instead,omitzero"`   // what the controller offers in place of a service closed for one person
}

var (
	errGone         = errors.New("the transaction is over or was never begun")
	errOtherBrowser = errors.New("the transaction belongs to another browser")
	errHop          = errors.New("the form does not belong to this step")
	errOvertaken    = errors.New("another hop changed the transaction meanwhile")
	errUsed         = errors.New("the transaction was answered already")
	errHead         = errors.New("a request by HEAD starts nothing and ends nothing")
)

func (f *Flow) newTransaction(request idp.Request) *transaction {
	return &transaction{ID: rand.Text(), Request: request, Created: f.Now(), Ref: string(web.NewRef())}
}

// save stores what the hop changed, as one write with others. Two hops at once cannot both win: the loser gets errOvertaken
// and starts from what the winner left.
func (f *Flow) save(ctx context.Context, t *transaction, with ...store.Op) error {
	if !t.stored {
		ticket, err := f.ticketOf(t)
		if err != nil {
			return err
		}
		if err = f.putOnce(ctx, t, ticket, with...); err == nil {
			t.ticket, t.stored = ticket, true
		}
		return err
	}
	op, err := f.changed(ctx, t)
	if err == nil {
		err = f.write(ctx, append(with, op)...)
	}
	if errors.Is(err, store.ErrConflict) {
		return errOvertaken
	}
	if err != nil {
		return goneOr(err)
	}
	op.Ticket.Version++
	t.ticket = op.Ticket
	return nil
}

// write makes one change as such, and several as one write.
func (f *Flow) write(ctx context.Context, ops ...store.Op) error {
	if len(ops) > 1 {
		return f.Tickets.Write(ctx, ops...)
	}
	switch t := ops[0].Ticket; ops[0].Do {
	case store.Put:
		return f.Tickets.Put(ctx, t)
	case store.Replace:
		return f.Tickets.Replace(ctx, t)
	}
	return f.Tickets.Write(ctx, ops...)
}

func (f *Flow) ticketOf(t *transaction) (store.Ticket, error) {
	value, err := json.Marshal(t)
	if err != nil {
		return store.Ticket{}, fmt.Errorf("transaction: %w", err)
	}
	return store.Ticket{
		Kind: kindTransaction, Name: t.ID, Value: value, Version: t.ticket.Version, Expires: t.Created.Add(f.Limits.Transaction),
	}, nil
}

// changed is what save writes of a transaction that is stored. The version of one that this very hop stored is looked up:
// only the store knows it.
func (f *Flow) changed(ctx context.Context, t *transaction) (store.Op, error) {
	ticket, err := f.ticketOf(t)
	if err == nil && ticket.Version == 0 {
		var current store.Ticket
		current, err = f.Tickets.Get(ctx, kindTransaction, t.ID)
		ticket.Version = current.Version
	}
	return store.Op{Do: store.Replace, Ticket: ticket}, err
}

// rest is what stays of an answered transaction: only what leads its browser onward, so that no other hop answers it, whatever
// form of it arrives at the same moment.
func (t *transaction) rest() *transaction {
	return &transaction{
		ID: t.ID, Browser: t.Browser, Created: t.Created, Ref: t.Ref, Entry: t.Entry, Done: true,
		Request: idp.Request{ServiceID: t.Request.ServiceID}, ticket: t.ticket, stored: true,
	}
}

// finish leaves of a transaction its rest.
func (f *Flow) finish(ctx context.Context, t *transaction) error {
	rest := t.rest()
	for range maxTabs {
		err := f.save(ctx, rest)
		if errors.Is(err, errGone) {
			return nil
		}
		if !errors.Is(err, errOvertaken) {
			return err
		}
		rest.ticket.Version = 0 // whatever stands there now
	}
	return f.Tickets.Delete(ctx, kindTransaction, t.ID)
}

// finishing is what finish writes, for whoever writes it with something else; nothing where nothing is stored.
func (f *Flow) finishing(ctx context.Context, t *transaction) ([]store.Op, error) {
	if !t.stored || !f.Now().Before(t.Created.Add(f.Limits.Transaction)) {
		return nil, nil
	}
	op, err := f.changed(ctx, t.rest())
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	return []store.Op{op}, err
}

// settle sends a hop that was overtaken back to the dispatcher, which goes on from what the winner left.
func (f *Flow) settle(w http.ResponseWriter, r *http.Request, t *transaction, err error) error {
	if errors.Is(err, errOvertaken) {
		return f.again(w, r, t)
	}
	return err
}

// load reads the transaction of a hop and makes sure that it is this browser's. One that was answered comes with errUsed. A transaction that no browser has
// opened yet becomes this one's: a cross-site post cannot show a Lax cookie, so it cannot be tied earlier.
func (f *Flow) load(w http.ResponseWriter, r *http.Request) (*transaction, error) {
	ticket, err := f.Tickets.Get(r.Context(), kindTransaction, r.PathValue("txn"))
	if err != nil {
		return nil, goneOr(err)
	}
	t, err := readTransaction(r.PathValue("txn"), ticket)
	if err != nil {
		return nil, err
	}
	browser := f.browser(w, r)
	if t.Done && t.Browser == browser {
		return t, errUsed
	}
	if t.Browser == "" && r.Method == http.MethodGet {
		t.Browser = browser
		if err := f.takeEntry(r.Context(), t); err != nil {
			return nil, err
		}
	}
	if t.Browser != browser {
		return nil, gone(errOtherBrowser)
	}
	return t, nil
}

// loadByID reads the transaction behind a challenge.
func (f *Flow) loadByID(ctx context.Context, id, browser string) (*transaction, error) {
	ticket, err := f.Tickets.Get(ctx, kindTransaction, id)
	if err != nil {
		return nil, goneOr(err)
	}
	t, err := readTransaction(id, ticket)
	switch {
	case err != nil:
		return nil, err
	case t.Browser != browser:
		return nil, gone(errOtherBrowser)
	case t.Done:
		return nil, gone(errUsed)
	}
	return t, nil
}

func readTransaction(id string, ticket store.Ticket) (*transaction, error) {
	t := &transaction{}
	if err := json.Unmarshal(ticket.Value, t); err != nil {
		return nil, fmt.Errorf("transaction: %w", err)
	}
	t.ID, t.ticket, t.stored = id, ticket, true
	return t, nil
}

func (f *Flow) saveAndAgain(w http.ResponseWriter, r *http.Request, t *transaction) error {
	if err := f.save(r.Context(), t); err != nil {
		return f.settle(w, r, t, err)
	}
	return f.again(w, r, t)
}

// browser names the browser, giving it a name when it has none.
func (f *Flow) browser(w http.ResponseWriter, r *http.Request) string {
	if id, ok := f.Kit.Cookies().Read(r, browserCookie()); ok && id != "" && len(id) <= 64 {
		return id
	}
	id := rand.Text()
	f.Kit.Cookies().Set(w, browserCookie(), id)
	return id
}

// hop is the proof that a form was made for one step of one transaction.
func (f *Flow) hop(t *transaction, step string) string {
	return f.Keys.MAC("login hop", t.ID, t.Browser, step)
}

func (f *Flow) checkHop(t *transaction, step string, r *http.Request) error {
	if !f.Keys.CheckMAC(r.PostFormValue("hop"), "login hop", t.ID, t.Browser, step) {
		return web.BadRequest(errHop)
	}
	return nil
}

// goneOr tells what is over from a store that does not answer.
func goneOr(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, store.ErrNotFound), errors.Is(err, store.ErrInvalid):
		return gone(errGone)
	default:
		return web.Unavailable(err)
	}
}

func gone(cause error) error {
	return &web.Fault{Status: http.StatusGone, Code: "SES-410", Kind: "login/gone", Cause: cause}
}
