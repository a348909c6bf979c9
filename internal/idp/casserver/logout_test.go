package casserver_test

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"ecluse/internal/attrs"
	"ecluse/internal/fetch"
	"ecluse/internal/idp"
	"ecluse/internal/idp/casserver"
	"ecluse/internal/idp/idptest"
)

// released keeps what was cleared for a service, by signing Lea in once more.
func (h *house) released(tb testing.TB, service string) attrs.Release {
	tb.Helper()
	request, err := h.Protocol.Last()
	if err != nil || request.ServiceID != service {
		tb.Fatalf("the last request is of %q: %v", request.ServiceID, err)
	}
	b := h.Browser(tb)
	h.enter(tb, b, idptest.Lea, "service", page(service))
	ticket := b.Get(loginAddress("service", page(service))).Landing.URL.Query().Get("ticket")
	if ticket == "" {
		tb.Fatal("no ticket")
	}
	cleared, err := h.Flow.Resume(context.Background(), h.resume(tb, ticket))
	if err != nil {
		tb.Fatal(err)
	}
	return cleared.Release()
}

// resume reads the right to an answer out of the store, as only the server can.
func (h *house) resume(tb testing.TB, ticket string) string {
	tb.Helper()
	record, err := h.Tickets.Get(context.Background(), "cas-ticket", ticket)
	if err != nil {
		tb.Fatal(err)
	}
	var what struct{ Resume string }
	if err := json.Unmarshal(record.Value, &what); err != nil {
		tb.Fatal(err)
	}
	return what.Resume
}

func releaseOfNothing() attrs.Release { return attrs.Release{} }

// service stands for the outside: it notes what is posted to it.
type service struct {
	status int
	err    error
	posted []url.Values
	at     []string
}

func (s *service) RoundTrip(r *http.Request) (*http.Response, error) {
	if s.err != nil {
		return nil, s.err
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, err
	}
	s.posted, s.at = append(s.posted, form), append(s.at, r.URL.String())
	return &http.Response{StatusCode: s.status, Body: http.NoBody, Header: http.Header{}, Request: r}, nil
}

func TestSignOutIsPostedToServicesThatTakeIt(t *testing.T) {
	t.Parallel()
	out := &service{status: http.StatusOK}
	h := newHouse(t, func(c *casserver.Config) { c.Client = &http.Client{Transport: out} })
	h.settings("lire", `{"logout":true}`)
	b := h.Browser(t)
	ticket := h.enter(t, b, idptest.Lea, "service", page("lire")).Landing.URL.Query().Get("ticket")
	h.enter(t, b, idptest.Lea, "service", page("calcul")) // takes none
	p := b.Post("/signout", nil)
	if len(out.posted) != 1 || out.at[0] != page("lire") {
		t.Fatalf("posted to %q", out.at)
	}
	var message struct {
		XMLName xml.Name
		ID      string `xml:",attr"`
		Version string `xml:",attr"`
		At      string `xml:"IssueInstant,attr"`
		NameID  string `xml:"urn:oasis:names:tc:SAML:2.0:assertion NameID"`
		Index   string `xml:"urn:oasis:names:tc:SAML:2.0:protocol SessionIndex"`
	}
	if err := xml.Unmarshal([]byte(out.posted[0].Get("logoutRequest")), &message); err != nil {
		t.Fatal(err)
	}
	if message.XMLName.Space != "urn:oasis:names:tc:SAML:2.0:protocol" || message.XMLName.Local != "LogoutRequest" ||
		message.Index != ticket || message.NameID != "@NOT_USED@" || message.Version != "2.0" || message.ID == "" || message.At == "" {
		t.Errorf("message %s", out.posted[0].Get("logoutRequest"))
	}
	if strings.Contains(p.Text(), "Service lire") || !strings.Contains(p.Text(), "ouvert Service calcul") { // a child reads what is left to close
		t.Errorf("the page says %s", p.Text())
	}
}

func TestASessionThatWasNotEndedIsSaidToBeOpen(t *testing.T) {
	t.Parallel()
	state := func(h *house) idp.Participant {
		data, err := json.Marshal(map[string]string{"ticket": h.ticket(t, "lire"), "service": page("lire")})
		if err != nil {
			t.Fatal(err)
		}
		return idp.Participant{Protocol: "cas", ServiceID: "lire", State: data}
	}
	for name, c := range map[string]struct {
		out      *service
		settings string
		who      func(*idp.Participant)
		fails    bool
	}{
		"no such service":      {&service{status: 200}, `{"logout":true}`, func(p *idp.Participant) { p.ServiceID = "calcul" }, false},
		"takes none":           {&service{status: 200}, `{}`, nil, false},
		"answers with a fault": {&service{status: 500}, `{"logout":true}`, nil, true},
		"leads elsewhere":      {&service{status: 302}, `{"logout":true}`, nil, true},
		"is away":              {&service{err: errors.New("refused")}, `{"logout":true}`, nil, true},
		"moved":                {&service{status: 200}, `{"logout":true}`, func(p *idp.Participant) { p.State = []byte(`{"ticket":"ST-1","service":"https://evil.example/"}`) }, false},
		"not to be read":       {&service{status: 200}, `{"logout":true}`, func(p *idp.Participant) { p.State = []byte(`x`) }, true},
	} {
		h := newHouse(t, func(cfg *casserver.Config) { cfg.Client = &http.Client{Transport: c.out} })
		h.settings("lire", c.settings)
		who := state(h)
		if c.who != nil {
			c.who(&who)
		}
		step, err := h.Protocol.SignOut(t.Context(), who, "")
		if step.Outcome != idp.Unsupported || (err != nil) != c.fails {
			t.Errorf("%s: %s, %v", name, step.Outcome, err)
		}
		if err != nil && (strings.Contains(err.Error(), "lang=fr") || strings.Contains(err.Error(), "ST-")) {
			t.Errorf("%s: the error repeats the address or the ticket: %v", name, err)
		}
		if !c.fails && len(c.out.posted) != 0 {
			t.Errorf("%s: something was posted", name)
		}
	}
}

func TestSignOutKeepsToPublicAddresses(t *testing.T) {
	t.Parallel()
	asked := false
	inside := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	defer inside.Close()
	client := fetch.New(fetch.Config{})
	defer client.Close()
	h := newHouse(t, func(c *casserver.Config) { c.Client = client.HTTP() })
	h.settings("lire", `{"logout":true,"services":["`+inside.URL+`"]}`)
	data, err := json.Marshal(map[string]string{"ticket": "ST-1", "service": inside.URL + "/x"})
	if err != nil {
		t.Fatal(err)
	}
	step, err := h.Protocol.SignOut(t.Context(), idp.Participant{Protocol: "cas", ServiceID: "lire", State: data}, "")
	if !errors.Is(err, fetch.ErrAddress) || step.Outcome != idp.Unsupported || asked {
		t.Errorf("%s, %v, asked %v", step.Outcome, err, asked)
	}
}
