package demo_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// casServer answers tickets with what a test put there.
type casServer struct {
	answer string
	status int
	asked  url.Values
}

func newCASServer(s *street) *casServer {
	c := &casServer{status: http.StatusOK}
	s.mux.HandleFunc("GET /cas/p3/serviceValidate", func(w http.ResponseWriter, r *http.Request) {
		c.asked = r.URL.Query()
		w.WriteHeader(c.status)
		_, _ = w.Write([]byte(c.answer))
	})
	return c
}

const (
	casYes = `<cas:serviceResponse xmlns:cas="http://www.yale.edu/tp/cas"><cas:authenticationSuccess><cas:user>mot-du-jour</cas:user>
<cas:attributes><cas:authenticationDate>2026-11-22T09:00:00Z</cas:authenticationDate><cas:isFromNewLogin>true</cas:isFromNewLogin>
<cas:IDO>numero-7</cas:IDO><cas:PRO>National_ELV</cas:PRO><cas:DIV>&lt;b&gt;A</cas:DIV><cas:DIV>B</cas:DIV></cas:attributes>
</cas:authenticationSuccess></cas:serviceResponse>`
	casNo = `<cas:serviceResponse xmlns:cas="http://www.yale.edu/tp/cas"><cas:authenticationFailure code="INVALID_TICKET">no longer</cas:authenticationFailure></cas:serviceResponse>`
)

// ask begins a sign-in and gives the address that the ticket is for.
func (c *casServer) ask(t *testing.T, s *street, path string) *url.URL {
	t.Helper()
	to := s.get(s.url("carte", path)).wantTo(t, s.gateway+"/cas/login?")
	service, err := url.Parse(to.Query().Get("service"))
	if err != nil || !strings.HasPrefix(service.String(), s.url("carte", "/cas?etat=")) {
		t.Fatalf("service %v, %v", service, err)
	}
	return service
}

func TestACASSiteShowsWhatATicketIsAnsweredWith(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	c := newCASServer(s)
	c.answer = casYes
	service := c.ask(t, s, "/connexion")
	s.get(service.String()+"&ticket=ST-1").wantTo(t, "/")
	if c.asked.Get("ticket") != "ST-1" || c.asked.Get("service") != service.String() {
		t.Errorf("asked with %v", c.asked)
	}
	page := s.get(s.url("carte", "/"))
	page.want(t, http.StatusOK, "mot-du-jour", "Un numéro pour cette fois", "numero-7", "Ton numéro sur ce site", "National_ELV", "&lt;b&gt;A",
		"ton prénom", "2026-11-22T09:00:00Z", "Réponse CAS")
	checkPage(t, page)
	if s.get(service.String()+"&ticket=ST-1").status != http.StatusBadRequest {
		t.Error("an answer was taken twice")
	}
}

func TestACASSiteBelievesOnlyWhatItAskedForAndCanRead(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	c := newCASServer(s)
	c.answer = casYes
	s.get(s.url("carte", "/cas?etat=x&ticket=ST-1")).want(t, http.StatusBadRequest, "ne l’avait pas demandée")
	service := c.ask(t, s, "/connexion")
	other := s.browser
	s.browser = s.newBrowser()
	s.get(service.String()+"&ticket=ST-1").want(t, http.StatusBadRequest, "ne l’avait pas demandée")
	s.browser = other
	if c.asked != nil {
		t.Error("a ticket that nobody asked for was shown")
	}
	for what, spoil := range map[string]func(){
		"no CAS":      func() { c.answer = "<html>" },
		"another XML": func() { c.answer = strings.ReplaceAll(casYes, "yale", "evil") },
		"yes and no": func() {
			c.answer = strings.Replace(casYes, "</cas:serviceResponse>", casNo[len("<cas:serviceResponse xmlns:cas=\"http://www.yale.edu/tp/cas\">"):], 1)
		},
		"a fault": func() { c.answer, c.status = casYes, http.StatusInternalServerError },
	} {
		spoil()
		if seen := s.get(c.ask(t, s, "/connexion").String() + "&ticket=ST-1"); seen.status != http.StatusBadRequest {
			t.Errorf("%s: status %d", what, seen.status)
		}
		c.status = http.StatusOK
	}
	s.get(s.url("carte", "/")).want(t, http.StatusOK, "Entrer avec mon compte")
}

func TestACASSiteShowsARefusal(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	c := newCASServer(s)
	c.answer = casNo
	s.get(c.ask(t, s, "/connexion").String()+"&ticket=ST-1").wantTo(t, "/refus")
	s.get(s.url("carte", "/refus")).want(t, http.StatusOK, "INVALID_TICKET", "a repris son accord")
	if q := s.get(s.url("carte", "/connexion?passif=1")).wantTo(t, s.gateway+"/cas/login?").Query(); q.Get("gateway") != "true" {
		t.Errorf("a passive request says %v", q)
	}
	s.get(c.ask(t, s, "/connexion").String()).wantTo(t, "/refus")
	s.get(s.url("carte", "/refus")).want(t, http.StatusOK, "sans ticket")
}
