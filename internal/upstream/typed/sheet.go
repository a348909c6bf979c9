package typed

import (
	"errors"
	"math"
	"net/http"
	"slices"
	"strconv"
	"time"

	"ecluse/internal/upstream"
	"ecluse/internal/web"
)

// Sheet is the dot of a page.
type Sheet struct {
	web.Frame
	Action    string
	Challenge string
	Service   string // what it is called in the page's language; may be empty
	Other     string // the address of the other page; may be empty
	Inputs    []web.Input
	Errors    []web.InputError
	Away      bool // nobody can be signed in now
	Minutes   int  // no more guesses for so long

	name string // of the page and of its texts
}

// sheet makes a page with nothing wrong on it.
func (p *Pages) sheet(r *http.Request, challenge upstream.Challenge, q Question, login string) (Sheet, error) {
	around := challenge.Frame
	around.Here = p.address(q.Name, challenge.ID)
	s := Sheet{
		Frame: around, Action: p.prefix + "/" + q.Name, Challenge: challenge.ID, Service: challenge.Service, name: q.Name,
	}
	if q.Other != "" {
		s.Other = p.address(q.Other, challenge.ID)
	}
	for _, f := range q.Fields {
		input := web.Input{Name: f.Name, Type: f.Type, Autocomplete: f.Complete, Required: true}
		if f.Name == "login" {
			input.Value = login
		}
		var err1, err2 error
		input.Label, err1 = p.say(r, s, f.Name)
		if f.Hint {
			input.Hint, err2 = p.say(r, s, f.Name+"_hint")
		}
		if err := errors.Join(err1, err2); err != nil {
			return Sheet{}, err
		}
		s.Inputs = append(s.Inputs, input)
	}
	return s, nil
}

func (p *Pages) say(r *http.Request, s Sheet, key string) (string, error) {
	return p.Kit.Say(r, s.Frame, p.Texts+"/"+s.name+"."+key)
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request, status int, s Sheet) error {
	return p.Kit.Render(w, r, status, p.Texts+"/"+s.name, s)
}

// mend asks for some inputs again: ending is that of the keys of what is wrong with them.
func (p *Pages) mend(w http.ResponseWriter, r *http.Request, s Sheet, ending string, names ...string) error {
	for i := range s.Inputs {
		input := &s.Inputs[i]
		if !slices.Contains(names, input.Name) {
			continue
		}
		text, err := p.say(r, s, input.Name+ending)
		if err != nil {
			return err
		}
		input.Error = text
		s.Errors = append(s.Errors, web.InputError{Name: input.Name, Text: text})
	}
	return p.show(w, r, http.StatusUnprocessableEntity, s)
}

// refuse says why nobody was signed in: too many guesses, something wrong without telling what, or that nobody can be
// now.
func (p *Pages) refuse(w http.ResponseWriter, r *http.Request, s Sheet, cause error) error {
	var tooMany upstream.TooManyError
	status := http.StatusServiceUnavailable
	switch {
	case errors.As(cause, &tooMany):
		status = http.StatusTooManyRequests
		s.Minutes = max(1, int(math.Ceil(tooMany.Wait.Minutes())))
		again(w, tooMany.Wait)
	case errors.Is(cause, ErrWrong):
		status = http.StatusUnprocessableEntity
		text, err := p.say(r, s, "wrong")
		if err != nil {
			return err
		}
		s.Errors = []web.InputError{{Name: "login", Text: text}}
	default:
		p.Log.WarnContext(r.Context(), "nobody can sign in", "error", cause)
		s.Away = true
		again(w, p.Pause)
	}
	return p.show(w, r, status, s)
}

// again tells programs in how many seconds to try again, one at least.
func again(w http.ResponseWriter, wait time.Duration) {
	w.Header().Set("Retry-After", strconv.Itoa(max(1, int(math.Ceil(wait.Seconds())))))
}
