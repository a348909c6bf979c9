package desk_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"ecluse/internal/audit/audittest"
	"ecluse/internal/consent"
	"ecluse/internal/consent/papers"
	"ecluse/internal/desk"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
	"ecluse/internal/store/sqldb"
)

// asksParents gives the desk somewhere to file what papers say, and a declaration of the academy that asks parents.
func asksParents(t testing.TB, h *desktest.House) (*consent.Ledger, registry.Declaration) {
	t.Helper()
	journal := audittest.Journal(t, h.DB.Audit(), h.Ring, "papers", h.Now)
	ledger := (&consent.Book{Store: &sqldb.Receipts{DB: h.DB, Journal: journal}, Keys: h.Ring, Now: h.Now}).Ledger()
	h.Agreements = ledger
	d := registry.Declaration{
		ID: "avis-d", ServiceID: "lire", Version: 1, State: registry.Approved, Basis: registry.Basis{Kind: registry.Consent, Prescribed: registry.AnswerNo, Parents: registry.AnswerYes},
		Scope: registry.Scope{Level: registry.ByAcademy, Academies: []string{desktest.Academy}, All: true},
		From:  desktest.Day("2026-09-01"), Until: desktest.Day("2027-08-31"), Decisions: []registry.Decision{{State: registry.Approved}},
	}
	h.Apply(t, registry.Change{Declarations: []registry.Declaration{d}})
	return ledger, d
}

func signed(id string, who papers.Who, says consent.Act) desk.SignedPaper {
	return desk.SignedPaper{Authority: "ent", ID: id, Who: who, Says: says, Day: desktest.Day("2026-09-14"), Document: "2026-12"}
}

func TestASchoolAttestsPapersAndTheSignInFindsThem(t *testing.T) {
	t.Parallel()
	desktest.OnEach(t, func(t *testing.T, h *desktest.House) {
		ledger, d := asksParents(t, h)
		authority := papers.Authorities(h.Snapshot(t), desktest.Ecole)
		line := func(id string, who papers.Who, says consent.Act) desk.SignedPaper {
			l := signed(id, who, says)
			l.Authority = authority[0]
			return l
		}
		of := func(id string) []string { return []string{person.Key{Authority: authority[0], ID: id}.Handle(h.Ring)} }
		all := desk.SignedPapers{Declaration: d.ID, Lines: []desk.SignedPaper{
			line("MARQUE-1", papers.Holder, consent.Agreed), line("MARQUE-1", papers.Pupil, consent.Agreed),
			line("MARQUE-2", papers.AllHolders, consent.Agreed), line("MARQUE-3", papers.Holder, consent.Refused),
		}}
		var filed desk.SignedPapersFiled
		for range 2 { // sent twice
			filed = ok[desk.SignedPapersFiled](t)(h.AttestAgreements(t.Context(), h.Head(desktest.Ecole), desktest.Ecole, all))
		}
		if filed.Declaration != d.ID || filed.Version != 1 || filed.Agreed != 3 || filed.Refused != 1 || filed.Withdrawn != 0 {
			t.Errorf("%+v", filed)
		}
		question := func(uai person.UAI) consent.Question {
			return consent.Question{Declaration: d, Profile: person.Pupil, Mode: consent.Joint, Holders: true}.At(uai)
		}
		for id, want := range map[string]consent.Answer{
			"MARQUE-1": consent.Stands, "MARQUE-2": consent.Missing, "MARQUE-3": consent.Parents, "MARQUE-4": consent.Parents,
		} {
			said, err := ledger.Said(t.Context(), of(id), "lire")
			if got := question(desktest.Ecole).Weigh(said).Answer; err != nil || got != want {
				t.Errorf("%s: %s, %v; want %s", id, got, err, want)
			}
			if got := question(desktest.College).Weigh(said).Answer; got != consent.Parents {
				t.Errorf("%s elsewhere: %s", id, got)
			}
			for _, r := range said {
				if r.Paper == nil || r.Paper.Office == "" || r.Paper.By != h.Head(desktest.Ecole).Handle || r.Paper.Document != "2026-12" || r.Paper.UAI != desktest.Ecole {
					t.Errorf("%s: receipt %+v", id, r.Paper)
				}
			}
		}
		entries := entriesNamed(t, h, "agreements_attest")
		if len(entries) != 2 || entries[0].Detail["agreed"] != "3" || entries[0].Detail["document"] != "2026-12" || entries[0].UAI != string(desktest.Ecole) || entries[0].Declaration != d.ID {
			t.Errorf("%+v", entries)
		}
		if strings.Contains(fmt.Sprintf("%+v %v", entries, all), "MARQUE") {
			t.Error("somebody is named")
		}
	})
}

