package casserver_test

import (
	"encoding/json"
	"encoding/xml"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"ecluse/internal/attrs"
	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/idp"
	"ecluse/internal/idp/casserver"
	"ecluse/internal/idp/idptest"
	"ecluse/internal/registry"
)

func TestCASTellsTheSameStory(t *testing.T) {
	t.Parallel()
	idptest.Run(t, storyCase(nil))
}

// storyCase is CAS as the story needs it. how changes the server.
func storyCase(how func(*casserver.Config)) idptest.Case {
	return idptest.Case{
		Protocol: func(tb testing.TB, k idptest.Tools) idp.Protocol {
			c := casserver.Config{Kit: k.Kit, Tickets: k.Tickets, Dictionary: k.Words, Now: k.Now, Watch: k.Watch}
			if how != nil {
				how(&c)
			}
			s, err := casserver.New(c)
			if err != nil {
				tb.Fatal(err)
			}
			return s
		},
		Pages: casserver.Pages(),
		Binding: func(_ testing.TB, service string) registry.Binding {
			return registry.Binding{Protocol: "cas", Handle: home(service), Settings: json.RawMessage(`{}`)}
		},
		Request: storyRequest, Read: storyRead, Later: true, Once: true, Mute: true,
	}
}

func home(service string) string { return "https://" + service + ".example/app" }

// page is where somebody was going when the service sent them to sign in.
func page(service string) string { return home(service) + "/page?lang=fr&q=a%20b" }

func loginAddress(pairs ...string) string {
	q := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		q.Add(pairs[i], pairs[i+1])
	}
	return idptest.Origin + "/cas/login?" + q.Encode()
}

func storyRequest(_ testing.TB, _ idptest.Tools, ask idptest.Ask) *http.Request {
	pairs := []string{"service", page(ask.Service)}
	if ask.Passive {
		pairs = append(pairs, "gateway", "true")
	}
	if ask.Fresh {
		pairs = append(pairs, "renew", "true")
	}
	return httptest.NewRequest(http.MethodGet, loginAddress(pairs...), nil)
}

func storyRead(tb testing.TB, k idptest.Tools, call func(*http.Request) *http.Response, ask idptest.Ask, at idptest.Landing) idptest.Result {
	tb.Helper()
	ticket := at.URL.Query().Get("ticket")
	if ticket == "" {
		if at.URL.String() != page(ask.Service) {
			tb.Errorf("back without a ticket at %s", at.URL)
		}
		return idptest.Result{Refused: idp.Denied}
	}
	if want := page(ask.Service) + "&ticket=" + ticket; at.URL.String() != want {
		tb.Errorf("back at %s, want %s", at.URL, want)
	}
	body := askFor(tb, call, "/cas/p3/serviceValidate", "service", page(ask.Service), "ticket", ticket)
	answer := parse(tb, body)
	if answer.Failure != nil {
		if answer.Success != nil {
			tb.Error("an answer that says yes and no")
		}
		if answer.Failure.Code == "INTERNAL_ERROR" {
			return idptest.Result{Refused: idp.Internal}
		}
		return idptest.Result{Refused: idp.Denied}
	}
	return idptest.Result{Subject: answer.Success.User, Session: ticket, Attributes: answer.words(tb, k.Words)}
}

// response is an answer as a service reads it, by the namespace of CAS.
type response struct {
	Success *struct {
		User       string `xml:"http://www.yale.edu/tp/cas user"`
		Attributes *struct {
			All []struct {
				XMLName xml.Name
				Value   string `xml:",chardata"`
			} `xml:",any"`
		} `xml:"http://www.yale.edu/tp/cas attributes"`
	} `xml:"http://www.yale.edu/tp/cas authenticationSuccess"`
	Failure *struct {
		Code string `xml:"code,attr"`
		Text string `xml:",chardata"`
	} `xml:"http://www.yale.edu/tp/cas authenticationFailure"`
	ProxyFailure *struct {
		Code string `xml:"code,attr"`
	} `xml:"http://www.yale.edu/tp/cas proxyFailure"`
}

func parse(tb testing.TB, body string) response {
	tb.Helper()
	var r response
	if err := xml.Unmarshal([]byte(body), &r); err != nil {
		tb.Fatalf("no XML: %v: %s", err, body)
	}
	return r
}

// attributes lists what the answer says of the person and of the sign-in, in the order of the values.
func (r response) attributes() map[string][]string {
	out := map[string][]string{}
	if r.Success == nil || r.Success.Attributes == nil {
		return out
	}
	for _, a := range r.Success.Attributes.All {
		out[a.XMLName.Local] = append(out[a.XMLName.Local], a.Value)
	}
	return out
}

func (r response) words(tb testing.TB, words *dictionary.Dictionary) map[attrs.Name][]string {
	tb.Helper()
	out := map[attrs.Name][]string{}
	for name, values := range r.attributes() {
		switch name {
		case "authenticationDate", "longTermAuthenticationRequestTokenUsed", "isFromNewLogin":
			continue
		}
		word, known := attrs.Name(""), false
		for _, w := range words.Words() {
			if entry, _ := words.Entry(w); entry.CAS == name {
				word, known = w, true
			}
		}
		if !known {
			tb.Errorf("the attribute %q is no word of the dictionary", name)
		}
		out[word] = values
	}
	return out
}

// askFor asks the gateway as a service does, without a browser.
func askFor(tb testing.TB, call func(*http.Request) *http.Response, path string, pairs ...string) string {
	tb.Helper()
	q := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		q.Add(pairs[i], pairs[i+1])
	}
	resp := call(httptest.NewRequest(http.MethodGet, idptest.Origin+path+"?"+q.Encode(), nil))
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		tb.Fatal(err)
	}
	if resp.StatusCode != http.StatusOK || resp.Header.Get("Cache-Control") != "no-store" {
		tb.Errorf("%s: status %d, Cache-Control %q", path, resp.StatusCode, resp.Header.Get("Cache-Control"))
	}
	return string(body)
}
