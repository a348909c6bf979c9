package desk

import (
	"context"
	"fmt"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/consent"
	"ecluse/internal/consent/papers"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// Agreements files what was said on paper beside what people say by sign-in.
type Agreements interface {
	// Attested is the receipt of a paper about one version of a declaration.
	Attested(s consent.Signed, d registry.Declaration, zone *time.Location) (consent.Receipt, error)
	// File writes receipts with the journal entry of the act, all or nothing.
	File(ctx context.Context, entry audit.Entry, receipts ...consent.Receipt) error
}

// SignedPaper is one paper that a school attests.
type SignedPaper = papers.SignedPaper

// SignedPapers are what a school attests about one declaration. Version is the one that the papers were about; 0 is the one that
// is in force.
type SignedPapers struct {
	Declaration string        `json:"declaration"`
	Version     int           `json:"version,omitempty"`
	Lines       []SignedPaper `json:"lines"`
}

// SignedPapersFiled is what became of them: numbers, and the version that they stand under.
type SignedPapersFiled struct {
	Declaration string `json:"declaration"`
	Version     int    `json:"version"`
	papers.Tally
}

// AttestAgreements files what pupils of an establishment, and those who hold parental authority over them, said on paper to
// a declaration that asks them: all of it or nothing, every mistake at once. Children are named as the source names them;
// what is kept is derived from that and tells no longer who they are. The same papers sent twice change nothing.
func (d *Desk) AttestAgreements(ctx context.Context, c roles.Caller, uai person.UAI, p SignedPapers) (SignedPapersFiled, error) {
	if c.Handle == "" && !c.Demo || d.Agreements == nil {
		return SignedPapersFiled{}, &roles.Denied{Act: roles.AttestPaper, Why: "role"} // an act that nobody answers for is none
	}
	t, err := d.begin(ctx, c, "agreements_attest")
	if err != nil {
		return SignedPapersFiled{}, err
	}
	t.entry.UAI = string(uai)
	in, err := t.may(roles.AttestPaper, roles.Target{UAIs: []person.UAI{uai}})
	if err != nil {
		return SignedPapersFiled{}, d.keepDenial(ctx, t, err)
	}
	v, err := t.askedOnPaper(uai, p)
	if err != nil {
		return SignedPapersFiled{}, err
	}
	receipts := make([]consent.Receipt, len(p.Lines))
	for i, l := range p.Lines {
		if receipts[i], err = d.Agreements.Attested(l.Signed(in.Office, c.Handle, uai), v, t.Zone()); err != nil {
			return SignedPapersFiled{}, fmt.Errorf("desk: agreements_attest: lines[%d]: %w", i, err)
		}
	}
	t.about(v)
	t.detail("office", in.Office)
	for key, value := range papers.Detail(p.Lines) {
		t.detail(key, value)
	}
	if err := d.Agreements.File(ctx, t.entry, receipts...); err != nil {
		return SignedPapersFiled{}, fmt.Errorf("desk: agreements_attest: %w", err)
	}
	return SignedPapersFiled{v.ID, v.Version, papers.Count(p.Lines)}, nil
}

// askedOnPaper finds the version that the papers were about, and says everything that is wrong with them.
func (t *turn) askedOnPaper(uai person.UAI, p SignedPapers) (registry.Declaration, error) {
	var m mistakes
	v, wrong, ok := papers.About(t.Snapshot, t.now, uai, p.Declaration, p.Version)
	m.say(!ok, wrong.Column, wrong.What, wrong.Mend)
	for _, problem := range papers.Check(p.Lines, papers.Authorities(t.Snapshot, uai), t.today()) {
		at := "lines"
		if problem.Line >= 0 {
			at += fmt.Sprintf("[%d]", problem.Line)
		}
		if problem.Column != "" {
			at += "." + problem.Column
		}
		m.say(true, at, problem.What, problem.Mend)
	}
	return v, m.err()
}
