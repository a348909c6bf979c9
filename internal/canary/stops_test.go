package canary

import (
	"errors"
	"strings"
	"testing"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/person"
	"ecluse/internal/registry"
)

func leak(t testing.TB) Message {
	return samlOf(t, "lire", attributes{"urn:oid:2.5.4.42": {"Léa"}, "DIV": {"CE2 B"}})
}

func TestABreachSuspendsItsServiceAndIsJournaledWithoutAValue(t *testing.T) {
	t.Parallel()
	w := newWorld(t, academy())
	w.stopped(leak(t), leak(t), samlOf(t, "carnet", attributes{"DIV": {"CE2 B"}}))
	s := w.store.service("lire")
	if !s.StoppedItself() || len(s.Decisions) != 1 || s.Decisions[0].State != registry.Suspended || s.Decisions[0].Reason == "" {
		t.Errorf("lire after two breaches: %+v", s.Decisions)
	}
	if w.store.service("carnet").Suspended {
		t.Error("a service that was sent what it declared is stopped")
	}
	if len(w.store.journal) != 1 {
		t.Fatalf("%d entries in the journal, want one", len(w.store.journal))
	}
	e := w.store.journal[0]
	if e.Class != audit.ClassAdmin || e.Action != "canary_breach" || e.Outcome != audit.Done || e.Reason != string(NamesSomeone) || e.Actor != By ||
		e.Service != "lire" || e.Declaration != "d-lire" || e.Version != 1 || e.Protocol != "saml" || strings.Join(e.Attributes, " ") != "urn:oid:2.5.4.42" {
		t.Errorf("the entry: %+v", e)
	}
	if strings.Contains(s.Decisions[0].Reason, "Léa") || !strings.Contains(s.Decisions[0].Reason, "urn:oid:2.5.4.42") {
		t.Errorf("the decision says %q", s.Decisions[0].Reason)
	}
	if w.meter.outcomes[Looked] != 3 || w.meter.breaches[NamesSomeone] != 2 || w.meter.stops != 0 {
		t.Errorf("counted %v %v %d", w.meter.outcomes, w.meter.breaches, w.meter.stops)
	}
}

func TestUnreadableMessagesSuspendAndFreeLabelsDoNot(t *testing.T) {
	t.Parallel()
	w := newWorld(t, academy())
	w.stopped(message("lire", "saml", "saml-response", []byte("<half")), samlOf(t, "carnet", attributes{"DIV": {"club@ecole.example"}}))
	if !w.store.service("lire").Suspended || w.store.service("carnet").Suspended || w.meter.breaches[FreeLabel] != 1 {
		t.Errorf("lire %v, carnet %v, %v", w.store.service("lire").Suspended, w.store.service("carnet").Suspended, w.meter.breaches)
	}
}

func TestAllReplicasThatSeeABreachWriteItOnce(t *testing.T) {
	t.Parallel()
	store := newStore(academy())
	var all []*Canary
	for range 4 {
		c := store.canary(t, &meter{breaches: map[Kind]int{}})
		c.Start()
		all = append(all, c)
	}
	m := leak(t)
	for range 8 {
		for _, c := range all {
			c.Watch(m)
		}
	}
	for _, c := range all {
		if err := c.Stop(); err != nil {
			t.Error(err)
		}
	}
	if store.applied != 1 || len(store.service("lire").Decisions) != 1 {
		t.Errorf("written %d times: %+v", store.applied, store.service("lire").Decisions)
	}
}

