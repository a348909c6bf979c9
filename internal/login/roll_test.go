package login_test

import (
	"net/http"
	"testing"
	"time"

	"ecluse/internal/idp/idptest"
	"ecluse/internal/login"
	"ecluse/internal/registry"
)

// stops suspends a service or lifts that, as the desk writes it.
func stops(h *idptest.House, id string, suspended bool) {
	h.Registry.Change(func(c *registry.Contents) {
		for i := range c.Services {
			if s := &c.Services[i]; s.ID == id {
				state := registry.Approved
				if suspended {
					state = registry.Suspended
				}
				s.Suspended = suspended
				s.Decisions = append(s.Decisions[:len(s.Decisions):len(s.Decisions)], registry.Decision{At: h.Now(), State: state, Office: "DPD", Reason: "fuite"})
			}
		}
	})
}

func sweeps(t *testing.T, h *idptest.House, kind registry.StopKind, id string, want login.Swept) {
	t.Helper()
	if got, err := h.Flow.Sweep(t.Context(), kind, id); err != nil || got != want {
		t.Errorf("sweeping %s %s: %+v, %v; want %+v", kind, id, got, err, want)
	}
}

func TestAStoppedServiceGivesNothingOnARightThatIsOlderAlsoOnceItIsOpenAgain(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	b := signedIn(t, h, idptest.Lea)
	id := right(t, b)
	if _, err := h.Flow.Resume(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	stops(h, "lire", true)
	if _, err := h.Flow.Resume(t.Context(), id); !isDenied(err) {
		t.Errorf("while it is stopped: %v", err)
	}
	stops(h, "lire", false)
	for range 2 {
		if _, err := h.Flow.Resume(t.Context(), id); !isDenied(err) {
			t.Errorf("once it is open again: %v", err)
		}
	}
	fresh := right(t, b)
	if _, err := h.Flow.Resume(t.Context(), fresh); err != nil {
		t.Errorf("a right that was given since: %v", err)
	}
	h.Registry.Change(func(c *registry.Contents) {
		c.Stops = []registry.Stop{{Kind: registry.StopEstablishment, ID: "0990001A", Suspended: true, Decisions: []registry.Decision{{State: registry.Suspended}}}}
	})
	if _, err := h.Flow.Resume(t.Context(), fresh); err != nil {
		t.Errorf("another establishment was stopped: %v", err)
	}
}

func TestEverybodyIsSignedOutOfAStoppedServiceAndOfNoOther(t *testing.T) {
	t.Parallel()
	w := everyWay()
	h := waysHouse(t, w, nil)
	lea, paul := been(t, h, idptest.Lea, "lire", "carnet"), been(t, h, idptest.Paul, "lire", "calcul")
	id := yes(t, through(t, paul, paul.Open(byGet(t, request("lire", later)))), "lire").Get("resume")
	other := yes(t, through(t, lea, lea.Open(byGet(t, request("carnet", later)))), "carnet").Get("resume")
	stops(h, "lire", true)
	sweeps(t, h, registry.StopService, "lire", login.Swept{Told: 2})
	sweeps(t, h, registry.StopService, "lire", login.Swept{})
	stops(h, "lire", false)
	if _, err := h.Flow.Resume(t.Context(), id); !isDenied(err) {
		t.Errorf("the right at the service: %v", err)
	}
	if _, err := h.Flow.Resume(t.Context(), other); err != nil {
		t.Errorf("the right at another: %v", err)
	}
	w.mu.Lock()
	if len(w.words["lire"]) != 2 || w.words["lire"][0] != "" || len(w.words["carnet"])+len(w.words["calcul"]) != 0 {
		t.Errorf("told: %v", w.words)
	}
	w.mu.Unlock()
	for name, b := range map[string]*idptest.Browser{"a pupil": lea, "a teacher": paul} {
		if p := through(t, b, b.Open(byGet(t, request("lire")))); p.Offers("source") || p.Status != http.StatusOK && p.Landing == nil {
			t.Errorf("%s signs in again, who only left one service: %d %s", name, p.Status, p.Text())
		}
	}
	sweeps(t, h, registry.StopService, "carnet", login.Swept{Queued: 1})
	sweeps(t, h, registry.StopService, "calcul", login.Swept{Open: 1})
	sweeps(t, h, registry.StopService, "nobody-was-there", login.Swept{})
}

func TestAStoppedSourceEndsTheSignInsThatCameThroughIt(t *testing.T) {
	t.Parallel()
	w := everyWay()
	h := waysHouse(t, w, nil)
	b := been(t, h, idptest.Paul, "lire", "carnet")
	sweeps(t, h, registry.StopSource, "another", login.Swept{})
	sweeps(t, h, registry.StopEstablishment, "0990001A", login.Swept{})
	sweeps(t, h, registry.StopSource, idptest.ENT, login.Swept{Told: 1, Queued: 1})
	offers(t, "after the source was stopped", b.Open(byGet(t, request("lire"))), "source")
	sweeps(t, h, registry.StopSource, idptest.ENT, login.Swept{})
}

func TestARollForgetsBlocksThatAreOver(t *testing.T) {
	t.Parallel()
	w := everyWay()
	h := waysHouse(t, w, nil)
	been(t, h, idptest.Paul, "lire")
	h.Clock.Advance(login.DefaultLimits().Session + 2*time.Hour)
	sweeps(t, h, registry.StopService, "lire", login.Swept{})
	been(t, h, idptest.Lea, "lire")
	sweeps(t, h, registry.StopService, "lire", login.Swept{Told: 1})
}

func TestASweepEndsRightsAlsoWhereOnlyAFileStoppedTheService(t *testing.T) {
	t.Parallel()
	w := everyWay()
	h := waysHouse(t, w, nil)
	b := been(t, h, idptest.Paul, "lire")
	id := yes(t, through(t, b, b.Open(byGet(t, request("lire", later)))), "lire").Get("resume")
	sweeps(t, h, registry.StopService, "lire", login.Swept{Told: 1}) // nobody decided: there is nothing to count
	if _, err := h.Flow.Resume(t.Context(), id); !isDenied(err) {
		t.Errorf("the right at the service: %v", err)
	}
}
