package oidcop

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"ecluse/internal/attrs"
	"ecluse/internal/idp"
)

// Bounds of what a service may wish for at length.
const (
	maxHint   = 256
	maxAgeTop = 1 << 31 // seconds
)

// readWishes reads the parameters of OpenID Connect Core 3.1.2.1 that say how the person is to sign in, and the claims
// parameter (5.5).
func (e *endpoints) readWishes(c *client, form parameters, a *asked, request *idp.Request) error {
	if err := readPrompt(form.list("prompt"), request); err != nil {
		return err
	}
	if raw := form.get("max_age"); raw != "" {
		seconds, err := strconv.ParseInt(raw, 10, 64)
		if err != nil || seconds < 0 || seconds > maxAgeTop {
			return badRequest("max_age must be a number of seconds")
		}
		age := time.Duration(seconds) * time.Second
		request.MaxAge = &age
	}
	request.Assurance = form.list("acr_values")
	request.Hints.Language = language(form.list("ui_locales"))
	if login := form.get("login_hint"); len(login) <= maxHint {
		request.Hints.Login = login
	}
	if err := e.readHint(c, form.get("id_token_hint"), a); err != nil {
		return err
	}
	return e.readClaims(c, form.get("claims"), a, request)
}

// readPrompt: whoever wants an account chosen gets a new sign-in, where one is chosen. Whoever wants consent has the person
// told or asked again, by the page that the declaration wants.
func readPrompt(prompts []string, request *idp.Request) error {
	for _, prompt := range prompts {
		switch prompt {
		case "none":
			if len(prompts) > 1 {
				return badRequest("prompt none stands with others")
			}
			request.Passive = true
		case "login", "select_account":
			request.Fresh = true
		case "consent":
			request.Ask = true
		default:
			return badRequest("prompt has a value that is not known")
		}
	}
	return nil
}

// language gives the first of the wished languages that we speak.
func language(tags []string) string {
	for _, tag := range tags {
		primary, _, _ := strings.Cut(strings.ToLower(tag), "-")
		if primary == "fr" || primary == "en" {
			return primary
		}
	}
	return ""
}

// readHint accepts an id token that we issued to this client.
func (e *endpoints) readHint(c *client, token string, a *asked) error {
	if token == "" {
		return nil
	}
	h, err := e.signer.verify(token)
	if err != nil || h.Issuer != e.cfg.Issuer || h.Audience != c.GetID() {
		return badRequest("the id_token_hint is no id token of this client")
	}
	a.Subject = h.Subject
	return nil
}

// wish is how the claims parameter asks for one claim.
type wish struct {
	Essential bool     `json:"essential"`
	Value     string   `json:"value"`
	Values    []string `json:"values"`
}

// readClaims adds the named claims to what is asked for. It can name what is declared and nothing else leaves, so that
// it only ever narrows; claims that nobody knows are left out (OpenID Connect Core 5.5).
func (e *endpoints) readClaims(c *client, raw string, a *asked, request *idp.Request) error {
	if raw == "" {
		return nil
	}
	var places struct {
		IDToken  map[string]json.RawMessage `json:"id_token"`
		Userinfo map[string]json.RawMessage `json:"userinfo"`
	}
	if json.Unmarshal([]byte(raw), &places) != nil {
		return badRequest("the claims parameter cannot be read")
	}
	w := e.wording(c.binding)
	a.InIDToken = named(w, places.IDToken)
	a.InUserinfo = union(a.InUserinfo, named(w, places.Userinfo))
	return readConditions(places.IDToken, a, request)
}

// named lists the words of claims, in the order of the claims' names so that equal requests give equal results.
func named(w wording, claims map[string]json.RawMessage) []attrs.Name {
	var words []attrs.Name
	for name := range claims {
		words = union(words, w.words(name))
	}
	slices.Sort(words)
	return words
}

// readConditions reads the two claims whose values are conditions: a subject (5.5.1) and an assurance level (5.5.1.1).
func readConditions(claims map[string]json.RawMessage, a *asked, request *idp.Request) error {
	var sub, acr wish
	for name, into := range map[string]*wish{"sub": &sub, "acr": &acr} {
		if raw, ok := claims[name]; ok && json.Unmarshal(raw, into) != nil {
			return badRequest("the claims parameter asks for " + name + " in an unknown way")
		}
	}
	if sub.Value != "" {
		if a.Subject != "" && a.Subject != sub.Value {
			return badRequest("id_token_hint and claims name two subjects")
		}
		a.Subject = sub.Value
	}
	if acr.Value != "" {
		acr.Values = append(acr.Values, acr.Value)
	}
	if len(acr.Values) > 0 {
		request.Assurance = acr.Values // more precise than acr_values, which is only a preference
		if acr.Essential {             // OpenID Connect Core 5.5.1.1: another level is a failed sign-in
			a.Assurance = acr.Values
		}
	}
	return nil
}
