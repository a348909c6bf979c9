package login

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"ecluse/internal/idp"
	"ecluse/internal/registry"
	"ecluse/internal/web/webtest"
)

// ends is a protocol whose sessions end as their state says.
type ends struct{ idp.Protocol }

func (ends) SignOut(_ context.Context, p idp.Participant, _ string) (idp.SignOutStep, error) {
	switch string(p.State) {
	case "ends":
		return idp.SignOutStep{Outcome: idp.Done}, nil
	case "fails":
		return idp.SignOutStep{Outcome: idp.Done}, errors.New("it did not answer")
	default:
		return idp.SignOutStep{Outcome: idp.Unsupported}, nil
	}
}

// deaf counts nothing.
type deaf struct{}

func (deaf) Decision(string, string)    {}
func (deaf) SignIn(string, string)      {}
func (deaf) Took(string, time.Duration) {}

type one struct{ *registry.Snapshot }

func (o one) Current() (*registry.Snapshot, error) { return o.Snapshot, nil }

// TestAServiceIsEndedWhenAllItsSessionsAre tells no service to be closed of which one session may be open.
func TestAServiceIsEndedWhenAllItsSessionsAre(t *testing.T) {
	t.Parallel()
	named := func(id string) registry.Service { return registry.Service{ID: id, Name: registry.Text{FR: id}} }
	f := &Flow{
		Live:      one{registry.NewSnapshot(registry.Contents{Services: []registry.Service{named("all"), named("one"), named("failing"), named("none")}}, time.UTC)},
		Protocols: map[string]idp.Protocol{"ends": ends{}}, Kit: webtest.New(t, Pages()),
		Log: slog.New(slog.DiscardHandler), Meter: deaf{},
	}
	s := &session{}
	for _, p := range [][3]string{
		{"ends", "all", "ends"},
		{"ends", "one", "ends"},
		{"ends", "one", "stays"},
		{"ends", "all", "ends"},
		{"ends", "failing", "fails"},
		{"ends", "none", "stays"},
		{"gone", "unspoken", "ends"},
	} {
		s.Participants = append(s.Participants, idp.Participant{Protocol: p[0], ServiceID: p[1], State: []byte(p[2])})
	}
	partings := f.tell(t.Context(), s.Participants, idp.Leaving{}, true)
	got := f.fates(&wayOut{Partings: partings}, "fr")
	want := []endedService{{"all", fateClosed}, {"one", fateOpen}, {"failing", fateOpen}, {"none", fateOpen}, {"", fateOpen}}
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// slow is a protocol that answers when it wants, whatever it was told of time.
type slow struct {
	idp.Protocol
	takes time.Duration
}

func (s slow) SignOut(context.Context, idp.Participant, string) (idp.SignOutStep, error) {
	time.Sleep(s.takes)
	return idp.SignOutStep{Outcome: idp.Done}, nil
}

// TestServicesAreToldSideBySideAndNoneIsWaitedForLong keeps nobody in front of a page that does not come.
func TestServicesAreToldSideBySideAndNoneIsWaitedForLong(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &Flow{
			Protocols: map[string]idp.Protocol{"quick": slow{takes: 2 * time.Second}, "slow": slow{takes: time.Minute}},
			Log:       slog.New(slog.DiscardHandler), Meter: deaf{},
		}
		var participants []idp.Participant
		for range 20 {
			participants = append(participants, idp.Participant{Protocol: "quick", ServiceID: "quick"}, idp.Participant{Protocol: "slow", ServiceID: "slow"})
		}
		ctx, gone := context.WithCancel(t.Context())
		gone() // a browser that went away stops nothing
		began := time.Now()
		for i, p := range f.tell(ctx, participants, idp.Leaving{}, true) {
			if want := map[bool]fate{true: fateClosed, false: fateOpen}[i%2 == 0]; p.Fate != want {
				t.Errorf("%s is said to be %s", p.Service, p.Fate)
			}
		}
		if took := time.Since(began); took > longestTelling+tellingGrace {
			t.Errorf("it took %s", took)
		}
		time.Sleep(time.Minute)
	})
}

// many is a protocol all of whose services want the browser.
type many struct{ idp.Protocol }

func (many) SignOut(context.Context, idp.Participant, string) (idp.SignOutStep, error) {
	return idp.SignOutStep{Outcome: idp.Needed, Browser: idp.Handoff{Location: "https://lire.example/"}}, nil
}

func TestABrowserVisitsSoManyServicesAndNoMore(t *testing.T) {
	t.Parallel()
	f := &Flow{Protocols: map[string]idp.Protocol{"many": many{}}, Log: slog.New(slog.DiscardHandler), Meter: deaf{}}
	var participants []idp.Participant
	for range mostVisits + 10 {
		participants = append(participants, idp.Participant{Protocol: "many", ServiceID: "x"})
	}
	n := 0
	for _, p := range f.tell(t.Context(), participants, idp.Leaving{}, true) {
		if p.Fate == fateWaiting {
			n++
		}
	}
	if n != mostVisits {
		t.Errorf("%d visits", n)
	}
}
