package api_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"sync"
	"testing"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/consent"
	"ecluse/internal/desk"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/guardian"
	"ecluse/internal/person"
	"ecluse/internal/policy/conformity/conformitytest"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
	"ecluse/internal/store/memdb"
)

// memory is a registry.Store that begins as it was told, so that each cell of the table stands on a fresh academy. What
// storage owes the registry is tried where storage is.
type memory struct {
	mu     sync.Mutex
	log    []registry.Contents // what was written at revision i+1
	files  map[string]registry.File
	change registry.Change // the last one
}

func remember(c registry.Contents, files ...registry.File) *memory {
	m := &memory{log: []registry.Contents{c}, files: map[string]registry.File{}}
	for _, f := range files {
		m.files[f.Hash] = f
	}
	return m
}

// written tells whether anything was written.
func (m *memory) written() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.log) > 1
}

func (m *memory) Revision(context.Context) (int64, error) { return int64(len(m.log)), nil }

func (m *memory) Load(ctx context.Context) (registry.Contents, error) { return m.Since(ctx, 0) }

func (m *memory) Since(_ context.Context, revision int64) (registry.Contents, error) {
	out := registry.Contents{}
	for _, c := range m.log[revision:] {
		out.Services, out.Declarations = append(out.Services, c.Services...), append(out.Declarations, c.Declarations...)
		out.Families, out.Headcounts = append(out.Families, c.Families...), append(out.Headcounts, c.Headcounts...)
		out.Charters, out.Stops, out.Incidents = append(out.Charters, c.Charters...), append(out.Stops, c.Stops...), append(out.Incidents, c.Incidents...)
		out.Establishments, out.Sources = append(out.Establishments, c.Establishments...), append(out.Sources, c.Sources...)
		out.Delegations, out.Enablings = append(out.Delegations, c.Delegations...), append(out.Enablings, c.Enablings...)
		out.Openings, out.Wishes = append(out.Openings, c.Openings...), append(out.Wishes, c.Wishes...)
		out.Appointments, out.Tokens = append(out.Appointments, c.Appointments...), append(out.Tokens, c.Tokens...)
		out.RuleSets, out.Models = append(out.RuleSets, c.RuleSets...), append(out.Models, c.Models...)
		out.Assessments, out.Inquiries = append(out.Assessments, c.Assessments...), append(out.Inquiries, c.Inquiries...)
	}
	out.Revision = int64(len(m.log))
	return out, nil
}

func (m *memory) File(_ context.Context, hash string) (registry.File, bool, error) {
	f, ok := m.files[hash]
	return f, ok, nil
}

func (m *memory) Apply(_ context.Context, c registry.Change, _ audit.Entry) (int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if c.Base != 0 && c.Base != int64(len(m.log)) {
		return 0, registry.ErrConflict
	}
	m.change = c
	m.log = append(m.log, registry.Contents{
		Services: c.Services, Declarations: c.Declarations, Establishments: c.Establishments, Sources: c.Sources,
		Delegations: c.Delegations, Enablings: c.Enablings, Openings: c.Openings, Wishes: c.Wishes, Inquiries: c.Inquiries, Appointments: c.Appointments,
		Tokens: c.Tokens, RuleSets: c.RuleSets, Models: c.Models, Assessments: c.Assessments,
		Families: c.Families, Headcounts: c.Headcounts, Charters: c.Charters, Comments: c.Comments, Given: c.Given, Stops: c.Stops, Incidents: c.Incidents,
	})
	for _, f := range c.Files {
		m.files[f.Hash] = f
	}
	return int64(len(m.log)), nil
}

// What the academy of the table holds besides desktest's. secret stands in every draft of the collège and in nothing that
// was approved; author and wisher are handles of people who are nobody's to read.
const (
	secret = "brouillon-qui-ne-regarde-personne"
	author = "handle-of-somebody-else"
	wisher = "handle-of-a-teacher-who-wishes"
	word   = "AAAAA-BBBBB"
)

