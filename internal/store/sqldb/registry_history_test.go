package sqldb

import (
	"errors"
	"testing"
	"time"

	"ecluse/internal/registry"
)

// edits is what somebody might try on the objects of fullChange once they are stored, and what comes of it.
func edits() map[string]struct {
	edit func(*registry.Change)
	want error
} {
	type edit = struct {
		edit func(*registry.Change)
		want error
	}
	return map[string]edit{
		"a decision removed from a declaration": {func(c *registry.Change) { c.Declarations[0].Decisions = nil }, registry.ErrHistory},
		"a decision on a declaration rewritten": {func(c *registry.Change) { c.Declarations[0].Decisions[0].Office = "recteur" }, registry.ErrHistory},
		"a decision put before the others": {func(c *registry.Change) {
			c.Declarations[0].Decisions = append(decided(registry.Refused), c.Declarations[0].Decisions...)
		}, registry.ErrHistory},
		"an opinion removed":            {func(c *registry.Change) { c.Declarations[0].Opinions = nil }, registry.ErrHistory},
		"an opinion turned round":       {func(c *registry.Change) { c.Declarations[0].Opinions[0].Value = registry.Favourable }, registry.ErrHistory},
		"a confirmed version of terms":  {func(c *registry.Change) { c.Declarations[0].Terms[0].Version = "2" }, registry.ErrHistory},
		"an approved text":              {func(c *registry.Change) { c.Declarations[0].Until = c.Declarations[0].Until.Add(1) }, registry.ErrApproved},
		"the rules it was judged under": {func(c *registry.Change) { c.Declarations[0].Judged.Rules = 7 }, registry.ErrApproved},
		"the judgement dropped":         {func(c *registry.Change) { c.Declarations[0].Judged = nil }, registry.ErrApproved},
		"an enabling's past": {func(c *registry.Change) {
			c.Enablings[0].State, c.Enablings[0].Decisions = registry.Withdrawn, decided(registry.Archived)
		}, registry.ErrHistory},
		"an opening's past":          {func(c *registry.Change) { c.Openings[0].Decisions = nil }, registry.ErrHistory},
		"who asked about a person":   {func(c *registry.Change) { c.Inquiries[0].Decisions = nil }, registry.ErrHistory},
		"whom an inquiry is about":   {func(c *registry.Change) { c.Inquiries[0].Person = "sealed for another" }, registry.ErrHistory},
		"what a match is about":      {func(c *registry.Change) { c.Inquiries[0].Match = "sealed later" }, registry.ErrHistory},
		"how many a match has":       {func(c *registry.Change) { c.Inquiries[0].Candidates++ }, registry.ErrHistory},
		"where an inquiry is asked":  {func(c *registry.Change) { c.Inquiries[0].Academy = "ailleurs" }, registry.ErrHistory},
		"an inquiry that ended":      {func(c *registry.Change) { c.Inquiries[0].Person, c.Inquiries[0].State = "", registry.Archived }, nil},
		"an earlier generation":      {func(c *registry.Change) { c.Families[0].Generation-- }, registry.ErrHistory},
		"two generations at once":    {func(c *registry.Change) { c.Families[0].Generation += 2 }, registry.ErrHistory},
		"who asked for new numbers":  {func(c *registry.Change) { c.Families[0].Decisions = nil }, registry.ErrHistory},
		"a list to be taken again":   {func(c *registry.Change) { c.Families[0].Taken = time.Time{} }, registry.ErrHistory},
		"an appointment's past":      {func(c *registry.Change) { c.Appointments[0].Decisions[0].Reason = "" }, registry.ErrHistory},
		"a signature removed":        {func(c *registry.Change) { c.RuleSets[0].Signatures = nil }, registry.ErrHistory},
		"a signature of another":     {func(c *registry.Change) { c.RuleSets[0].Signatures[0].By = "h2" }, registry.ErrHistory},
		"rules that are signed":      {func(c *registry.Change) { c.RuleSets[0].Rules.ConsentAge = 13 }, registry.ErrApproved},
		"the day signed rules begin": {func(c *registry.Change) { c.RuleSets[0].From = c.RuleSets[0].From.Add(-1) }, registry.ErrApproved},
		"the author of signed rules": {func(c *registry.Change) { c.RuleSets[0].Author = "h2" }, registry.ErrApproved},
		"what somebody said":         {func(c *registry.Change) { c.Comments[0].Says = "rien" }, registry.ErrHistory},
		"why it was stopped":         {func(c *registry.Change) { c.Stops[0].Decisions[0].Reason = "rien" }, registry.ErrHistory},
		"what was done about it":     {func(c *registry.Change) { c.Incidents[0].Steps[0].Text = "rien" }, registry.ErrHistory},
		"that it was done":           {func(c *registry.Change) { c.Incidents[0].Steps = nil }, registry.ErrHistory},
		"when an incident began":     {func(c *registry.Change) { c.Incidents[0].Opened = c.Incidents[0].Opened.Add(1) }, registry.ErrHistory},
		"when a notice was given":    {func(c *registry.Change) { c.Given[0].On = c.Given[0].On.Add(1) }, registry.ErrHistory},
		"who said it":                {func(c *registry.Change) { c.Comments[0].By = "h2" }, registry.ErrHistory},

		"one more decision": {func(c *registry.Change) {
			c.Declarations[0].State = registry.Suspended
			c.Declarations[0].Decisions = append(c.Declarations[0].Decisions, decided(registry.Suspended)...)
			c.Declarations[0].Opinions = append(c.Declarations[0].Opinions, registry.Opinion{Value: registry.Favourable})
			c.Declarations[0].Terms = append(c.Declarations[0].Terms, registry.Confirmed{Version: "2"})
			c.Declarations[0].Review = &registry.Review{Why: "conditions changées"}
		}, nil},
		"one more act everywhere": {func(c *registry.Change) {
			c.Enablings[0].Decisions = append(c.Enablings[0].Decisions, decided(registry.Archived)...)
			c.Openings[0].Decisions = append(c.Openings[0].Decisions, decided(registry.Archived)...)
			c.Appointments[0].Decisions = append(c.Appointments[0].Decisions, decided(registry.Approved)...)
			c.RuleSets[0].Signatures = append(c.RuleSets[0].Signatures, registry.Signature{By: "h3"})
		}, nil},
		"the next generation":              {func(c *registry.Change) { c.Families[0].Generation++; c.Families[0].Taken = time.Time{} }, nil},
		"rules withdrawn":                  {func(c *registry.Change) { c.RuleSets[0].Dropped = true }, nil},
		"a service's past":                 {func(c *registry.Change) { c.Services[0].Decisions = nil }, registry.ErrHistory},
		"who stopped a service":            {func(c *registry.Change) { c.Services[0].Decisions[0].By = "h9" }, registry.ErrHistory},
		"a source's past":                  {func(c *registry.Change) { c.Sources[0].Decisions = nil }, registry.ErrHistory},
		"the approval of a source":         {func(c *registry.Change) { c.Sources[0].Declaration.Decisions = nil }, registry.ErrHistory},
		"the approval of a source by name": {func(c *registry.Change) { c.Sources[0].Declaration.Decisions[0].Office = "DASEN" }, registry.ErrHistory},
		"a source's declaration":           {func(c *registry.Change) { c.Sources[0].Declaration = nil }, registry.ErrHistory},
		"one more act on a service and a source": {func(c *registry.Change) {
			c.Services[0].Decisions = append(c.Services[0].Decisions, decided(registry.Approved)...)
			c.Sources[0].Decisions = append(c.Sources[0].Decisions, decided(registry.Approved)...)
			c.Sources[0].Declaration.Reference = "annuaire-2"
			c.Sources[0].Declaration.Decisions = append(c.Sources[0].Declaration.Decisions, decided(registry.Submitted)...)
		}, nil},
		"a new version": {func(c *registry.Change) {
			c.Declarations[0] = registry.Declaration{ID: "d1", ServiceID: "lire", Version: 2}
		}, nil},
		"new rules": {func(c *registry.Change) { c.RuleSets[0] = registry.RuleSet{Rules: registry.Rules{Version: 2}} }, nil},
	}
}

