package login_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"sync/atomic"
	"testing"

	"ecluse/internal/idp/idptest"
	"ecluse/internal/upstream"
	"ecluse/internal/web"
)

// leaver is a source that can name one session of its own.
type leaver struct {
	*idptest.Source
	way   upstream.Exit
	asked atomic.Int32
	says  func(ctx context.Context, ask json.RawMessage) (bool, error)
}

var _ upstream.Leaver = (*leaver)(nil)

func (l *leaver) SignOutOf(_ context.Context, session, word string) (upstream.Exit, error) {
	if session != "s-1" || word == "" {
		return upstream.Exit{}, errors.New("that is another session")
	}
	return l.way, nil
}

func (l *leaver) Ask(ctx context.Context, ask json.RawMessage) (bool, error) {
	l.asked.Add(1)
	return l.says(ctx, ask)
}

func (*leaver) Answer(context.Context, json.RawMessage, bool) (upstream.Handoff, error) {
	return upstream.Handoff{}, nil
}

// leaves has Paul sign in by such a source and out again.
func (l *leaver) leaves(t *testing.T) (*idptest.House, *idptest.Browser, *idptest.Page) {
	t.Helper()
	h := newHouse(t, nil)
	b := h.Browser(t)
	yes(t, through(t, b, b.As(b.Open(byGet(t, request("lire"))), idptest.Paul, "session", "s-1")), "lire")
	l.Source = h.Sources[idptest.ENT]
	h.Flow.Connectors[idptest.ENT] = l
	p := b.Post("/signout", nil)
	page(t, "sign-out", p, http.StatusOK)
	if exit(p) == "" || !says(p, "Fermer aussi votre session à") || l.asked.Load() != 0 {
		t.Fatalf("no link, or the source was asked before somebody said so: %s", p.Text())
	}
	return h, b, p
}

func TestTheLinkToASourcePostsWhereTheSourceTakesAForm(t *testing.T) {
	t.Parallel()
	l := &leaver{way: upstream.Exit{Browser: upstream.Handoff{Action: "https://sortie.example/slo", Fields: []web.Param{{Name: "SAMLRequest", Value: "PHg+"}}}}}
	_, b, p := l.leaves(t)
	for range 2 {
		landing := b.Get(exit(p)).Landing
		if landing == nil || landing.Method != http.MethodPost || landing.URL.String() != "https://sortie.example/slo" || landing.Form.Get("SAMLRequest") != "PHg+" {
			t.Fatalf("it lands at %+v", landing)
		}
	}
}

func TestASourceThatTakesNoBrowserIsAskedOnceWhenTheLinkIsFollowedAndThePageSaysWhatItSaid(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		ended bool
		err   error
		want  string
	}{
		"it is over":     {true, nil, "est fermée aussi"},
		"it is not":      {false, nil, "n'a pas tout fermé"},
		"nobody says it": {true, upstream.ErrUnavailable, "ne répond pas"},
	} {
		l := &leaver{way: upstream.Exit{Ask: json.RawMessage(`{"index":"7"}`)}}
		l.says = func(ctx context.Context, ask json.RawMessage) (bool, error) {
			if _, bounded := ctx.Deadline(); !bounded || string(ask) != `{"index":"7"}` {
				t.Errorf("%s: asked with %s, without end %v", name, ask, !bounded)
			}
			return c.ended, c.err
		}
		h, b, p := l.leaves(t)
		link := exit(p)
		if status, _ := follow(b, http.MethodHead, link); status != http.StatusBadRequest {
			t.Errorf("%s: HEAD: %d", name, status)
		}
		if _, to := follow(h.Browser(t), http.MethodGet, link); to != "/signout" || l.asked.Load() != 0 {
			t.Errorf("%s: another browser has it asked", name)
		}
		for range 2 { // and a second click
			if p = b.Get(link); !says(p, c.want) || exit(p) != "" || l.asked.Load() != 1 {
				t.Errorf("%s: asked %d times: %s", name, l.asked.Load(), p.Text())
			}
		}
	}
}

func TestASourceThatCannotBeAskedAnyMoreIsNotAsked(t *testing.T) {
	t.Parallel()
	l := &leaver{way: upstream.Exit{Ask: json.RawMessage(`{}`)}}
	h, b, p := l.leaves(t)
	h.Flow.Connectors[idptest.ENT] = l.Source
	if p := b.Get(exit(p)); !says(p, "Déconnexion faite") || says(p, "est fermée aussi") || l.asked.Load() != 0 {
		t.Errorf("%s", p.Text())
	}
}