// text is a version about one of the collège's services.
func text(id string, state registry.State) registry.Declaration {
	d := desktest.ForSchools(desktest.College)
	d.ID, d.ServiceID, d.State, d.Author, d.Since = id, "lire", state, author, desktest.Start()
	if state != registry.Approved && state != registry.Suspended {
		d.Purposes = append(d.Purposes, registry.Text{FR: secret})
	}
	return d
}

// under adds what brought a version where it is.
func under(d registry.Declaration, opinion bool, states ...registry.State) registry.Declaration {
	for i, state := range states {
		d.Decisions = append(d.Decisions, registry.Decision{At: desktest.Start().Add(time.Duration(i-9) * time.Hour), State: state, Office: "chef d'établissement", By: "handle-of-a-head"})
	}
	if opinion {
		d.Opinions = []registry.Opinion{{At: desktest.Start(), Value: registry.Favourable, Office: "DPD", By: "handle-of-the-dpo", Text: d.Fingerprint()}}
	}
	return d
}

func declarations() []registry.Declaration {
	all := conformitytest.Conforming("calcul", "a-approved")
	all.State, all.Author = registry.Approved, author
	paper := text("d-paper", registry.Submitted)
	paper.Paper = &registry.Paper{Act: "2026-4", Date: desktest.Day("2026-10-01"), Signatory: "chef d'établissement", Document: conformitytest.Hash("contract")}
	return []registry.Declaration{
		text("d-draft", registry.Draft),
		text("d-submitted", registry.Submitted),
		under(text("d-review", registry.InReview), true, registry.Submitted, registry.InReview),
		under(text("d-approved", registry.Approved), true, registry.Submitted, registry.Approved),
		under(text("d-suspended", registry.Suspended), true, registry.Submitted, registry.Approved, registry.Suspended),
		under(all, true, registry.Submitted, registry.Approved),
		paper,
	}
}

// scene is what the table's academy holds.
func scene(from registry.Contents) registry.Contents {
	c := from
	c.Services = append(c.Services, registry.Service{
		ID: "arrete", Name: registry.Text{FR: "Arrêté"}, Sentence: registry.Text{FR: "Pour essayer."}, Provider: "Éditions du Canal", Category: "lecture", Suspended: true,
		Bindings: []registry.Binding{{Protocol: "saml", Handle: "https://arrete.example/sp"}},
	})
	bureau := c.Services[len(c.Services)-1]
	bureau.ID, bureau.Suspended, bureau.Bindings = registry.Desk, false, []registry.Binding{{Protocol: "console", Handle: registry.Desk}}
	c.Services = append(c.Services, bureau)
	c.Declarations = append(c.Declarations, declarations()...)
	c.Enablings = append(c.Enablings, registry.Enabling{
		Service: "calcul", UAI: desktest.College, State: registry.ClaimedOnPaper, Declaration: "a-approved", Version: 1, ManagedBy: "enablings.yaml",
		Paper: &registry.Paper{Act: "2026-5", Date: desktest.Day("2026-10-01"), Signatory: "chef d'établissement", Document: conformitytest.Hash("contract")},
	})
	c.Wishes = append(c.Wishes, registry.Wish{ID: "w-1", UAI: desktest.College, About: "pix", Reason: "pour la classe", By: []string{wisher}, At: desktest.Start(), State: registry.Wished})
	c.Openings = append(c.Openings, registry.Opening{
		ID: "o-1", Service: "calcul", Declaration: "a-approved", Version: 1, Academy: desktest.Academy, Act: "2026-6", Reason: "crue",
		From: desktest.Day("2026-11-20"), Until: desktest.Day("2026-12-01"),
	})
	c.Sources = append(c.Sources, stopped(c.Sources[0], "ent-arrete"), stopped(c.Sources[0], "ent-seul"), temporaryAccounts())
	c.Appointments = append(c.Appointments, appointments()...)
	c.Delegations = append(c.Delegations, registry.Delegation{
		ID: "g-1", UAI: desktest.College, Function: "ADJ", Act: "2026-7", From: desktest.Day("2026-09-01"), Until: desktest.Day("2027-08-31"),
	})
	c.Charters = append(c.Charters, hung())
	c.Incidents = append(c.Incidents, leaks()...)
	c.Declarations = append(c.Declarations, asksOnPaper())
	c.Tokens = append(c.Tokens, registry.Token{
		ID: "t-1", Hash: hash("nobody knows it"), Name: "somebody's", Holder: author, Scopes: []string{"read"}, Made: desktest.Start(), Until: desktest.Start().AddDate(0, 1, 0),
	})
	return c
}

