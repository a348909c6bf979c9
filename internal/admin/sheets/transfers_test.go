package sheets_test

import (
	"net/http"
	"testing"

	"ecluse/internal/desk/desktest"
	"ecluse/internal/registry"
)

func TestTheListIsNarrowedToWhatRestsOnAnInstrument(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	d := declared("d-1", desktest.College, desktest.Other)
	d.Version, d.Transfers = 2, []registry.Transfer{{Country: "US", Recipient: "Éditions du Canal", Instrument: registry.DPF}}
	draft := declared("d-2", desktest.College)
	draft.ServiceID, draft.State, draft.Transfers = "calcul", registry.Draft, d.Transfers
	b.Apply(t, registry.Change{Declarations: []registry.Declaration{d, draft}})
	for query, want := range map[string]bool{"": true, "dpf": true, "scc": false, "unknown": true} {
		a := b.Ask(b.DPO(), http.MethodGet, "/bureau/services?transfert="+query)
		if a.Status != http.StatusOK || a.Says(`href="/bureau/services/lire"`) != want {
			t.Errorf("%q: %d, lire is listed: %v", query, a.Status, !want)
		}
		if listed := a.Says(`href="/bureau/services/calcul"`); listed != (query == "" || query == "unknown") {
			t.Errorf("%q: calcul, of which a draft alone says so, is listed: %v", query, listed)
		}
	}
}
