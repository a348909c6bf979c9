package login

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"testing"
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
