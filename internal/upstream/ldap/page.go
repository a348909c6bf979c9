package ldap

import (
	"errors"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"ecluse/internal/upstream"
	"ecluse/internal/web"
)

// form is the password page.
type form struct {
	web.Frame
	Action    string
	Challenge string
	Service   string
	Login     web.Input
	Password  web.Input
	Errors    []web.InputError
	Away      bool // the directory does not answer
	Minutes   int  // no more guesses for so long
}

// ask shows the page.
func (c *Connector) ask(w http.ResponseWriter, r *http.Request) error {
	id := r.URL.Query().Get("challenge")
	challenge, err := c.host.Asked(r, id)
	if err != nil {
		return err
	}
	page, err := c.form(r, challenge, challenge.Login)
	if err != nil {
		return err
	}
	return c.kit.Render(w, r, http.StatusOK, "ldap/password", page)
}

// answer takes login and password.
func (c *Connector) answer(w http.ResponseWriter, r *http.Request) error {
	posted, err := web.Form(r)
	if err != nil {
		return err
	}
	id := posted.Get("challenge")
	challenge, err := c.host.Asked(r, id)
	if err != nil {
		return err
	}
	if posted.Get("cancel") != "" {
		return c.host.Failed(w, r, id, upstream.ErrCancelled)
	}
	login, password := strings.TrimSpace(posted.Get("login")), posted.Get("password")
	if login == "" || password == "" {
		return c.refuseEmpty(w, r, challenge, login, password)
	}
	raw, err := c.signIn(r.Context(), web.ClientAddr(r), login, password)
	if err != nil {
		return c.refuse(w, r, challenge, login, err)
	}
	return c.host.Finished(w, r, id, upstream.Assertion{Raw: raw})
}

// form makes the page with nothing wrong on it.
func (c *Connector) form(r *http.Request, challenge upstream.Challenge, login string) (form, error) {
	around := challenge.Frame
	around.Here = c.page(challenge.ID)
	f := form{
		Frame: around, Action: c.prefix + "/password",
		Challenge: challenge.ID, Service: challenge.Service,
	}
	loginLabel, err1 := c.kit.Say(r, f.Frame, "ldap/password.login")
	passwordLabel, err2 := c.kit.Say(r, f.Frame, "ldap/password.password")
	f.Login = web.Input{Name: "login", Label: loginLabel, Value: login, Autocomplete: "username", Required: true}
	f.Password = web.Input{Name: "password", Label: passwordLabel, Type: "password", Autocomplete: "current-password", Required: true}
	return f, errors.Join(err1, err2)
}

// refuseEmpty asks for what was left out. An empty password never reaches the directory, which would take it for an
// anonymous bind and call it a success (RFC 4513 section 5.1.2).
func (c *Connector) refuseEmpty(w http.ResponseWriter, r *http.Request, challenge upstream.Challenge, login, password string) error {
	page, err := c.form(r, challenge, login)
	if err != nil {
		return err
	}
	for _, field := range []struct {
		value, key string
		input      *web.Input
	}{{login, "ldap/password.login_empty", &page.Login}, {password, "ldap/password.password_empty", &page.Password}} {
		if field.value != "" {
			continue
		}
		if field.input.Error, err = c.kit.Say(r, page.Frame, field.key); err != nil {
			return err
		}
		page.Errors = append(page.Errors, web.InputError{Name: field.input.Name, Text: field.input.Error})
	}
	return c.kit.Render(w, r, http.StatusUnprocessableEntity, "ldap/password", page)
}

// refuse says why nobody was signed in: too many guesses, a wrong login or password without telling which, or that the
// directory or the store is away.
func (c *Connector) refuse(w http.ResponseWriter, r *http.Request, challenge upstream.Challenge, login string, cause error) error {
	page, err := c.form(r, challenge, login)
	if err != nil {
		return err
	}
	var tooMany upstream.TooManyError
	status := http.StatusServiceUnavailable
	switch {
	case errors.As(cause, &tooMany):
		status = http.StatusTooManyRequests
		page.Minutes = max(1, int(math.Ceil(tooMany.Wait.Minutes())))
		w.Header().Set("Retry-After", strconv.Itoa(max(1, int(math.Ceil(tooMany.Wait.Seconds())))))
	case errors.Is(cause, errWrong):
		status = http.StatusUnprocessableEntity
		text, err := c.kit.Say(r, page.Frame, "ldap/password.wrong")
		if err != nil {
			return err
		}
		page.Errors = []web.InputError{{Name: "login", Text: text}}
	default:
		c.log.WarnContext(r.Context(), "nobody can sign in at the directory", "error", cause)
		page.Away = true
		w.Header().Set("Retry-After", strconv.Itoa(int(breakerPause/time.Second)))
	}
	return c.kit.Render(w, r, status, "ldap/password", page)
}