func TestWhileTheRegistryCannotBeWrittenThisReplicaRefusesAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, academy())
	away, tried := true, make(chan struct{}, 100)
	w.store.refuse = func() error {
		tried <- struct{}{}
		if away {
			return errors.New("the database is away")
		}
		return nil
	}
	w.Start()
	w.Watch(leak(t))
	<-tried
	view, err := w.store.Current()
	if err != nil {
		t.Fatal(err)
	}
	if s, _ := view.Service("lire"); s.Suspended {
		t.Fatal("it is written, which the test does not want")
	}
	over := w.Over(view)
	if s, _ := over.Service("lire"); !s.StoppedItself() {
		t.Error("this replica does not refuse")
	}
	if s, _ := over.Service("carnet"); s.Suspended || over.Revision() != view.Revision() || w.Over(view) != over {
		t.Error("another service is refused, or the view is made anew each time")
	}
	w.store.mu.Lock()
	away = false
	w.store.mu.Unlock()
	<-tried
	if err := w.Stop(); err != nil {
		t.Fatal(err)
	}
	if !w.store.service("lire").Suspended {
		t.Error("it was not tried again")
	}
	if view, _ := w.store.Current(); w.Over(view) != view {
		t.Error("what is written is still laid over")
	}
}

func TestStopSaysWhatCouldNotBeWritten(t *testing.T) {
	t.Parallel()
	w := newWorld(t, academy())
	w.stops.add(Breach{Service: "lire", Kind: Undeclared, At: now()})
	w.store.broken = true
	w.end.Do(func() { close(w.ending) })
	if err := w.Stop(); err == nil || !strings.Contains(err.Error(), "lire") {
		t.Errorf("stop says %v", err)
	}
}

// TestAPersonLiftsAndTheCanaryNeverDoes lifts a suspension as the desk does.
func TestAPersonLiftsAndTheCanaryNeverDoes(t *testing.T) {
	t.Parallel()
	c := academy()
	w := newWorld(t, c)
	old := leak(t)
	w.Start()
	w.Watch(old)
	for w.Waiting() > 0 {
		time.Sleep(time.Millisecond)
	}
	s := w.store.service("lire")
	s.Suspended = false
	s.Decisions = append(s.Decisions, registry.Decision{State: registry.Approved, At: now().Add(time.Minute), By: "recteur"})
	w.store.change(registry.Contents{Services: []registry.Service{s}})
	if view, _ := w.store.Current(); w.Over(view) != view {
		t.Error("a service that a person started again is still refused")
	}
	w.Watch(old) // from before
	later := leak(t)
	later.At = now().Add(2 * time.Minute)
	for w.Waiting() > 0 {
		time.Sleep(time.Millisecond)
	}
	if w.store.service("lire").Suspended {
		t.Error("a message from before stops it again")
	}
	w.Watch(later)
	if err := w.Stop(); err != nil {
		t.Fatal(err)
	}
	if s := w.store.service("lire"); !s.StoppedItself() || len(s.Decisions) != 3 {
		t.Errorf("a new breach after the lifting: %+v", s.Decisions)
	}
}

// TestWhatChangedMeanwhileIsNoBreach has each change made after the canary looked. What was stopped at this moment needs no
// memory: the next test has it long ago.
func TestWhatChangedMeanwhileIsNoBreach(t *testing.T) {
	t.Parallel()
	for name, how := range map[string]func(*registry.Service, *registry.Declaration){
		"renamed": func(s *registry.Service, _ *registry.Declaration) {
			s.Bindings[0].Names = map[person.Attr]string{person.Mail: "DIV"}
		},
		"unbound":   func(s *registry.Service, _ *registry.Declaration) { s.Bindings = nil },
		"suspended": func(_ *registry.Service, d *registry.Declaration) { d.State, d.Since = registry.Suspended, now() },
		"stopped": func(s *registry.Service, _ *registry.Declaration) {
			s.Suspended, s.Decisions = true, []registry.Decision{{At: now()}}
		},
		"transferred": func(_ *registry.Service, d *registry.Declaration) { d.Scope.Academies = nil },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, academy())
			w.look()
			view, _ := w.store.Current()
			s, _ := view.Service("lire")
			d, _ := view.Declaration("d-lire", 1)
			s.Bindings = append([]registry.Binding(nil), s.Bindings...)
			how(&s, &d)
			w.store.change(registry.Contents{Services: []registry.Service{s}, Declarations: []registry.Declaration{d}})
			if found := w.see(samlOf(t, "lire", attributes{"DIV": {"CE2 B"}})); len(found) != 0 {
				t.Error(found)
			}
		})
	}
}

