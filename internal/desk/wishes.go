package desk

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// Wish records that staff would like a service; the same wish of several people is one. *NotOffered for a tool that was
// assessed and refused, before anything else is asked. It opens nothing. The wish that comes back names nobody but the
// caller.
func (d *Desk) Wish(ctx context.Context, c roles.Caller, uai person.UAI, about, reason string) (registry.Wish, error) {
	var made registry.Wish
	err := d.settle(ctx, c, "wish_add", func(t *turn) error {
		if err := notOffered(t.Snapshot, about); err != nil {
			return err
		}
		t.at(uai)
		if _, err := t.may(roles.Propose, roles.Target{UAIs: []person.UAI{uai}}); err != nil {
			return err
		}
		if err := t.wishable(uai, about, reason); err != nil {
			return err
		}
		next := t.sameWish(uai, about)
		if slices.Contains(next.By, c.Handle) {
			made = seenBy(next, c.Handle)
			return errIdle
		}
		if next.ID == "" {
			next = registry.Wish{ID: newID(), UAI: uai, About: plain(about), Reason: strings.TrimSpace(reason), At: t.now, State: registry.Wished}
		}
		next.By = append(slices.Clone(next.By), c.Handle)
		t.detail("wish", next.ID)
		t.change.Wishes = []registry.Wish{next}
		made = seenBy(next, c.Handle)
		return nil
	})
	return made, err
}

func (t *turn) wishable(uai person.UAI, about, reason string) error {
	var m mistakes
	e, known := t.Establishment(uai)
	m.say(!known, "uai", fmt.Sprintf("%s is not registered", uai), "")
	m.say(known && e.ClosedAt(t.now, t.Zone()), "uai", fmt.Sprintf("%s is closed", uai), "")
	m.text("about", about, mostName)
	m.text("reason", reason, mostReason)
	return m.err()
}

// sameWish finds the open wish that says the same, whatever case and spaces.
func (t *turn) sameWish(uai person.UAI, about string) registry.Wish {
	for _, w := range t.Wishes() {
		if w.UAI == uai && w.State == registry.Wished && strings.EqualFold(plain(w.About), plain(about)) {
			return w
		}
	}
	return registry.Wish{}
}

// seenBy is a wish as one person sees it: how many wish the same, and nobody's handle but their own.
func seenBy(w registry.Wish, handle string) registry.Wish {
	w.By = slices.Clone(w.By)
	for i, by := range w.By {
		if by != handle {
			w.By[i] = ""
		}
	}
	return w
}

func plain(text string) string { return strings.Join(strings.Fields(text), " ") }

// Wishes lists the wishes in the caller's sight: those that they may answer, and their own. It names nobody but the caller.
func (d *Desk) Wishes(ctx context.Context, c roles.Caller) ([]registry.Wish, error) {
	s, err := d.view(ctx)
	if err != nil {
		return nil, err
	}
	var out []registry.Wish
	for _, w := range s.Wishes() {
		_, denied := roles.May(s, d.Now().UTC(), c, roles.AnswerWish, roles.Target{UAIs: []person.UAI{w.UAI}})
		if denied == nil || slices.Contains(w.By, c.Handle) {
			out = append(out, seenBy(w, c.Handle))
		}
	}
	return out, nil
}

// AnswerWish takes a wish up or declines it, which wants a sentence. Taking it up opens nothing either.
func (d *Desk) AnswerWish(ctx context.Context, c roles.Caller, id string, state registry.WishState, answer string) (registry.Wish, error) {
	var made registry.Wish
	err := d.act(ctx, c, "wish_answer", func(t *turn) error {
		next, err := t.answered(id, state, answer)
		if err != nil {
			return err
		}
		t.at(next.UAI)
		t.detail("wish", id)
		t.detail("state", string(state))
		t.change.Wishes = []registry.Wish{next}
		made = seenBy(next, c.Handle)
		return nil
	})
	return made, err
}

// notOffered is *NotOffered when any of the words names a tool that was assessed and refused: by its id, its name, another
// name, or the host of an address.
func notOffered(s *registry.Snapshot, words ...string) error {
	for _, word := range words {
		for _, name := range names(word) {
			if tool, ok := s.Assessed(name); ok {
				return &NotOffered{tool}
			}
		}
	}
	return nil
}

// names is what a word may be known by: itself, and the host and parent domains when it is an address.
func names(word string) []string {
	out := []string{plain(word)}
	address := strings.ToLower(strings.TrimSpace(word))
	if !strings.Contains(address, "://") {
		address = "https://" + address
	}
	u, err := url.Parse(address)
	if err != nil {
		return out
	}
	host := strings.TrimSuffix(u.Hostname(), ".")
	for strings.Contains(host, ".") {
		out = append(out, host)
		_, host, _ = strings.Cut(host, ".")
	}
	return out
}
