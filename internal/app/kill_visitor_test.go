package app_test

import (
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"ecluse/internal/saml"
)

// visitor is somebody with a browser who signs in by a SAML source at calcul, which redeems its code. What they were told
// stays in its fields.
type visitor struct {
	address, who string
	idp          *strongIDP
	transport    http.RoundTripper
	cookies      map[string]string
	authorize    string

	post *posted  // the source's answer, once it is about to be posted
	code *posted  // calcul's code, once it is about to be redeemed
	told []string // in order: "session", "code", "token"
}

// posted is a form as it was sent, or was about to be.
type posted struct {
	target string
	fields url.Values
}

const killVerifier = "a-verifier-of-the-test-that-is-long-enough-to-be-one"

func (v *visitor) site() string {
	_, port, _ := strings.Cut(v.address, ":")
	return "http://calcul.localhost:" + port + "/cb"
}

// ask sends one request; no redirect is followed.
func (v *visitor) ask(method, target string, fields url.Values) (status int, body, to string, err error) {
	r, err := http.NewRequest(method, "http://"+v.address+target, strings.NewReader(fields.Encode()))
	if err != nil {
		return 0, "", "", err
	}
	if fields != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	for name, value := range v.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	answer, err := v.transport.RoundTrip(r)
	if err != nil {
		return 0, "", "", err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return 0, "", "", err
	}
	for _, c := range answer.Cookies() {
		v.cookies[c.Name] = c.Value
	}
	return answer.StatusCode, string(text), strings.TrimPrefix(answer.Header.Get("Location"), "http://"+v.address), nil
}

var errLost = errors.New("the browser does not get on")

// fields are what a form of a page sends, with what its reader adds.
func fields(body, pattern string, add url.Values, names ...string) (target string, out url.Values) {
	if m := regexp.MustCompile(pattern).FindStringSubmatch(body); m != nil {
		target = html.UnescapeString(m[1])
	}
	for _, name := range names {
		if m := regexp.MustCompile(`name="` + name + `" value="([^"]+)"`).FindStringSubmatch(body); m != nil {
			add.Set(name, html.UnescapeString(m[1]))
		}
	}
	return target, add
}

// signsIn goes from calcul's request to its token.
func (v *visitor) signsIn(t *testing.T) error {
	_, body, to, err := v.ask(http.MethodGet, v.authorize, nil)
	return v.goesOn(t, body, to, err)
}

// goesOn follows what the gateway says.
func (v *visitor) goesOn(t *testing.T, body, to string, err error) error {
	for range 20 {
		if err != nil {
			return err
		}
		if m := regexp.MustCompile(`content="0;url=([^"]+)"`).FindStringSubmatch(body); to == "" && m != nil {
			to = html.UnescapeString(m[1])
		}
		switch {
		case strings.HasPrefix(to, v.site()):
			return v.redeems(to)
		case strings.HasPrefix(to, "https://idp.localhost/"):
			u, err := url.Parse(to)
			if err != nil {
				return err
			}
			return v.comesBack(t, u)
		case to != "":
			_, body, to, err = v.ask(http.MethodGet, to, nil)
		case strings.Contains(body, `value="fort"`):
			target, form := fields(body, `action="([^"]+/source)"`, url.Values{"source": {"fort"}}, "hop")
			_, body, to, err = v.ask(http.MethodPost, target, form)
		case strings.Contains(body, `name="digest"`):
			target, form := fields(body, `action="([^"]+/inform)"`, url.Values{"act": {"informed"}}, "hop", "digest")
			_, body, to, err = v.ask(http.MethodPost, target, form)
		default:
			return fmt.Errorf("%w: %.600s", errLost, regexp.MustCompile(`(?s)<[^>]*>|\s+`).ReplaceAllString(body, " "))
		}
	}
	return errLost
}

// comesBack posts the source's answer.
func (v *visitor) comesBack(t *testing.T, u *url.URL) error {
	t.Helper()
	q, now := v.idp.request(t, u), time.Now()
	document, err := v.idp.signer.AppendResponse(nil, &saml.Response{
		ID: saml.NewID(), InResponseTo: q.ID, Issuer: idpEntity, Destination: q.ACSURL, IssueInstant: now,
		Assertion: saml.Assertion{
			ID: saml.NewID(), NameID: saml.NameID{Value: v.who, Format: saml.NameIDTransient}, Audience: q.Issuer,
			NotBefore: now, NotAfter: now.Add(time.Minute), Authn: saml.AuthnStatement{At: now, Class: saml.ClassPassword, SessionIndex: saml.NewID()},
			Attributes: []saml.Attribute{
				{Name: "ENTPersonJointure", Values: []string{v.who}},
				{Name: "ENTPersonProfils", Values: []string{"National_ELV"}},
				{Name: "ENTPersonStructRattach", Values: []string{"0280101H"}},
				{Name: "ENTPersonDateNaissance", Values: []string{"02/04/2018"}},
				{Name: "ENTEleveNivFormation", Values: []string{"CE2"}},
			},
		},
	}, saml.SignAssertion)
	if err != nil {
		return fmt.Errorf("%w: %w", errLost, err)
	}
	acs, err := url.Parse(q.ACSURL)
	if err != nil {
		return fmt.Errorf("%w: %w", errLost, err)
	}
	v.post = &posted{acs.Path, url.Values{"SAMLResponse": {saml.EncodePost(document)}, "RelayState": {q.ID}}}
	status, body, to, err := v.ask(http.MethodPost, v.post.target, v.post.fields)
	if err == nil && status == http.StatusSeeOther {
		v.told = append(v.told, "session")
	}
	return v.goesOn(t, body, to, err)
}

func (v *visitor) redeems(to string) error {
	u, err := url.Parse(to)
	if err != nil {
		return err
	}
	v.told = append(v.told, "code")
	v.code = &posted{"/oidc/token", url.Values{
		"grant_type": {"authorization_code"}, "code": {u.Query().Get("code")}, "redirect_uri": {v.site()}, "client_id": {"calcul"}, "code_verifier": {killVerifier},
	}}
	status, body, _, err := v.ask(http.MethodPost, v.code.target, v.code.fields)
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("%w: no token: %d %s", errLost, status, body)
	}
	if err == nil {
		v.told = append(v.told, "token")
	}
	return err
}
