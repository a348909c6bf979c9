package factors

import (
	"net/http"
	"slices"

	"ecluse/internal/admin/frame"
	"ecluse/internal/registry"
	"ecluse/internal/stepup"
)

// Source is the identity source of a session, as far as it can be asked for a strong factor of its own.
type Source struct {
	ID       string
	Name     registry.Text
	Contexts []string // its words for a strong factor
}

// back is the word in the address of whoever comes back from their source without a proof.
const back = "retour"

// BackFrom is the local path to which whoever comes back from their source goes: the page of the act that waits, which says
// why nothing was confirmed.
func BackFrom(id string, why stepup.Why) string {
	if why == "" {
		return at(confirm, id)
	}
	return at(confirm, id) + "&" + back + "=" + string(why)
}

// troubled is what the page says to whoever came back without a proof; empty for a word that is not one.
func troubled(v *frame.Visit, source string) string {
	why := stepup.Why(v.Query(back))
	if !slices.Contains(stepup.Whys(), why) {
		return ""
	}
	if source == "" { // it was stopped meanwhile
		why = stepup.Unavailable
	}
	return v.Say("source."+string(why), "source", source)
}

// askSource sends the visitor to their source, for one act that waits.
func (p *page) askSource(w http.ResponseWriter, v *frame.Visit) error {
	f, err := v.Form()
	if err != nil {
		return err
	}
	id := f.Get(waiting)
	if _, err := p.Book.Waiting(v.Context(), who(v), id); err != nil {
		return Over(err)
	}
	source, can := p.Source(v.R)
	if !can {
		return v.Redirect(w, BackFrom(id, stepup.Unavailable))
	}
	word, err := p.Book.SendAway(v.Context(), who(v), id, source.ID, source.Contexts)
	if err != nil {
		return Over(err)
	}
	return p.Ask(w, v.R, source, word)
}
