package local

import (
	"errors"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"ecluse/internal/accounts"
	"ecluse/internal/upstream"
	"ecluse/internal/web"
)

// sheet is one of the two pages.
type sheet struct {
	web.Frame
	name      string // of the page and of its texts
	Action    string
	Challenge string
	Service   string
	Other     string // the address of the other page
	Inputs    []web.Input
	Errors    []web.InputError
	Away      bool // the accounts cannot be read
	Minutes   int  // no more guesses for so long
}

// field is one input of a page: its name is also the key of its label.
type field struct{ name, kind, complete string }

func passwordFields() []field {
	return []field{{"login", "", "username"}, {"password", "password", "current-password"}}
}

func firstFields() []field {
	return []field{
		{"login", "", "username"},
		{"word", "", "one-time-code"},
		{"new", "password", "new-password"},
		{"again", "password", "new-password"},
	}
}

func (c *Connector) askPassword(w http.ResponseWriter, r *http.Request) error {
	return c.ask(w, r, "password", passwordFields())
}

func (c *Connector) askFirst(w http.ResponseWriter, r *http.Request) error {
	return c.ask(w, r, "first", firstFields())
}

// ask shows a page with nothing wrong on it.
func (c *Connector) ask(w http.ResponseWriter, r *http.Request, name string, fields []field) error {
	challenge, err := c.host.Asked(r, r.URL.Query().Get("challenge"))
	if err != nil {
		return err
	}
	page, err := c.sheet(r, challenge, name, fields, challenge.Login)
	if err != nil {
		return err
	}
	return c.kit.Render(w, r, http.StatusOK, "local/"+name, page)
}

func (c *Connector) takePassword(w http.ResponseWriter, r *http.Request) error {
	return c.take(w, r, "password", passwordFields(), func(said map[string]string) (accounts.Account, string, error) {
		a, err := c.signIn(r.Context(), web.ClientAddr(r), said["login"], said["password"])
		return a, "", err
	})
}

func (c *Connector) takeFirst(w http.ResponseWriter, r *http.Request) error {
	return c.take(w, r, "first", firstFields(), func(said map[string]string) (accounts.Account, string, error) {
		switch {
		case !fits(said["new"]):
			return accounts.Account{}, "new", errChoose
		case said["new"] != said["again"]:
			return accounts.Account{}, "again", errChoose
		}
		a, err := c.firstUse(r.Context(), web.ClientAddr(r), said["login"], said["word"], said["new"])
		return a, "", err
	})
}

// errChoose says that another password must be chosen. Nothing was evaluated.
var errChoose = errors.New("the password cannot be chosen")

// take reads a page's form, does what it asks for, and hands the holder over or says what is wrong. Of an error about one
// input, do names it.
func (c *Connector) take(w http.ResponseWriter, r *http.Request, name string, fields []field, do func(map[string]string) (a accounts.Account, input string, err error)) error {
	posted, err := web.Form(r)
	if err != nil {
		return err
	}
	challenge, err := c.host.Asked(r, posted.Get("challenge"))
	if err != nil {
		return err
	}
	if posted.Get("cancel") != "" {
		return c.host.Failed(w, r, challenge.ID, upstream.ErrCancelled)
	}
	said, missing := map[string]string{}, []string(nil)
	for _, f := range fields {
		value := posted.Get(f.name)
		if f.kind != "password" {
			value = strings.TrimSpace(value)
		}
		if said[f.name] = value; value == "" {
			missing = append(missing, f.name)
		}
	}
	page, err := c.sheet(r, challenge, name, fields, said["login"])
	if err != nil {
		return err
	}
	if len(missing) > 0 {
		return c.mend(w, r, page, "_empty", missing...)
	}
	a, input, err := do(said)
	switch {
	case errors.Is(err, errChoose):
		return c.mend(w, r, page, "_wrong", input)
	case err != nil:
		return c.refuse(w, r, page, err)
	}
	if err := c.host.SignedOut(r.Context(), c.source, a.ID); err != nil { // an account is used in one place at a time
		return c.refuse(w, r, page, err)
	}
	return c.host.Finished(w, r, challenge.ID, upstream.Assertion{Raw: c.vouch(a), Session: a.ID})
}

// sheet makes a page with nothing wrong on it.
func (c *Connector) sheet(r *http.Request, challenge upstream.Challenge, name string, fields []field, login string) (sheet, error) {
	around := challenge.Frame
	around.Here = c.page("/"+name, challenge.ID)
	other := map[string]string{"password": "/first", "first": "/password"}[name]
	s := sheet{
		Frame: around, name: name, Action: c.prefix + "/" + name, Challenge: challenge.ID, Service: challenge.Service,
		Other: c.page(other, challenge.ID),
	}
	for _, f := range fields {
		label, err := c.kit.Say(r, s.Frame, "local/"+name+"."+f.name)
		if err != nil {
			return sheet{}, err
		}
		input := web.Input{Name: f.name, Label: label, Type: f.kind, Autocomplete: f.complete, Required: true}
		if f.name == "login" {
			input.Value = login
		}
		if f.name == "new" {
			if input.Hint, err = c.kit.Say(r, s.Frame, "local/first.new_hint"); err != nil {
				return sheet{}, err
			}
		}
		s.Inputs = append(s.Inputs, input)
	}
	return s, nil
}

// mend asks for some inputs again: ending is that of the keys of what is wrong with them.
func (c *Connector) mend(w http.ResponseWriter, r *http.Request, page sheet, ending string, names ...string) error {
	for i := range page.Inputs {
		input := &page.Inputs[i]
		for _, name := range names {
			if name != input.Name {
				continue
			}
			text, err := c.kit.Say(r, page.Frame, "local/"+page.name+"."+name+ending)
			if err != nil {
				return err
			}
			input.Error = text
			page.Errors = append(page.Errors, web.InputError{Name: name, Text: text})
		}
	}
	return c.kit.Render(w, r, http.StatusUnprocessableEntity, "local/"+page.name, page)
}

// refuse says why nobody was signed in: too many guesses, something wrong without telling what, or that the store is away.
func (c *Connector) refuse(w http.ResponseWriter, r *http.Request, page sheet, cause error) error {
	var tooMany upstream.TooManyError
	status := http.StatusServiceUnavailable
	switch {
	case errors.As(cause, &tooMany):
		status = http.StatusTooManyRequests
		page.Minutes = max(1, int(math.Ceil(tooMany.Wait.Minutes())))
		w.Header().Set("Retry-After", strconv.Itoa(max(1, int(math.Ceil(tooMany.Wait.Seconds())))))
	case errors.Is(cause, errWrong):
		status = http.StatusUnprocessableEntity
		text, err := c.kit.Say(r, page.Frame, "local/"+page.name+".wrong")
		if err != nil {
			return err
		}
		page.Errors = []web.InputError{{Name: "login", Text: text}}
	default:
		c.log.WarnContext(r.Context(), "nobody can sign in by a temporary account", "error", cause)
		page.Away = true
		w.Header().Set("Retry-After", strconv.Itoa(int(mostWait/time.Second)))
	}
	return c.kit.Render(w, r, status, "local/"+page.name, page)
}