// decidedChange is fullChange with an approved declaration that has a whole life behind it.
func decidedChange() registry.Change {
	c := fullChange()
	d := &c.Declarations[0]
	d.State, d.Decisions = registry.Approved, decided(registry.Approved)
	d.Opinions = []registry.Opinion{{Value: registry.WithReservations, Reason: "durées", Office: "DPD"}}
	d.Terms = []registry.Confirmed{{Version: "1", Office: "recteur"}}
	c.Services[0].Decisions = decided(registry.Suspended)
	c.Sources[0].Decisions = decided(registry.Suspended)
	c.Sources[0].Declaration = &registry.SourceDeclaration{Reference: "annuaire-1", State: registry.Approved, Decisions: decided(registry.Approved)}
	d.Judged = &registry.Examination{Rules: 1, Findings: []registry.Finding{{Where: "hosting"}}}
	return c
}

func TestAHistoryIsOnlyAddedTo(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *DB) {
		s := &Registry{DB: d, Journal: testJournal(t, d, "w-1")}
		mustApply(t, s, decidedChange())
		var last int64 = 1
		for name, e := range edits() {
			if e.want == nil {
				continue
			}
			change := decidedChange()
			e.edit(&change)
			if _, err := s.Apply(t.Context(), change, applyEntry()); !errors.Is(err, e.want) {
				t.Errorf("%s: %v, want %v", name, err, e.want)
			}
			if revision, err := s.Revision(t.Context()); err != nil || revision != last {
				t.Fatalf("%s: revision %d, %v", name, revision, err)
			}
		}
	})
}

