package login

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"ecluse/internal/policy"
	"ecluse/internal/registry"
	"ecluse/internal/store"
	"ecluse/internal/web"
)

// entryLife is how long a tile's hints wait for the service to send the browser on to us.
const entryLife = 5 * time.Minute

// entryLook is how long the hints of a tile are looked for. It is the first question of a sign-in: a store that hangs is
// told of while somebody still waits for the page.
const entryLook = 2 * time.Second

// enter is where an ENT's tile leads. It checks that everything the tile names is registered, remembers it for this
// browser and service, and sends the browser to the service's own registered start address: the service then asks us
// in its own protocol. Nothing that is not registered is followed.
func (f *Flow) enter(w http.ResponseWriter, r *http.Request) error {
	if dest := r.Header.Get("Sec-Fetch-Dest"); dest != "" && dest != "document" { // a page asks, not a person
		return web.BadRequest(errNotFollowed)
	}
	snapshot, err := f.Live.Current()
	if err != nil {
		return web.Unavailable(err)
	}
	e, reason := hints(snapshot, r)
	f.rememberFrom(w, e)
	service, known := snapshot.Service(r.PathValue("service"))
	if !known && reason == "" {
		reason = policy.UnknownService
	}
	if reason != "" {
		return f.refuseEntry(w, r, snapshot, service, e, &policy.Refusal{Reason: reason, Service: service.ID, UAI: e.UAI})
	}
	if err := policy.Open(snapshot, f.Now(), service.ID); err != nil {
		return f.refuseEntry(w, r, snapshot, service, e, denied(err).Refusal)
	}
	if service.Start == "" {
		return f.refuseEntry(w, r, snapshot, service, e, &policy.Refusal{Reason: noStart, Service: service.ID})
	}
	if err := f.remember(r.Context(), f.browser(w, r), service.ID, e); err != nil {
		return web.Unavailable(err)
	}
	return f.Kit.Redirect(w, r, service.Start, http.StatusSeeOther)
}

var errNotFollowed = errors.New("the address of a tile was loaded into another page")

// noStart is a service that a tile cannot lead to, because nobody registered where it begins.
const noStart policy.Reason = "no_start_address"

// hints reads what a tile says. An unknown source, establishment or return address is a reason to refuse. That a device is
// shared can be said by anybody: it makes us ask more and never less.
func hints(s *registry.Snapshot, r *http.Request) (entry, policy.Reason) {
	q := r.URL.Query()
	e, ways, reason := cameFrom(s, q.Get("source"), q.Get("uai"))
	e.Shared = q.Get("appareil") != "" // "partage"; a word that we do not know may mean it too
	if back := q.Get("return"); back != "" {
		i := slices.IndexFunc(ways, func(w registry.Way) bool { return w.URL == back })
		if i < 0 {
			return e, unknownReturn
		}
		e.Way, e.Back = i, web.WayBack(ways[i])
	}
	return e, reason
}

// tile is the address of the tile that says the same of a service.
func (e entry) tile(service string) string {
	q := url.Values{}
	if e.Source != "" {
		q.Set("source", e.Source)
	}
	if e.UAI != "" {
		q.Set("uai", string(e.UAI))
	}
	if e.Shared {
		q.Set("appareil", "partage")
	}
	if len(q) == 0 {
		return "/go/" + service
	}
	return "/go/" + service + "?" + q.Encode()
}

// unknownReturn is a return address that nobody registered.
const unknownReturn policy.Reason = "unknown_return_address"

func (f *Flow) remember(ctx context.Context, browser, service string, e entry) error {
	value, err := json.Marshal(e)
	if err != nil {
		return err
	}
	return f.Tickets.Put(ctx, store.Ticket{
		Kind: kindEntry, Name: browser + " " + service, Value: value, Expires: f.Now().Add(entryLife),
	})
}

// takeEntry gives a transaction the hints of the tile that brought this browser to its service, once. Without a tile the
// person is asked; a store that does not answer is an error, as it might hide which source was meant.
func (f *Flow) takeEntry(ctx context.Context, t *transaction) error {
	name := t.Browser + " " + t.Request.ServiceID
	look, cancel := context.WithTimeout(ctx, entryLook)
	defer cancel()
	ticket, err := f.Tickets.Get(look, kindEntry, name) // few come by a tile: a look costs less than taking nothing
	if err == nil {
		ticket, err = f.Tickets.Take(ctx, kindEntry, name)
	}
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrInvalid) {
		return nil
	}
	if err == nil {
		err = json.Unmarshal(ticket.Value, &t.Entry)
	}
	if err != nil {
		return web.Unavailable(fmt.Errorf("hints of a tile: %w", err))
	}
	return nil
}