func TestWhatIsNotInForceIsABreach(t *testing.T) {
	t.Parallel()
	honest := samlOf(t, "lire", attributes{"DIV": {"CE2 B"}})
	for name, c := range map[string]struct {
		how  func(*Message, *registry.Service, *registry.Declaration)
		want Kind
	}{
		"a draft": {func(_ *Message, _ *registry.Service, d *registry.Declaration) {
			d.State, d.Decisions = registry.Submitted, nil
		}, NotInForce},
		"expired": {func(_ *Message, _ *registry.Service, d *registry.Declaration) {
			d.Until = registry.Date{Year: 2026, Month: 10, Day: 1}
		}, NotInForce},
		"not yet": {func(_ *Message, _ *registry.Service, d *registry.Declaration) {
			d.From = registry.Date{Year: 2026, Month: 11, Day: 1}
		}, NotInForce},
		"suspended long ago": {func(_ *Message, _ *registry.Service, d *registry.Declaration) {
			d.State, d.Since = registry.Suspended, now().Add(-time.Minute)
		}, NotInForce},
		"stopped long ago": {func(_ *Message, s *registry.Service, _ *registry.Declaration) {
			s.Suspended, s.Decisions = true, []registry.Decision{{At: now().Add(-time.Minute)}}
		}, NotInForce},
		"stopped by nobody":  {func(_ *Message, s *registry.Service, _ *registry.Declaration) { s.Suspended = true }, NotInForce},
		"of another service": {func(_ *Message, _ *registry.Service, d *registry.Declaration) { d.ServiceID = "carnet" }, Unregistered},
		"another version":    {func(m *Message, _ *registry.Service, _ *registry.Declaration) { m.Version = 2 }, Unregistered},
		"another handle":     {func(m *Message, _ *registry.Service, _ *registry.Declaration) { m.Handle = "https://x" }, Unregistered},
		"no service":         {func(m *Message, _ *registry.Service, _ *registry.Declaration) { m.Service = "nobody" }, Unregistered},
		"an unknown school":  {func(m *Message, _ *registry.Service, _ *registry.Declaration) { m.UAI = "0010009E" }, OtherPlace},
		"no school":          {func(m *Message, _ *registry.Service, _ *registry.Declaration) { m.UAI = "" }, OtherPlace},
		"a school beyond":    {func(m *Message, _ *registry.Service, _ *registry.Declaration) { m.UAI = "0010003Y" }, OtherPlace},
		"a profile outside":  {func(m *Message, _ *registry.Service, _ *registry.Declaration) { m.Profile = "National_TUT" }, OtherPlace},
		"an item for others": {func(_ *Message, _ *registry.Service, d *registry.Declaration) {
			d.Items[1].Profiles = []person.Profile{person.Teacher}
		}, Undeclared},
		"a name that is renamed": {func(_ *Message, s *registry.Service, _ *registry.Declaration) {
			s.Bindings[0].Names = map[person.Attr]string{person.Mail: "DIV"}
		}, NamesSomeone},
	} {
		contents, m := academy(), honest
		for i := range contents.Services {
			if contents.Services[i].ID == "lire" {
				c.how(&m, &contents.Services[i], &contents.Declarations[i])
			}
		}
		if found := newWorld(t, contents).see(m); !kinds(found)[c.want] {
			t.Errorf("%s: %v, want %s", name, found, c.want)
		}
	}
}

func TestANarrowedServiceIsSentNoName(t *testing.T) {
	t.Parallel()
	c := academy()
	for i := range c.Services {
		c.Services[i].Narrow = registry.Pseudonymous
	}
	if found := newWorld(t, c).see(samlOf(t, "carnet", attributes{"urn:oid:2.5.4.42": {"Léa"}})); !kinds(found)[NamesSomeone] {
		t.Errorf("a name at a narrowed service: %v", found)
	}
}