func stopped(s registry.Source, id string) registry.Source {
	s.ID, s.Suspended = id, true
	entry := *s.Declaration
	entry.State = registry.Submitted
	s.Declaration = &entry
	return s
}

func appointments() []registry.Appointment {
	give := func(id string, role registry.Role, over registry.Over, state registry.AppState, holder string) registry.Appointment {
		return registry.Appointment{
			ID: id, Role: role, Over: over, Reason: "essai", Act: "2026-8", From: desktest.Day("2026-01-01"), Until: desktest.Day("2027-06-30"),
			State: state, Holder: holder, Author: author, Since: desktest.Start(),
		}
	}
	at := registry.Over{UAIs: []person.UAI{desktest.College}}
	waiting := give("p-claim", registry.Assistant, at, registry.ConfirmedApp, "")
	waiting.Claim = hash("AAAAABBBBB")
	return []registry.Appointment{
		give("p-1", registry.Assistant, at, registry.Proposed, ""), waiting,
		give("collectivite", registry.Collectivite, registry.Over{UAIs: []person.UAI{desktest.College}, Sources: []string{"ent", "ent-arrete"}}, registry.ConfirmedApp, "handle-of-the-collectivite"),
	}
}

// inquiries are one that the data-protection officer asked, and one of each kind that the auditor confirmed.
func inquiries(t testing.TB, d *desk.Desk) []registry.Inquiry {
	t.Helper()
	one := func(id string, state registry.State, by ...registry.Decision) registry.Inquiry {
		hidden, err := d.Subjects.Hide(id, person.Key{Authority: "ac", ID: "eleve-4711"})
		if err != nil {
			t.Fatal(err)
		}
		return registry.Inquiry{ID: id, Academy: desktest.Academy, Source: "ent", Person: hidden, State: state, Until: desktest.Start().AddDate(0, 0, 7), Decisions: by}
	}
	asked := registry.Decision{At: desktest.Start(), State: registry.Submitted, Office: "DPD", By: "handle-of-the-dpo", Reason: "réclamation"}
	second := registry.Decision{At: desktest.Start(), State: registry.Approved, Office: "audit", By: "handle-of-the-auditor"}
	hidden, err := d.Subjects.HideMatch("q-match", []byte(`{"service":"lire","pseudonym":"0123-4567-89AB","candidates":[[["ac","1"]],[["ac","2"]]]}`))
	if err != nil {
		t.Fatal(err)
	}
	match := registry.Inquiry{
		ID: "q-match", Academy: desktest.Academy, Match: hidden, Candidates: 2, State: registry.Approved, Until: desktest.Start().AddDate(0, 0, 7),
		Decisions: []registry.Decision{asked, second},
	}
	return []registry.Inquiry{one("q-asked", registry.Submitted, asked), one("q-confirmed", registry.Approved, asked, second), match}
}

// schoolContract is the hash of the contract of every declaration of the collège.
func schoolContract() string { return desktest.ForSchools(desktest.College).Documents[0].Hash }

func hash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

// column is one kind of caller of the table.
type column struct {
	name   string
	caller roles.Caller
}

