package login

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"time"

	"ecluse/internal/idp"
	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/registry"
	"ecluse/internal/upstream"
	"ecluse/internal/web"
)

// Question asks a source outside of any sign-in who is there, by a strong factor and anew. No session begins, ends or
// changes by it, and nothing leaves for a service.
type Question struct {
	Source  string
	Request idp.Request // what the service that knows the person would ask for: its number of them is what is told
	Word    string      // by which whoever asks knows the question again; it stands in no address
}

// Proved is what a source said to a Question. It holds no person.
type Proved struct {
	Word    string
	Source  string
	Numbers []string  // under which the service of the question would know whoever was there; none when it lets them in nowhere
	Context string    // the source's own word for the way
	At      time.Time // when they proved who they are, in the source's words
	Failed  error     // why there is no proof: a cause of package upstream; nil when there is one
}

// String shows nothing.
func (Proved) String() string { return "[proved]" }

// GoString shows nothing.
func (Proved) GoString() string { return "[proved]" }

// Proofs takes what sources said. Flow gives each answer once.
type Proofs interface {
	// Proved takes one, and gives the local path to which the browser comes back.
	Proved(ctx context.Context, p Proved) (back string, err error)
}

// proof is a question as it waits with its challenge.
type proof struct {
	Word    string      `json:"word"`
	Request idp.Request `json:"request"`
}

// StrongFactor lists the ways that a source can be asked for now, as upstream.Strong has them; none of one that may sign nobody
// in, or was registered with none.
func (f *Flow) StrongFactor(s *registry.Snapshot, source string) []string {
	strong, can := f.Connectors[source].(upstream.Strong)
	if registered, known := s.Source(source); !can || !known || !f.vouches(s, registered) {
		return nil
	}
	return strong.StrongFactor()
}

// Prove sends a browser to a source with a question, whose answer goes to Flow.Proofs. A source that cannot be asked now is a
// Proved that failed, like any other.
func (f *Flow) Prove(w http.ResponseWriter, r *http.Request, q Question) error {
	snapshot, err := f.Live.Current()
	if err != nil {
		return web.Unavailable(err)
	}
	contexts := f.StrongFactor(snapshot, q.Source)
	if len(contexts) == 0 {
		return f.proved(w, r, Proved{Word: q.Word, Source: q.Source, Failed: upstream.ErrUnavailable})
	}
	service, _ := snapshot.Service(q.Request.ServiceID)
	lang := f.Kit.Lang(r)
	c := challenge{
		Browser: f.browser(w, r), Source: q.Source, Proof: &proof{q.Word, q.Request}, Asked: upstream.Challenge{
			ID: rand.Text(), Service: service.Name.In(string(lang)), Fresh: true, Proof: true, Contexts: contexts, Language: string(lang),
		},
	}
	ops, err := f.asking(r.Context(), &c, f.Now().Add(f.Limits.Transaction))
	if err == nil {
		if err := f.write(r.Context(), ops...); err != nil {
			return goneOr(err)
		}
		err = f.Connectors[q.Source].Begin(w, r, c.Asked)
	}
	if err != nil {
		f.Log.WarnContext(r.Context(), "a source could not be asked for a proof", "source", q.Source, "error", err)
		return f.proved(w, r, Proved{Word: q.Word, Source: q.Source, Failed: err})
	}
	return nil
}

// proved hands an answer over and brings the browser back.
func (f *Flow) proved(w http.ResponseWriter, r *http.Request, p Proved) error {
	if f.Proofs == nil {
		return gone(errGone)
	}
	back, err := f.Proofs.Proved(r.Context(), p)
	if err != nil {
		return err
	}
	return f.Kit.Redirect(w, r, back, http.StatusSeeOther)
}

// proves makes of an assertion what the question wanted to know.
func (h host) proves(w http.ResponseWriter, r *http.Request, q proof, a upstream.Assertion) error {
	f := h.flow
	snapshot, err := f.Live.Current()
	if err != nil {
		return web.Unavailable(err)
	}
	out := Proved{Word: q.Word, Source: h.source, Context: a.Context, At: a.Authn.At}
	source, known := snapshot.Source(h.source)
	if !known || !f.vouches(snapshot, source) {
		out.Failed = upstream.ErrUnavailable
		return f.proved(w, r, out)
	}
	a.Authn.Source = h.source
	who, err := source.Reading().Resolve(a.Raw)
	if err != nil {
		f.Log.WarnContext(r.Context(), "an identity is incomplete", "source", h.source, "error", err)
		out.Failed = upstream.ErrRejected
		return f.proved(w, r, out)
	}
	if err := f.numbering().Know(r.Context(), h.source, &who); err != nil {
		return web.Unavailable(err)
	}
	if out.Numbers, err = f.numbers(r.Context(), snapshot, who, q.Request); err != nil {
		return web.Unavailable(err)
	}
	if err := f.restOn(r, who, a.Session); err != nil {
		return web.Unavailable(err)
	}
	return f.proved(w, r, out)
}

// numbers are those under which a service would know somebody who enters it now, in whatever capacity gate and engine let
// them in.
func (f *Flow) numbers(ctx context.Context, s *registry.Snapshot, who person.Person, request idp.Request) ([]string, error) {
	var out []string
	for _, place := range policy.Places(s, f.Now(), who, request.ServiceID) {
		said, err := f.ask(s, who, place, request, "", f.serving(ctx))
		switch {
		case errors.Is(err, errNumbers):
			return nil, err
		case err == nil:
			out = append(out, said.release.Subject())
		}
	}
	return out, nil
}

// restOn lets the browser's session end with the one that the source may have begun for a proof of the same person.
func (f *Flow) restOn(r *http.Request, who person.Person, upstream string) error {
	s, err := f.session(r)
	if err != nil || s == nil || s.Person.Key != who.Key || s.Person.Authn.Source != who.Authn.Source {
		return err
	}
	if err := f.pointFrom(r.Context(), s, upstream); err != nil {
		return fmt.Errorf("session: %w", err)
	}
	return nil
}