// TestHardCase42TheCanaryWantsACitedTextForTheINE holds for the word whatever the declaration says.
func TestHardCase42TheCanaryWantsACitedTextForTheINE(t *testing.T) {
	t.Parallel()
	c := academy()
	for i := range c.Declarations {
		c.Declarations[i].Items = append(c.Declarations[i].Items, registry.Item{Attr: person.INE})
	}
	d, err := words()
	if err != nil {
		t.Fatal(err)
	}
	entry, _ := d.Entry(person.INE)
	m := samlOf(t, "carnet", attributes{entry.SAML.Name: {"1234567890A"}})
	if found := newWorld(t, c).see(m); !kinds(found)[Uncited] {
		t.Errorf("declared and no text cited: %v", found)
	}
	c.RuleSets = []registry.RuleSet{{Rules: registry.Rules{INE: "arrêté de l'académie, art. 2"}}}
	if found := newWorld(t, c).see(m); len(found) != 0 {
		t.Errorf("declared and a text cited: %v", found)
	}
}

func TestOutputsAreExplainedByEachOfTheirWords(t *testing.T) {
	t.Parallel()
	c := academy()
	for i := range c.Services {
		c.Services[i].Bindings[0].Outputs = []registry.Output{
			{Attr: "classes", Name: "classe", Profiles: []person.Profile{person.Pupil}},
			{Attr: "classes", Name: "division", Profiles: []person.Profile{person.Teacher}},
			{Name: "vecteur", Between: "|", Parts: []registry.Part{{Text: "4"}, {Attr: person.FamilyName}, {Attr: "classes"}}},
			{Name: "creux", Between: "|", Parts: []registry.Part{{Attr: "classes"}, {Attr: person.FamilyName, Empty: true}}},
			{Name: "marque", Between: "|", Parts: []registry.Part{{Text: "a"}, {Text: "b"}}},
			{Attr: "uai", Name: "rne", Form: registry.Form{Case: "lower", Before: "rne:"}},
			{Attr: "profile", Name: "role", Form: registry.Form{Values: map[string]string{"national_elv": "eleve"}}},
			{Attr: "classes", Name: "numeroNIR"},
		}
	}
	w := newWorld(t, c)
	for name, x := range map[string]struct {
		service string
		of      attributes
		want    Kind
	}{
		"one word":                   {"lire", attributes{"classe": {"CE2 B"}}, ""},
		"another profile's":          {"lire", attributes{"division": {"CE2 B"}}, Undeclared},
		"all words declared":         {"carnet", attributes{"vecteur": {"4|Martin|CE2 B"}}, ""},
		"a word that names":          {"lire", attributes{"vecteur": {"4|Martin|CE2 B"}}, NamesSomeone},
		"a hole":                     {"lire", attributes{"creux": {"CE2 B|"}}, ""},
		"no hole":                    {"lire", attributes{"creux": {"CE2 B|Martin"}}, NamesSomeone},
		"one hole of two":            {"lire", attributes{"creux": {"CE2 B|", "CE2 B|Martin"}}, NamesSomeone},
		"a hole too many":            {"lire", attributes{"creux": {"CE2|B|"}}, NamesSomeone},
		"a fixed text":               {"lire", attributes{"marque": {"a|b"}}, ""},
		"no fixed text":              {"lire", attributes{"marque": {"a|Martin"}}, Undeclared},
		"the school as it is formed": {"lire", attributes{"rne": {"rne:0010001w"}}, ""},
		"another school":             {"lire", attributes{"rne": {"rne:0010002x"}}, OtherPlace},
		"the profile as mapped":      {"lire", attributes{"role": {"eleve"}}, ""},
		"another profile":            {"lire", attributes{"role": {"enseignant"}}, OtherPlace},
		"a forbidden name":           {"lire", attributes{"numeroNIR": {"CE2 B"}}, Forbidden},
		"a NIR in a vector":          {"carnet", attributes{"vecteur": {"4|2 69 05 49 588 157 80|y"}}, Disguised},
	} {
		found := w.see(samlOf(t, x.service, x.of))
		if x.want == "" && len(found) != 0 || x.want != "" && !kinds(found)[x.want] {
			t.Errorf("%s: %v, want %q", name, found, x.want)
		}
	}
}
