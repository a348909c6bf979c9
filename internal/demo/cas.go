package demo

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
)

const (
	casLogin    = "/cas/login"
	casValidate = "/cas/p3/serviceValidate"
)

// casSite is a relying party over CAS 3.0. The protocol has no state that
// travels, so the address that the ticket is for carries one: an answer that
// this browser did not ask for is not read.
type casSite struct {
	relyingParty
	gateway string
	client  *http.Client
}

func newCASSite(cfg Config, p *pages, s Site) http.Handler {
	site := &casSite{
		relyingParty: relyingParty{site: s, pages: p, visits: newVisits(cfg)}, gateway: cfg.Gateway, client: cfg.Client,
	}
	mux := http.NewServeMux()
	site.mount(mux)
	mux.HandleFunc("GET /connexion", site.signIn)
	mux.HandleFunc("GET /cas", site.answer)
	return http.NewCrossOriginProtection().Handler(mux)
}

// service is the address that the ticket is for.
func (s *casSite) service(state string) string {
	return s.site.Callback + "?" + url.Values{"etat": {state}}.Encode()
}

// signIn starts a sign-in at once.
func (s *casSite) signIn(w http.ResponseWriter, r *http.Request) {
	state := s.visits.begin(w, r, pending{})
	q := url.Values{"service": {s.service(state)}}
	if r.URL.Query().Get("passif") == "1" {
		q.Set("gateway", "true")
	}
	redirect(w, r, s.gateway+casLogin+"?"+q.Encode(), http.StatusFound)
}

// answer is where the gateway sends the browser back to, with a ticket or
// without one.
func (s *casSite) answer(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	state := q.Get("etat")
	if _, ok := s.visits.claim(r, state); !ok {
		s.pages.problem(w, r, s.site, http.StatusBadRequest, notAsked())
		return
	}
	ticket := q.Get("ticket")
	if ticket == "" {
		s.arrive(w, r, outcome{refusal: noTicket()})
		return
	}
	o, err := s.validate(r.Context(), s.service(state), ticket)
	if err != nil {
		s.pages.log.WarnContext(r.Context(), "demo answer refused", "site", s.site.ID, "error", err)
		s.pages.problem(w, r, s.site, http.StatusBadRequest, notTrusted("CAS"))
		return
	}
	s.arrive(w, r, o)
}

// noTicket is what CAS says when it says no: nothing.
func noTicket() *refusal {
	return &refusal{
		Happened:   "La passerelle t’a renvoyé sans ticket : ce site ne reçoit rien sur toi.",
		HappenedEN: "The gateway sent you back without a ticket: this site receives nothing about you.",
		Code:       "sans ticket",
	}
}

// casResponse is the answer to a ticket (CAS Protocol 3.0, appendix A).
type casResponse struct {
	XMLName xml.Name `xml:"http://www.yale.edu/tp/cas serviceResponse"`
	Success *struct {
		User       string `xml:"http://www.yale.edu/tp/cas user"`
		Attributes struct {
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
}

// validate shows the ticket to the gateway. A refusal of the gateway is an
// outcome; whatever cannot be read is an error.
func (s *casSite) validate(ctx context.Context, service, ticket string) (outcome, error) {
	q := url.Values{"service": {service}, "ticket": {ticket}}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.gateway+casValidate+"?"+q.Encode(), nil)
	if err != nil {
		return outcome{}, errors.New("the ticket could not be shown")
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return outcome{}, errors.New("the ticket could not be shown") // the error repeats it
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil || resp.StatusCode != http.StatusOK {
		return outcome{}, fmt.Errorf("answer to a ticket: status %d", resp.StatusCode)
	}
	var answer casResponse
	if err := xml.Unmarshal(body, &answer); err != nil {
		return outcome{}, errors.New("answer to a ticket: it is no CAS response")
	}
	switch {
	case answer.Failure != nil && answer.Success == nil:
		no := newRefusal(limitText(answer.Failure.Code), limitText(answer.Failure.Text))
		no.Raw = []rawPart{{Title: "Réponse CAS", TitleEN: "CAS answer", Text: string(body)}}
		return outcome{refusal: no}, nil
	case answer.Success == nil || answer.Failure != nil || answer.Success.User == "":
		return outcome{}, errors.New("answer to a ticket: it says neither yes nor no")
	}
	return describeTicket(answer, service, body), nil
}

// describeTicket turns an answer into facts. What tells of the sign-in and not
// of the person stands apart.
func describeTicket(answer casResponse, service string, body []byte) outcome {
	values, names := map[string][]string{}, []string{}
	for _, a := range answer.Success.Attributes.All {
		name := a.XMLName.Local
		if values[name] == nil {
			names = append(names, name)
		}
		values[name] = append(values[name], a.Value)
	}
	facts := []fact{newFact("cas:user", answer.Success.User)}
	about := []fact{{Word: word{"Pour", "For"}, Wire: "service", Values: []string{service}}}
	for _, name := range names {
		switch name {
		case "authenticationDate":
			about = append(about, fact{Word: word{"Connexion le", "Signed in at"}, Wire: name, Values: values[name]})
		case "isFromNewLogin":
			about = append(about, fact{Word: word{"Connexion nouvelle", "New sign-in"}, Wire: name, Values: values[name]})
		case "longTermAuthenticationRequestTokenUsed":
			about = append(about, fact{Word: word{"Connexion gardée", "Remembered sign-in"}, Wire: name, Values: values[name]})
		default:
			facts = append(facts, newFact(name, values[name]...))
		}
	}
	inOrder(facts)
	return outcome{received: &received{
		Facts: facts, Unknown: ignorance(facts), About: about,
		Raw: []rawPart{{Title: "Réponse CAS", TitleEN: "CAS answer", Text: string(body)}},
	}}
}
