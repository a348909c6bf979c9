package api_test

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/rights"
)

// pile is a rights.Store that holds one request of somebody in the collège and one in the école. What storage owes the
// requests is tried where storage is.
type pile struct {
	mu  sync.Mutex
	all map[string]rights.Request
}

// rightsRef is the collège's.
const rightsRef, rightsOther = "R1GH-TS00", "R1GH-TS0E"

// theirWords stands in what the person wrote.
const theirWords = "mots-de-la-personne"

// aPile is a book with the two requests.
func aPile(t testing.TB, keys rights.Vault, now func() time.Time, zone *time.Location) *rights.Book {
	t.Helper()
	b := &rights.Book{Store: &pile{all: map[string]rights.Request{}}, Keys: keys, Now: now, Zone: zone}
	who := rights.Party{Own: []string{person.Key{Authority: "ac", ID: "eleve-4711"}.Handle(keys)}}
	for ref, uai := range map[string]person.UAI{rightsRef: desktest.College, rightsOther: desktest.Ecole} {
		_, _, err := b.File(t.Context(), who, rights.Form{
			Ref: ref, Kind: rights.Access, UAI: string(uai), Words: theirWords, Contact: theirWords,
			Entry: registry.Declaration{ID: "a-approved", ServiceID: "lire", Version: 1},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return b
}

func (p *pile) Request(_ context.Context, ref string) (rights.Request, bool, error) {
	r, ok := p.all[ref]
	return r, ok, nil
}

func (p *pile) Of(context.Context, []string) ([]rights.Request, error) {
	var out []rights.Request
	for _, r := range p.all {
		out = append(out, r)
	}
	return out, nil
}

func (p *pile) Current(ctx context.Context, _ time.Time) ([]rights.Request, error) {
	return p.Of(ctx, nil)
}

func (p *pile) Behind(context.Context, []string, string) ([]rights.Request, error) { return nil, nil }

func (p *pile) Count(context.Context, registry.Date, time.Time) (rights.Counts, error) {
	return rights.Counts{}, nil
}

func (p *pile) Unsettled(context.Context, time.Time) ([]rights.Request, error) { return nil, nil }

func (p *pile) Purge(context.Context, time.Time, time.Time, audit.Entry) (int, error) { return 0, nil }

func (p *pile) Put(_ context.Context, r rights.Request, _ *audit.Entry) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	r.Revision++
	p.all[r.Ref] = r
	return nil
}

func ofRights() []trial {
	at := func(ref, more string) string { return "/rights/" + ref + more }
	return []trial{
		get("/rights", "", ""),
		journaled(get("/rights/{ref}", at(rightsRef, ""), "of the collège")),
		journaled(get("/rights/{ref}", at(rightsOther, ""), "of the école")),
		journaled(get("/rights/{ref}", at("XXXX-XXXX", ""), "that is not there")),
		journaled(get("/rights/{ref}/fiche", at(rightsRef, "/fiche"), "of the collège")),
		send("POST", "/rights/{ref}/answer", at(rightsRef, "/answer"), "of the collège", object{"outcome": "accepted", "fiche": true}),
		send("POST", "/rights/{ref}/answer", at(rightsOther, "/answer"), "of the école", object{"outcome": "refused", "text": "non"}),
		send("POST", "/rights/{ref}/extend", at(rightsRef, "/extend"), "of the collège", object{"reason": "il faut chercher"}),
		send("POST", "/rights/{ref}/comment", at(rightsRef, "/comment"), "of the collège", object{"text": "vu"}),
	}
}

func TestWhatPeopleAskIsAnsweredByTheInterface(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	f.TakeRights(t)
	f.Rights = aPile(t, f.Ring, f.Now, f.Live.Zone)
	head, dpo := f.as("head", f.Head(desktest.College)), f.as("dpo", f.DPO())
	if w := f.get(t, dpo, "/rights"); w.Code != 200 || strings.Count(w.Body.String(), `"due":"2026-12-22"`) != 2 || strings.Contains(w.Body.String(), theirWords) {
		t.Errorf("the list: %d %s", w.Code, w.Body)
	}
	if w := f.get(t, dpo, "/rights?uai="+string(desktest.Ecole)); strings.Count(w.Body.String(), `"ref"`) != 1 {
		t.Errorf("of the école: %s", w.Body)
	}
	if w := f.get(t, head, "/rights/"+rightsRef); w.Code != 200 || strings.Count(w.Body.String(), theirWords) != 2 || strings.Contains(w.Body.String(), "who") {
		t.Errorf("read: %d %s", w.Code, w.Body)
	}
	post := func(who, more string, body object) *response {
		text, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		return f.ask(t, who, "POST", "/api/v1/rights/"+rightsRef+more, string(text))
	}
	if w := post(dpo, "/extend", object{"reason": "il faut chercher"}); w.Code != 200 || !strings.Contains(w.Body.String(), `"due":"2027-02-22"`) {
		t.Errorf("more time: %d %s", w.Code, w.Body)
	}
	if w := post(head, "/extend", object{"reason": "encore"}); w.Code != 409 || code(t, w) != "state" {
		t.Errorf("more time again: %d %s", w.Code, w.Body)
	}
	if w := post(dpo, "/answer", object{"outcome": "accepted", "fiche": true}); w.Code != 404 && w.Code != 403 {
		t.Errorf("the officer answers: %d %s", w.Code, w.Body)
	}
	if w := post(head, "/answer", object{"outcome": "refused"}); w.Code != 422 || !strings.Contains(w.Body.String(), `"pointer":"/text"`) {
		t.Errorf("a refusal without a reason: %d %s", w.Code, w.Body)
	}
	if w := post(head, "/answer", object{"outcome": "accepted", "fiche": true}); w.Code != 200 || !strings.Contains(w.Body.String(), `"state":"answered"`) {
		t.Errorf("answered: %d %s", w.Code, w.Body)
	}
	_, secret := f.token(t, f.Head(desktest.College), "read", "decide")
	if w := f.get(t, "", "/rights", "Authorization", "Bearer "+secret); w.Code != 200 || !strings.Contains(w.Body.String(), rightsRef) {
		t.Errorf("the list by a token: %d %s", w.Code, w.Body)
	}
	if w := f.get(t, "", "/rights/"+rightsRef, "Authorization", "Bearer "+secret); w.Code != 403 || strings.Contains(w.Body.String(), theirWords) {
		t.Errorf("somebody's words by a token: %d %s", w.Code, w.Body)
	}
}
