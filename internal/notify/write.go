package notify

import (
	"crypto/rand"
	"embed"
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/template"
	"time"

	"ecluse/internal/registry"
)

//go:embed texts/*.txt
var texts embed.FS

// Writer writes mails: French first, then English.
type Writer struct {
	home   string
	zone   *time.Location
	fr, en *template.Template
}

// NewWriter makes a writer. home is the address of the desk, where one signs in: the only link of any mail.
func NewWriter(home string, zone *time.Location) (*Writer, error) {
	w := &Writer{home: home, zone: zone}
	for lang, t := range map[string]**template.Template{"fr": &w.fr, "en": &w.en} {
		made, err := template.New(lang).Funcs(w.words(lang)).ParseFS(texts, "texts/"+lang+".txt")
		if err != nil {
			return nil, fmt.Errorf("texts of mails: %w", err)
		}
		*t = made
	}
	return w, nil
}

// words are what the texts may use.
func (w *Writer) words(lang string) template.FuncMap {
	return template.FuncMap{
		"name": func(of any) string {
			switch of := of.(type) {
			case Occasion:
				return plain(of.Name.In(lang))
			case Line:
				return plain(of.Name.In(lang))
			}
			return ""
		},
		"day":    func(d registry.Date) string { return dayIn(lang, d) },
		"moment": func(at time.Time) string { return momentIn(lang, at.In(w.zone)) },
		"office": func(r registry.Role) string { return officeIn(lang, r) },
		"part":   func(word Waits, n int) string { return partIn(lang, word, n) },
	}
}

// plain keeps a registered name on one line.
func plain(s string) string { return strings.Join(strings.Fields(s), " ") }

// Tell writes the mails about one occasion that cannot wait, one to each box.
func (w *Writer) Tell(o Occasion, at time.Time) ([]Mail, error) {
	subject, text, err := w.both(o.Kind, o)
	if err != nil {
		return nil, err
	}
	out := make([]Mail, len(o.To))
	for i, box := range o.To {
		out[i] = Mail{ID: newID(), To: box, Kind: o.Kind, About: o.About, Subject: subject, Text: text, Made: at, State: Queued}
	}
	return out, nil
}

// Remind writes one mail to each box about everything that ends for it, the first to end on top.
func (w *Writer) Remind(list []Occasion, at time.Time) ([]Mail, error) {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b Occasion) int { return a.Days - b.Days })
	theirs := map[Box][]Occasion{}
	for _, o := range list {
		for _, box := range o.To {
			theirs[box] = append(theirs[box], o)
		}
	}
	var out []Mail
	for _, box := range once(slices.Collect(maps.Keys(theirs))) {
		subject, text, err := w.both(Ending, theirs[box])
		if err != nil {
			return nil, err
		}
		m := Mail{ID: newID(), To: box, Kind: Ending, Subject: subject, Text: text, Made: at, State: Queued}
		if len(theirs[box]) == 1 {
			m.About = theirs[box][0].About
		}
		out = append(out, m)
	}
	return out, nil
}

// Digest writes one mail to each box for which something waits.
func (w *Writer) Digest(waiting map[Box][]Part, at time.Time) ([]Mail, error) {
	var out []Mail
	for _, box := range once(slices.Collect(maps.Keys(waiting))) {
		if len(waiting[box]) == 0 {
			continue
		}
		subject, text, err := w.both(Digest, waiting[box])
		if err != nil {
			return nil, err
		}
		out = append(out, Mail{ID: newID(), To: box, Kind: Digest, Subject: subject, Text: text, Made: at, State: Queued})
	}
	return out, nil
}

// both writes a mail in the two languages.
func (w *Writer) both(kind Kind, about any) (subject, text string, err error) {
	say := func(t *template.Template, name string, about any) string {
		var b strings.Builder
		if failed := t.ExecuteTemplate(&b, name, about); failed != nil && err == nil {
			err = fmt.Errorf("text of a mail: %w", failed)
		}
		return strings.TrimSpace(b.String())
	}
	fr, en := say(w.fr, string(kind)+".subject", about), say(w.en, string(kind)+".subject", about)
	text = strings.Join([]string{
		"(English below.)", say(w.fr, string(kind), about), say(w.fr, "foot", w.home),
		strings.Repeat("-", 60), say(w.en, string(kind), about), say(w.en, "foot", w.home),
	}, "\n\n") + "\n"
	return "[Écluse] " + fr + " / " + en, text, err
}

// newID is not to be guessed, so that nobody reports a bounce of a mail they never saw.
func newID() string { return strings.ToLower(rand.Text()) }
