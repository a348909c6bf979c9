package registry_test

import (
	"encoding/json"
	"testing"
	"time"

	"ecluse/internal/registry"
)

func states() []registry.State {
	return []registry.State{
		"", registry.Draft, registry.Submitted, registry.InReview, registry.ToCorrect, registry.Approved, registry.Suspended,
		registry.Archived, registry.Refused, "unheard-of",
	}
}

// TestEveryMoveIsLegalOrNot goes through every pair of states; what is not in the table is refused.
func TestEveryMoveIsLegalOrNot(t *testing.T) {
	t.Parallel()
	type move struct{ from, to registry.State }
	legal := map[move]bool{
		{"", registry.Submitted}:                 true,
		{"", registry.Archived}:                  true,
		{registry.Draft, registry.Submitted}:     true,
		{registry.Draft, registry.Archived}:      true,
		{registry.Submitted, registry.InReview}:  true,
		{registry.Submitted, registry.ToCorrect}: true,
		{registry.Submitted, registry.Approved}:  true,
		{registry.Submitted, registry.Refused}:   true,
		{registry.Submitted, registry.Archived}:  true,
		{registry.InReview, registry.ToCorrect}:  true,
		{registry.InReview, registry.Approved}:   true,
		{registry.InReview, registry.Refused}:    true,
		{registry.ToCorrect, registry.Submitted}: true,
		{registry.ToCorrect, registry.Archived}:  true,
		{registry.Approved, registry.Suspended}:  true,
		{registry.Approved, registry.Archived}:   true,
		{registry.Suspended, registry.Approved}:  true,
		{registry.Suspended, registry.Archived}:  true,
	}
	at := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	for _, from := range states() {
		for _, to := range states() {
			before := registry.Declaration{ID: "d", Version: 2, State: from}
			after, err := before.Move(registry.Decision{At: at, State: to, Office: "recteur"})
			if legal[move{from, to}] != (err == nil) {
				t.Errorf("from %q to %q: %v", from, to, err)
				continue
			}
			if err != nil {
				if after.State != from || len(after.Decisions) != 0 {
					t.Errorf("from %q to %q: refused and changed all the same", from, to)
				}
				continue
			}
			if after.State != to || !after.Since.Equal(at) || len(after.Decisions) != 1 || after.Decisions[0].Office != "recteur" {
				t.Errorf("from %q to %q: the decision is not kept", from, to)
			}
			if before.State != from || len(before.Decisions) != 0 {
				t.Errorf("from %q to %q: the declaration before the move has changed", from, to)
			}
		}
	}
}

func TestMovesShareNoHistory(t *testing.T) {
	t.Parallel()
	d := registry.Declaration{ID: "d", Version: 1, State: registry.Approved, Decisions: make([]registry.Decision, 1, 8)}
	first, _ := d.Move(registry.Decision{State: registry.Suspended})
	if _, err := d.Move(registry.Decision{State: registry.Archived}); err != nil {
		t.Fatal(err)
	}
	if got := first.Decisions[1].State; got != registry.Suspended {
		t.Errorf("the first history now says %q", got)
	}
}

func TestWasApprovedRemembersApprovals(t *testing.T) {
	t.Parallel()
	approved := []registry.Decision{{State: registry.Submitted}, {State: registry.Approved}}
	for name, c := range map[string]struct {
		d    registry.Declaration
		want bool
	}{
		"approved now":                        {registry.Declaration{State: registry.Approved}, true},
		"suspended":                           {registry.Declaration{State: registry.Suspended, Decisions: approved}, true},
		"suspended with its history lost":     {registry.Declaration{State: registry.Suspended}, true},
		"archived after having been in force": {registry.Declaration{State: registry.Archived, Decisions: approved}, true},
		"archived as a draft":                 {registry.Declaration{State: registry.Archived}, false},
		"submitted":                           {registry.Declaration{State: registry.Submitted, Decisions: approved[:1]}, false},
		"refused":                             {registry.Declaration{State: registry.Refused}, false},
	} {
		if got := c.d.WasApproved(); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestSameTextLooksAtWhatIsSaidNotAtWhatWasDecided(t *testing.T) {
	t.Parallel()
	base := declaration()
	decided := base
	decided.State, decided.Since, decided.ManagedBy = registry.Approved, time.Now(), "a.yaml"
	decided.Message, decided.Decisions = registry.Text{FR: "m"}, []registry.Decision{{State: registry.Approved}}
	if !base.SameText(decided) {
		t.Error("a decision changes the text")
	}
	changed := base
	changed.Until = base.Until.Add(1)
	if base.SameText(changed) {
		t.Error("another last day is the same text")
	}
}

// TestSubstanceIsWhatAPersonWasTold changes one thing at a time.
func TestSubstanceIsWhatAPersonWasTold(t *testing.T) {
	t.Parallel()
	base := declaration().Substance()
	for name, c := range map[string]struct {
		change func(*registry.Declaration)
		differ bool
	}{
		"controller":   {func(d *registry.Declaration) { d.Controller.Name = "Autre" }, true},
		"relation":     {func(d *registry.Declaration) { d.Supplier.Relation = registry.Internal }, true},
		"supplier":     {func(d *registry.Declaration) { d.Supplier.Name = "Autre" }, true},
		"purposes":     {func(d *registry.Declaration) { d.Purposes = append(d.Purposes, registry.Text{FR: "et"}) }, true},
		"basis":        {func(d *registry.Declaration) { d.Basis.Kind = registry.Consent }, true},
		"mode":         {func(d *registry.Declaration) { d.Mode = registry.Nominative }, true},
		"pseudonym":    {func(d *registry.Declaration) { d.Pseudonym = registry.Stable }, true},
		"items":        {func(d *registry.Declaration) { d.Items = d.Items[:0] }, true},
		"an item":      {func(d *registry.Declaration) { d.Items = []registry.Item{{Attr: "mail"}} }, true},
		"hosting":      {func(d *registry.Declaration) { d.Hosting = []string{"US"} }, true},
		"transfers":    {func(d *registry.Declaration) { d.Transfers = []registry.Transfer{{Country: "US"}} }, true},
		"retention":    {func(d *registry.Declaration) { d.Retention = registry.Text{FR: "dix ans"} }, true},
		"version":      {func(d *registry.Declaration) { d.Version++ }, false},
		"dates":        {func(d *registry.Declaration) { d.From, d.Until = d.Until, d.Until.Add(9) }, false},
		"state":        {func(d *registry.Declaration) { d.State, d.Since = registry.Suspended, time.Now() }, false},
		"scope":        {func(d *registry.Declaration) { d.Scope.UAIs = append(d.Scope.UAIs, college) }, false},
		"audience":     {func(d *registry.Declaration) { d.Audience.MinAge = 13 }, false},
		"no transfers": {func(d *registry.Declaration) { d.Transfers = []registry.Transfer{} }, false},
		"the default":  {func(d *registry.Declaration) { d.Pseudonym = registry.PerCycle }, false},
	} {
		d := declaration()
		c.change(&d)
		if got := d.Substance() != base; got != c.differ {
			t.Errorf("%s: changes the substance: %v, want %v", name, got, c.differ)
		}
	}
}

func TestSubstanceSurvivesStorage(t *testing.T) {
	t.Parallel()
	d := declaration()
	d.Transfers, d.Hosting = []registry.Transfer{}, []string{}
	text, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	var back registry.Declaration
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	if back.Substance() != d.Substance() || !back.SameText(d) {
		t.Error("a declaration read back says something else")
	}
}
