package admin

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"ecluse/internal/attrs"
	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/audit"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/web"
)

// Past is what the journal knows of one reference number: the events that carry it, oldest first. It holds names of
// attributes and no value, and says nothing of who it was.
type Past struct {
	Ref    string  `json:"ref"`
	Events []Event `json:"events"`
}

// Event is one entry of the journal with what the register says of it today: the version is the one of then, whose text
// is never edited.
type Event struct {
	At          time.Time  `json:"at"`
	Action      string     `json:"action"`
	ActionSays  string     `json:"action_says"`
	Outcome     string     `json:"outcome"`
	Reason      string     `json:"reason,omitempty"`
	ReasonSays  string     `json:"reason_says,omitempty"`
	Service     string     `json:"service,omitempty"`
	ServiceName string     `json:"service_name,omitempty"`
	UAI         string     `json:"uai,omitempty"`
	School      string     `json:"school,omitempty"`
	Profile     string     `json:"profile,omitempty"`
	Source      string     `json:"source,omitempty"`
	Protocol    string     `json:"protocol,omitempty"`
	Declaration string     `json:"declaration,omitempty"`
	Version     int        `json:"version,omitempty"`
	State       string     `json:"state,omitempty"` // of that version today
	Basis       string     `json:"basis,omitempty"`
	Purposes    []string   `json:"purposes,omitempty"`
	Released    []PastItem `json:"released,omitempty"`
	Withheld    []PastItem `json:"withheld,omitempty"`
}

// PastItem is the name of an attribute that left or did not, and why.
type PastItem struct {
	Attribute     string `json:"attribute"`
	Label         string `json:"label"`
	Justification string `json:"justification,omitempty"`
	Declared      string `json:"declared,omitempty"`
	Why           string `json:"why,omitempty"`
	WhySays       string `json:"why_says,omitempty"`
	Corrects      string `json:"corrects,omitempty"`
}

// ErrNoRef says that no entry of the journal carries the reference.
var ErrNoRef = errors.New("no entry of the journal carries this reference number")

// Journal finds entries by their reference number. audit.Reader does.
type Journal interface {
	List(ctx context.Context, q audit.Query) (audit.Page, error)
}

// ExplainRef tells what happened under a reference number, as far as may be read: mayRead is asked of each entry's
// establishment. ErrNoRef when there is nothing, or nothing that may be read.
func ExplainRef(ctx context.Context, j Journal, view *registry.Snapshot, words *dictionary.Dictionary, ref, in string, mayRead func(person.UAI) bool) (Past, error) {
	known, err := web.ParseRef(ref)
	out := Past{Ref: string(known)}
	if err != nil {
		return out, fmt.Errorf("%w: %w", ErrNoRef, err)
	}
	page, err := j.List(ctx, audit.Query{Ref: out.Ref, Limit: audit.MaxLimit})
	if err != nil {
		return out, err
	}
	for i := len(page.Entries) - 1; i >= 0; i-- {
		e := page.Entries[i]
		if (e.Class == audit.ClassSignIn || e.Class == audit.ClassRelease) && mayRead(person.UAI(e.UAI)) {
			out.Events = append(out.Events, eventOf(e, view, words, in))
		}
	}
	if len(out.Events) == 0 {
		return out, ErrNoRef
	}
	return out, nil
}

// Basis is what a declaration rests on, in words.
func Basis(d registry.Declaration, in string) string {
	return strings.TrimSpace(basisWord(d.Basis.Kind, in) + " " + d.Basis.Text)
}

func eventOf(e audit.Entry, view *registry.Snapshot, words *dictionary.Dictionary, in string) Event {
	out := Event{
		At: e.At, Action: e.Action, ActionSays: actionWord(e.Action, in), Outcome: string(e.Outcome), Reason: e.Reason,
		Service: e.Service, UAI: e.UAI, Source: e.Source, Protocol: e.Protocol, Profile: e.Detail["profile"],
		Declaration: e.Declaration, Version: e.Version,
	}
	switch {
	case e.Outcome == audit.Released:
		out.ReasonSays = needWord(e.Reason, in)
	case e.Reason != "":
		out.ReasonSays = ReasonWord(e.Reason, in)
	}
	if service, ok := view.Service(e.Service); ok {
		out.ServiceName = service.Name.In(lang(in))
	}
	if school, ok := view.Establishment(person.UAI(e.UAI)); ok {
		out.School = school.Name
	}
	d, known := view.Declaration(e.Declaration, e.Version)
	if known {
		out.State, out.Basis = string(d.State), Basis(d, in)
		for _, p := range d.Purposes {
			out.Purposes = append(out.Purposes, p.In(lang(in)))
		}
	}
	for _, name := range e.Attributes {
		out.Released = append(out.Released, pastItem(d, words, attrs.Name(name), out.Profile, in))
	}
	for pair := range strings.FieldsSeq(e.Detail["withheld"]) {
		name, why, _ := strings.Cut(pair, "=")
		item := pastItem(registry.Declaration{}, words, attrs.Name(name), "", in)
		item.Why, item.WhySays = why, whyWord(attrs.WhyNot(why), in)
		out.Withheld = append(out.Withheld, item)
	}
	return out
}

// pastItem is a word with what the version of then says of it.
func pastItem(d registry.Declaration, words *dictionary.Dictionary, name attrs.Name, profile, in string) PastItem {
	out := PastItem{Attribute: string(name), Label: string(name)}
	if entry, ok := words.Entry(name); ok {
		out.Label, out.Corrects = entry.Label.In(lang(in)), correctsWord(entry.Corrects, in)
	}
	for i, item := range d.Items {
		if item.Attr == name && item.For(person.Profile(profile)) {
			out.Justification, out.Declared = item.Justification.In(lang(in)), declaredAt(d, i)
			break
		}
	}
	return out
}

func actionWord(word, in string) string {
	return say(map[string]registry.Text{
		"sign_in":       {FR: "connexion à la source d’identité", EN: "sign-in at the identity source"},
		"release":       {FR: "données envoyées au service", EN: "data sent to the service"},
		"release.later": {FR: "données envoyées plus tard, sur la même connexion", EN: "data sent later, on the same sign-in"},
		"refusal":       {FR: "refus", EN: "refusal"},
		"refusal.later": {FR: "refus, plus tard sur la même connexion", EN: "refusal, later on the same sign-in"},
		"sign_out":      {FR: "déconnexion", EN: "sign-out"},
	}, word, in)
}
