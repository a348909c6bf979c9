package api_test

import (
	"context"
	"strings"
	"testing"

	"ecluse/internal/admin/api"
	"ecluse/internal/audit"
	"ecluse/internal/audit/audittest"
	"ecluse/internal/consent"
	"ecluse/internal/consent/papers"
	"ecluse/internal/desk"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/store/sqldb"
)

// asksOnPaper is a declaration of the academy that asks parents.
func asksOnPaper() registry.Declaration {
	return registry.Declaration{
		ID: "p-avis", ServiceID: "calcul", Version: 1, State: registry.Approved,
		Basis: registry.Basis{Kind: registry.Consent, Prescribed: registry.AnswerNo, Parents: registry.AnswerYes},
		Scope: registry.Scope{Level: registry.ByAcademy, Academies: []string{desktest.Academy}},
		From:  desktest.Day("2026-09-01"), Until: desktest.Day("2027-08-31"), Decisions: []registry.Decision{{State: registry.Approved}},
	}
}

// drawer keeps no receipt.
type drawer struct{}

func (drawer) Receipts(context.Context, []string) ([]consent.Receipt, error) { return nil, nil }

func (drawer) Record(context.Context, audit.Entry, []consent.Receipt, consent.Left) error { return nil }

func (drawer) RecordAll(context.Context, []audit.Entry, []consent.Receipt) error { return nil }

func ofAgreements() []trial {
	to := func(uai person.UAI) trial {
		lines := []desk.SignedPaper{{
			Authority: "ac", ID: "1", Who: papers.Holder, Says: consent.Agreed, Day: desktest.Day("2026-09-14"), Document: "12",
		}}
		body := desk.SignedPapers{Declaration: "p-avis", Lines: lines}
		return send("POST", "/establishments/{uai}/agreements/attestations", "/establishments/"+string(uai)+"/agreements/attestations", "of "+string(uai), body)
	}
	return []trial{to(desktest.College), to(desktest.Ecole)}
}

func TestASchoolAttestsPapersByTheInterface(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	f.Apply(t, registry.Change{Declarations: []registry.Declaration{asksOnPaper()}})
	journal := audittest.Journal(t, f.DB.Audit(), f.Ring, "papers", f.Now)
	f.Agreements = (&consent.Book{Store: &sqldb.Receipts{DB: f.DB, Journal: journal}, Keys: f.Ring, Now: f.Now}).Ledger()
	authority := papers.Authorities(f.Snapshot(t), desktest.Ecole)[0]
	head, path := f.as("head", f.Head(desktest.Ecole)), api.Base+"/establishments/"+string(desktest.Ecole)+"/agreements/attestations"
	line := `{"authority":"` + authority + `","id":"MARQUE","who":"all_holders","says":"agreed","day":"2026-09-14","document":"2026-12"}`
	made := read[desk.SignedPapersFiled](t, f.ask(t, head, "POST", path, `{"declaration":"p-avis","lines":[`+line+`]}`), 201)
	if made.Agreed != 1 || made.Version != 1 {
		t.Errorf("%+v", made)
	}
	for name, body := range map[string]string{
		"nothing": `{}`, "no line": `{"declaration":"p-avis","lines":[]}`, "another declaration": `{"declaration":"x","lines":[` + line + `]}`,
		"a name for a reference": `{"declaration":"p-avis","lines":[` + strings.Replace(line, "2026-12", "Lina MARQUE", 1) + `]}`,
	} {
		w := f.ask(t, head, "POST", path, body)
		if w.Code != 422 || strings.Contains(w.Body.String(), "MARQUE") {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
	if w := f.ask(t, f.as("teacher", f.Teacher(desktest.Ecole)), "POST", path, `{"declaration":"p-avis","lines":[`+line+`]}`); w.Code != 403 {
		t.Errorf("a teacher: %d", w.Code)
	}
}
