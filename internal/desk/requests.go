package desk

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// requests gathers the open wishes in the caller's sight: those that name one service in one establishment, by whichever of
// its names, are one case.
func (t *turn) requests() []Case {
	known, places := t.serviceNames(), map[person.UAI]place{}
	found := map[[2]string]*Case{}
	people := map[[2]string]map[string]bool{}
	var order [][2]string
	for _, w := range t.Wishes() {
		at, asked := places[w.UAI]
		if !asked {
			at = t.placeOf(w.UAI)
			places[w.UAI] = at
		}
		mine := slices.Contains(w.By, t.by.Handle)
		if w.State != registry.Wished || !at.reads && !mine {
			continue
		}
		service := known.of(w.About)
		key := [2]string{string(w.UAI), service}
		if service == "" {
			key[1] = "? " + strings.ToLower(plain(w.About))
		}
		o := found[key]
		if o == nil {
			o = &Case{Service: service, UAI: w.UAI, About: w.About, Stakes: StakesUnknown, Since: w.At}
			found[key], people[key] = o, map[string]bool{}
			order = append(order, key)
		}
		o.take(w, mine, at.answers)
		for _, by := range w.By {
			people[key][by] = true
		}
	}
	out := make([]Case, 0, len(order))
	for _, key := range order {
		o := found[key]
		o.People = len(people[key])
		t.dated(o)
		out = append(out, *o)
	}
	return out
}

// take adds one wish to a case.
func (o *Case) take(w registry.Wish, mine, answers bool) {
	o.Wishes = append(o.Wishes, w.ID)
	o.Mine = o.Mine || mine
	if w.At.Before(o.Since) {
		o.Since, o.About = w.At, w.About
	}
	if !slices.Contains(o.Reasons, w.Reason) {
		o.Reasons = append(o.Reasons, w.Reason)
	}
	if answers {
		o.Acts = []roles.Act{roles.AnswerWish}
	}
}

// dated fills by when a request is to be answered, and what is at stake where the service was ever declared.
func (t *turn) dated(o *Case) {
	o.Due = registry.DateOf(o.Since.In(t.Zone())).Add(answerWithin)
	o.Late = before(o.Due, t.today())
	service, _ := t.Service(o.Service)
	o.Text = service.Name
	for _, v := range t.Declarations(o.Service) { // newest first
		if v.WasApproved() {
			o.Stakes = stakes(v)
			return
		}
	}
}

// place is what the caller may do with the wishes of an establishment.
type place struct{ reads, answers bool }

func (t *turn) placeOf(uai person.UAI) place {
	there := roles.Target{UAIs: []person.UAI{uai}}
	_, answers := t.asks().May(roles.AnswerWish, there)
	_, advises := t.asks().May(roles.Opine, there)
	return place{reads: answers == nil || advises == nil, answers: answers == nil}
}

// serviceNames finds services by what people call them.
type serviceNames map[string]string

// serviceNames files the ids, the names and the hosts of the services, whatever the case. A name of two services is nobody's.
func (t *turn) serviceNames() serviceNames {
	out := serviceNames{}
	for _, s := range t.Services() {
		for _, name := range []string{s.ID, s.Name.FR, s.Name.EN, host(s.Start)} {
			name = strings.ToLower(plain(name))
			if other, taken := out[name]; taken && other != s.ID {
				out[name] = ""
				continue
			}
			out[name] = s.ID
		}
	}
	delete(out, "")
	return out
}

// of is the service that a wish is about; empty for something that is none here.
func (n serviceNames) of(about string) string {
	for _, name := range names(about) {
		if id := n[strings.TrimPrefix(strings.ToLower(name), "www.")]; id != "" {
			return id
		}
	}
	return ""
}

// AnswerRequest takes up or declines the wishes that are one case of the queue, all or none, in one act. Taking them up
// opens nothing.
func (d *Desk) AnswerRequest(ctx context.Context, c roles.Caller, ids []string, state registry.WishState, answer string) error {
	return d.act(ctx, c, "wish_answer", func(t *turn) error {
		if len(ids) == 0 {
			return &NotFound{"wish", ""}
		}
		var uais []person.UAI
		for i, id := range ids {
			if slices.Contains(ids[:i], id) {
				continue
			}
			next, err := t.answered(id, state, answer)
			if err != nil {
				return err
			}
			t.change.Wishes = append(t.change.Wishes, next)
			if !slices.Contains(uais, next.UAI) {
				uais = append(uais, next.UAI)
			}
		}
		t.at(uais...)
		t.detail("wish", t.change.Wishes[0].ID)
		t.detail("wishes", fmt.Sprint(len(t.change.Wishes)))
		t.detail("state", string(state))
		return nil
	})
}

// answered is an open wish as the caller answers it. One that is not theirs to see is not told from one that is none.
func (t *turn) answered(id string, state registry.WishState, answer string) (registry.Wish, error) {
	all := t.Wishes()
	i := slices.IndexFunc(all, func(w registry.Wish) bool { return w.ID == id })
	if i < 0 {
		return registry.Wish{}, &NotFound{"wish", id}
	}
	next := all[i]
	in, err := t.may(roles.AnswerWish, roles.Target{UAIs: []person.UAI{next.UAI}})
	if err != nil {
		t.at(next.UAI)
		return next, err
	}
	if err := answerable(state, answer); err != nil {
		return next, err
	}
	if next.State != registry.Wished {
		return next, &Conflict{Code: "state", What: fmt.Sprintf("wish %s was answered already", id)}
	}
	next.State, next.Answer, next.Office = state, strings.TrimSpace(answer), in.Office
	return next, nil
}

// answerable wants one of the two answers, and a sentence with a no.
func answerable(state registry.WishState, answer string) error {
	var m mistakes
	m.say(state != registry.Granted && state != registry.Declined, "state", fmt.Sprintf("%q is not known", state), "taken_up or declined")
	m.say(state == registry.Declined && strings.TrimSpace(answer) == "", "answer", "why is missing", "a sentence")
	m.say(len([]rune(answer)) > mostReason, "answer", fmt.Sprintf("it is longer than %d characters", mostReason), "say it shorter")
	return m.err()
}