// columns are the sixteen roles in the register's order, then who else comes: the head of another school, the recteur by a
// token that may only read, somebody who holds nothing, and nobody.
func (f *front) columns() []column {
	reader := f.Recteur()
	reader.Scopes = []string{"read"}
	return []column{
		{"provider", f.Provider()},
		{"staff", f.Teacher(desktest.College)},
		{"directeur", f.Head(desktest.Ecole)},
		{"ien", f.IEN()},
		{"head", f.Head(desktest.College)},
		{"deputy", f.Deputy(desktest.College, "2026-9", desktest.Day("2027-08-31"))},
		{"assistant", f.Assistant()},
		{"dasen", f.DASEN()},
		{"recteur", f.Recteur()},
		{"drane", f.DRANE()},
		{"dpo", f.DPO()},
		{"admin", f.Admin()},
		{"oncall", f.OnCall()},
		{"collectivite", roles.Caller{Handle: "handle-of-the-collectivite"}},
		{"support", f.Support()},
		{"auditor", f.Auditor()},
		{"other_head", f.Head(desktest.Other)},
		{"reader", reader},
		{"stranger", f.Stranger()},
		{"anonymous", roles.Caller{}},
	}
}

// stage is the interface on an academy that each cell finds as it was.
type stage struct {
	*front
	from    registry.Contents
	files   []registry.File
	journal *audit.Journal
	ruled   bool              // the academy was begun with the rules that wait
	all     registry.Contents // what is shipped
}

func newStage(t testing.TB) *stage {
	t.Helper()
	s := &stage{front: newFront(t)}
	s.keepTwo(t)
	contents, err := s.Store.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	contents.Revision = 0
	s.from, s.all = scene(contents), s.Live.Shipped
	proposal := registry.RuleSet{From: desktest.Day("2027-01-01"), Author: author, Proposed: desktest.Start(), Rules: s.all.RuleSets[0].Rules}
	proposal.Rules.Version, proposal.Rules.Note = 1, "essai"
	proposal.Signatures = []registry.Signature{{At: desktest.Start(), Role: registry.DRANE, By: author}}
	s.from.RuleSets = append(s.from.RuleSets, proposal)
	for _, v := range s.from.Declarations {
		for _, p := range v.Documents {
			s.files = append(s.files, registry.File{Hash: p.Hash, Type: "application/pdf", Body: []byte("%PDF-1.7 contrat")})
		}
	}
	s.files = append(s.files, hung().Files()...)
	s.journal, s.Desk.Journal = s.Desk.Journal, nil
	s.from.Inquiries = inquiries(t, s.Desk)
	asked := registry.Decision{At: desktest.Start(), State: registry.Submitted, By: "h-somebody", Office: "DPO"}
	s.from.Families = []registry.Family{{ID: "calcul", State: registry.Submitted, Decisions: []registry.Decision{asked}}}
	for _, c := range s.columns() {
		if c.name != "anonymous" {
			c.caller.Session = "session-of-" + c.name
			s.as(c.name, c.caller)
		}
	}
	s.reset(t)
	return s
}

// reset makes the academy what it was.
func (s *stage) reset(t testing.TB) { s.begin(t, s.from) }

func (s *stage) begin(t testing.TB, from registry.Contents) {
	t.Helper()
	s.Desk.Accounts = aFew()
	s.Desk.Agreements = (&consent.Book{Store: drawer{}, Keys: s.Ring, Now: s.now}).Ledger()
	s.Desk.Guardians = &guardian.Book{Store: shelf{}, Keys: s.Ring, Now: s.now}
	s.Desk.Rights = aPile(t, s.Ring, s.now, s.Live.Zone)
	s.Desk.Mails = oneMail()
	s.Desk.Sent = func(handle, service string) string { return handle + service }
	s.console.Tickets = memdb.New(s.now)
	if m, ok := s.Desk.Store.(*memory); ok && !m.written() && s.ruled == (from.RuleSets != nil) {
		return // most cells write nothing: the next one finds the academy as it was
	}
	s.Desk.Store, s.ruled = remember(from, s.files...), from.RuleSets != nil
	s.Desk.Live = &registry.Live{Store: s.Desk.Store, Zone: s.Live.Zone, Now: s.now, Shipped: s.all}
	if err := s.Desk.Live.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.around.Live = s.Desk.Live
}

func (s *stage) now() time.Time { return s.Now() }

func jsonOf(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // the bodies of this file always encode
	}
	return string(text)
}