func TestWhatAddsToAHistoryIsTaken(t *testing.T) {
	t.Parallel()
	for name, e := range edits() {
		if e.want != nil {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := openAt(t, migrated.SQLite(t), Options{})
			s := &Registry{DB: d, Journal: testJournal(t, d, "w-1")}
			mustApply(t, s, decidedChange())
			change := decidedChange()
			e.edit(&change)
			mustApply(t, s, change)
			if revision, err := s.Revision(t.Context()); err != nil || revision != 2 {
				t.Errorf("revision %d, %v", revision, err)
			}
		})
	}
}

func TestADroppedProposalOfRulesStaysDropped(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *DB) {
		s := &Registry{DB: d, Journal: testJournal(t, d, "w-1")}
		set := fullChange().RuleSets[0]
		set.Dropped = true
		mustApply(t, s, registry.Change{RuleSets: []registry.RuleSet{set}})
		set.Dropped = false
		if _, err := s.Apply(t.Context(), registry.Change{RuleSets: []registry.RuleSet{set}}, applyEntry()); !errors.Is(err, registry.ErrHistory) {
			t.Errorf("%v, want ErrHistory", err)
		}
	})
}

func TestOneObjectWithARewrittenPastRefusesAWholeBulkAct(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *DB) {
		s := &Registry{DB: d, Journal: testJournal(t, d, "w-1")}
		mustApply(t, s, registry.Change{Enablings: enablings("lire", 0, 250)})
		for _, at := range []int{0, 150, 249} { // in a chunk of a hundred, and among the rest
			bulk := enablings("lire", 1, 250)
			bulk[at].Decisions = bulk[at].Decisions[1:]
			if _, err := s.Apply(t.Context(), registry.Change{Enablings: bulk}, applyEntry()); !errors.Is(err, registry.ErrHistory) {
				t.Errorf("number %d: %v, want ErrHistory", at, err)
			}
		}
		mustApply(t, s, registry.Change{Enablings: enablings("lire", 1, 250)})
		c, err := s.Since(t.Context(), 1)
		if err != nil || c.Revision != 2 || len(c.Enablings) != 250 {
			t.Errorf("revision %d, %d enablings, %v", c.Revision, len(c.Enablings), err)
		}
	})
}
