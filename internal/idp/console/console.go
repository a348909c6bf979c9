// Package console lets people sign in to the desk, which is a service of the gateway like any other: it has a declaration,
// it asks the gate, and what it learns of a person is a release. It keeps a pseudonym and a few words about functions and
// schools, for as long as the sign-in lasts, and no name.
//
// Routes:
//
//	GET   /bureau/entrer   begins a sign-in                              -> Gateway.Start
//	GET   /bureau/retour   turns the answer into a session of the desk   -> /bureau/
//	GET   /bureau/lien     asks for a one-time word
//	POST  /bureau/lien     opens a session for the appointment that the word stands for, without a sign-in
//	POST  /bureau/sortir   ends the session
//
// A one-time word opens the desk when its own declaration has ended, so that somebody can renew it. A word never stands in
// an address, and opening a page uses none up.
//
// The package does not own the desk's pages, nor what a role may do. It logs nothing.
package console

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"ecluse/internal/attrs"
	"ecluse/internal/idp"
	"ecluse/internal/registry"
	"ecluse/internal/store"
	"ecluse/internal/web"
)

// Name is the word for this protocol in registry.Binding.Protocol.
const Name = "console"

// Home is the first page of the desk.
const Home = "/bureau/"

// How long a session of the desk lasts, and how long the way back from a sign-in may take.
const (
	Idle     = 30 * time.Minute
	Longest  = 8 * time.Hour
	returns  = time.Minute
	entering = 30 * time.Minute
)

//go:embed pages texts
var files embed.FS

// Pages are the page of the one-time word and the texts of the faults.
func Pages() web.Contribution { return web.Contribution{Name: Name, Files: files} }

// ErrWord is a one-time word that opens nothing: unknown, used or over.
var ErrWord = errors.New("this word opens nothing")

// Config is what the protocol is made of. All is required.
type Config struct {
	Kit     *web.Kit
	Tickets store.Tickets // already sealed: sessions hold a pseudonym and what it may answer for
	Now     func() time.Time
	// Claim uses up a one-time word: the handle that its appointment is now bound to, and until when it may act. ErrWord
	// when the word opens nothing.
	Claim func(ctx context.Context, word string) (handle string, until time.Time, err error)
}

// Console implements idp.Protocol. It is safe for concurrent use.
type Console struct{ Config }

var _ idp.Protocol = (*Console)(nil)

// New checks the configuration.
func New(c Config) (*Console, error) {
	if c.Kit == nil || c.Tickets == nil || c.Now == nil || c.Claim == nil {
		return nil, errors.New("console: kit, tickets, clock and claim are required")
	}
	return &Console{c}, nil
}

// Name is "console".
func (c *Console) Name() string { return Name }

// Mount declares the routes.
func (c *Console) Mount(mux *web.Mux, gateway idp.Gateway) {
	d := &door{Console: c, gateway: gateway}
	for _, route := range []web.Route{
		{Method: "GET", Pattern: Home + "entrer", Handler: d.enter},
		{Method: "GET", Pattern: Home + "retour", Handler: d.back},
		{Method: "GET", Pattern: Home + "lien", Handler: d.askWord},
		{Method: "POST", Pattern: Home + "lien", Handler: d.word},
		{Method: "POST", Pattern: Home + "sortir", Handler: d.leave},
	} {
		mux.Handle(route)
	}
}

// Asked lists what the desk asks for, whatever its declaration would allow.
func Asked() []attrs.Name {
	return []attrs.Name{"pseudonym", "uai", "profile", "functions", "heads_of", "acts_for"}
}

// started is what a request remembers of the browser that began it.
type started struct {
	Browser string `json:"browser"` // the hash of its cookie
}

// participant is what ending the session will need.
type participant struct {
	SignIn string `json:"sign_in"`
}

