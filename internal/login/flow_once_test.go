package login_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"ecluse/internal/idp"
	"ecluse/internal/idp/idptest"
	"ecluse/internal/registry"
	"ecluse/internal/store"
)

// single is a protocol that answers each request once, by a mark beside its answer.
type single struct{ plain }

func (single) Answer(ctx context.Context, request idp.Request, a idp.Answered) (idp.Handoff, idp.Participant, error) {
	to, who, err := plain{}.Answer(ctx, request, a)
	to.Before = []store.Op{{Do: store.Create, Ticket: store.Ticket{Kind: "mark", Name: string(request.State), Expires: a.At.Add(time.Hour)}}}
	return to, who, err
}

func TestARequestThatWasAnsweredInAnotherBrowserIsNotAnsweredAgain(t *testing.T) {
	t.Parallel()
	h := idptest.NewHouse(t, idptest.Options{Ring: ring(t), Case: idptest.Case{
		Protocol: func(testing.TB, idptest.Tools) idp.Protocol { return single{} },
		Binding: func(_ testing.TB, service string) registry.Binding {
			return registry.Binding{Protocol: "plain", Handle: service}
		},
	}})
	here, there := h.Browser(t), h.Browser(t)
	early, late := here.Open(byGet(t, request("lire", later))), there.Open(byGet(t, request("lire", later)))
	yes(t, through(t, here, here.As(early, idptest.Lea)), "lire")
	p := through(t, there, there.As(late, idptest.Lea))
	page(t, "the other browser", p, http.StatusGone)
	page(t, "the same tab again", here.Open(byGet(t, request("lire", later))), http.StatusGone)
}