func TestWhoAttestsPapersAnswersForTheEstablishment(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	_, d := asksParents(t, h)
	l := signed("1", papers.Holder, consent.Agreed)
	l.Authority = papers.Authorities(h.Snapshot(t), desktest.College)[0]
	one := desk.SignedPapers{Declaration: d.ID, Lines: []desk.SignedPaper{l}}
	for _, c := range []struct {
		who    string
		caller roles.Caller
		may    bool
	}{
		{"the head", h.Head(desktest.College), true},
		{"the head of another", h.Head(desktest.Other), false},
		{"a teacher", h.Teacher(desktest.College), false},
		{"the recteur", h.Recteur(), true},
		{"the officer", h.DPO(), false},
		{"an administrator", h.Admin(), false},
		{"a stranger", h.Stranger(), false},
		{"nobody", roles.Caller{}, false},
	} {
		_, err := h.AttestAgreements(t.Context(), c.caller, desktest.College, one)
		var denied *roles.Denied
		if (err == nil) != c.may || !c.may && !errors.As(err, &denied) {
			t.Errorf("%s: %v", c.who, err)
		}
	}
	h.Agreements = nil
	var denied *roles.Denied
	if _, err := h.AttestAgreements(t.Context(), h.Head(desktest.College), desktest.College, one); !errors.As(err, &denied) {
		t.Errorf("a gateway that keeps no receipts: %v", err)
	}
}

func TestAListOfPapersIsTakenWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	ledger, d := asksParents(t, h)
	good := signed("MARQUE", papers.Holder, consent.Agreed)
	good.Authority = papers.Authorities(h.Snapshot(t), desktest.College)[0]
	bad := good
	bad.Who, bad.Document = "x", ""
	for name, c := range map[string]struct {
		papers desk.SignedPapers
		want   int
	}{
		"a bad line":             {desk.SignedPapers{Declaration: d.ID, Lines: []desk.SignedPaper{good, bad}}, 2},
		"no line":                {desk.SignedPapers{Declaration: d.ID}, 1},
		"another declaration":    {desk.SignedPapers{Declaration: "x", Lines: []desk.SignedPaper{good}}, 1},
		"another and a bad line": {desk.SignedPapers{Declaration: "x", Lines: []desk.SignedPaper{bad}}, 3},
		"a version to come":      {desk.SignedPapers{Declaration: d.ID, Version: 2, Lines: []desk.SignedPaper{good}}, 1},
	} {
		_, err := h.AttestAgreements(t.Context(), h.Head(desktest.College), desktest.College, c.papers)
		if invalid := (*desk.Invalid)(nil); !errors.As(err, &invalid) || len(invalid.Findings) != c.want {
			t.Errorf("%s: %v", name, err)
		} else if strings.Contains(fmt.Sprint(invalid.Findings), "MARQUE") {
			t.Errorf("%s: somebody is named", name)
		}
	}
	of := []string{person.Key{Authority: good.Authority, ID: "MARQUE"}.Handle(h.Ring)}
	if said, err := ledger.Said(t.Context(), of, "lire"); err != nil || said != nil {
		t.Errorf("something was filed: %v, %v", said, err)
	}
}