// Answer keeps the release for the browser that began the sign-in, which fetches it once and at once.
func (c *Console) Answer(ctx context.Context, request idp.Request, answered idp.Answered) (idp.Handoff, idp.Participant, error) {
	no := func(err error) (idp.Handoff, idp.Participant, error) {
		return idp.Handoff{}, idp.Participant{}, fmt.Errorf("answer to the desk: %w", err)
	}
	release := answered.Cleared.Release()
	if answered.Cleared.Empty() || release.Service().ID != registry.Desk || request.ServiceID != registry.Desk {
		return no(errors.New("nothing was cleared for it"))
	}
	var from started
	if err := json.Unmarshal(request.State, &from); err != nil {
		return no(err)
	}
	now := c.Now()
	s := Session{Handle: release.Subject(), Facts: facts(release), Source: release.Source().ID, At: now, Until: now.Add(Longest), SignIn: rand.Text()}
	if release.NotAfter().Before(s.Until) {
		s.Until = release.NotAfter()
	}
	if err := c.put(ctx, kindSignIn, s.SignIn, nil, s.Until); err != nil {
		return no(err)
	}
	ticket := rand.Text()
	if err := c.put(ctx, kindReturn, ticket, waiting{from, s}, earlier(now.Add(returns), s.Until)); err != nil {
		return no(err)
	}
	state, err := json.Marshal(participant{s.SignIn})
	if err != nil {
		return no(err)
	}
	return idp.Handoff{Location: c.Kit.URL(Home + "retour?billet=" + ticket)}, idp.Participant{Protocol: Name, ServiceID: registry.Desk, State: state}, nil
}

// facts are the released words. What names a person is left out, should a declaration ever let it through.
func facts(release attrs.Release) map[string][]string {
	out := map[string][]string{}
	for _, item := range release.Items() {
		if !item.Entry.Names && item.Entry.Attr != "pseudonym" {
			out[string(item.Entry.Attr)] = item.Values
		}
	}
	return out
}

// Refuse says nothing: our own page has spoken.
func (c *Console) Refuse(context.Context, idp.Request, idp.Failure) (idp.Handoff, error) {
	return idp.Handoff{}, nil
}

// SignOut ends the session of the desk that came from the sign-in.
func (c *Console) SignOut(ctx context.Context, p idp.Participant, _ string) (idp.SignOutStep, error) {
	var state participant
	if err := json.Unmarshal(p.State, &state); err != nil {
		return idp.SignOutStep{}, fmt.Errorf("sign-out of the desk: %w", err)
	}
	if err := c.Tickets.Delete(ctx, kindSignIn, state.SignIn); err != nil {
		return idp.SignOutStep{}, fmt.Errorf("sign-out of the desk: %w", err)
	}
	return idp.SignOutStep{Outcome: idp.Done}, nil
}

// Left answers nobody: this protocol has no word for it.
func (*Console) Left(context.Context, idp.Leaving, idp.Outcome) (idp.Handoff, error) {
	return idp.Handoff{}, nil
}

// CheckSettings wants the desk's own handle, and no settings.
func (c *Console) CheckSettings(b registry.Binding) []registry.Finding {
	var out []registry.Finding
	if b.Handle != registry.Desk {
		out = append(out, registry.Finding{Where: "handle", What: fmt.Sprintf("%q is not the desk", b.Handle), Mend: registry.Desk})
	}
	if text := string(b.Settings); text != "" && text != "{}" && text != "null" {
		out = append(out, registry.Finding{Where: "settings", What: "the desk has none", Mend: "leave them out"})
	}
	if b.Subject != "" && b.Subject != "pseudonym" {
		out = append(out, registry.Finding{Where: "subject", What: "the desk knows people by their pseudonym alone", Mend: "leave it out"})
	}
	return out
}

// Probe implements idp.Protocol: the desk is here, and nobody's to reach.
func (*Console) Probe(context.Context, registry.Binding, idp.Reach) (idp.Probed, error) {
	return idp.Probed{}, nil
}

// Preview prints the words that the desk would keep.
func (c *Console) Preview(release attrs.Release, _ registry.Binding) ([]byte, error) {
	return json.MarshalIndent(map[string]any{"handle": release.Subject(), "facts": facts(release)}, "", "  ")
}

func hashed(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
