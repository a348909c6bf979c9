package desk

import (
	"context"
	"fmt"
	"strings"

	"ecluse/internal/charter"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// ReadInClass is what a school attests of one class: the text was read to so many pupils, and the parents of so many
// signed. Document says where the signed papers are filed.
type ReadInClass struct {
	Class    string        `json:"class"`
	On       registry.Date `json:"on"`
	Read     int           `json:"read"`
	Signed   int           `json:"signed"`
	Document string        `json:"document"`
}

// mostClasses is how many classes one act attests.
const mostClasses = 200

// AttestCharter files what an école attests on paper of its classes, for the children's text that holds and its present
// year, all or none. A class that was attested before is replaced; the journal keeps both. Elsewhere every pupil is asked
// on a page, and paper clears nobody.
func (d *Desk) AttestCharter(ctx context.Context, c roles.Caller, uai person.UAI, classes []ReadInClass) ([]charter.Attestation, error) {
	if c.Handle == "" && !c.Demo || d.Readers == nil {
		return nil, &roles.Denied{Act: roles.AttestPaper, Why: "role"} // an act that nobody answers for is none
	}
	t, err := d.begin(ctx, c, "charter_attest")
	if err != nil {
		return nil, err
	}
	t.entry.UAI = string(uai)
	in, err := t.may(roles.AttestPaper, roles.Target{UAIs: []person.UAI{uai}})
	if err != nil {
		return nil, d.keepDenial(ctx, t, err)
	}
	school, _ := t.Establishment(uai)
	text, written := charter.TextAt(t.Snapshot, school, charter.Child)
	switch {
	case school.Kind != registry.Ecole:
		return nil, &Conflict{Code: "state", What: "pupils are asked on a page here: a charter is attested on paper in an école only"}
	case !written:
		return nil, &Conflict{Code: "state", What: "no text for children holds here: there is nothing to attest"}
	}
	terms := charter.TermsAt(t.Snapshot, school)
	year := terms.Year(t.now, t.Zone())
	if err := t.readable(classes, terms.Starts(year)); err != nil {
		return nil, err
	}
	var list []charter.Attestation
	read, signed := 0, 0
	for _, class := range classes {
		read, signed = read+class.Read, signed+class.Signed
		list = append(list, charter.Attestation{
			UAI: uai, Class: strings.TrimSpace(class.Class), Year: year, Version: text.Version, On: class.On, Read: class.Read, Signed: class.Signed,
			Document: strings.TrimSpace(class.Document), Office: in.Office, By: c.Handle, At: t.now,
		})
	}
	for key, value := range map[string]string{
		"charter": text.Version, "year": fmt.Sprint(year), "classes": fmt.Sprint(len(list)), "read": fmt.Sprint(read), "signed": fmt.Sprint(signed),
		"office": in.Office, "how": "paper",
	} {
		t.detail(key, value)
	}
	if err := d.Readers.Attest(ctx, list, t.entry); err != nil {
		return nil, fmt.Errorf("desk: charter_attest: %w", err)
	}
	return list, nil
}

// readable names everything that is wrong with what is attested for a year that began on a day.
func (t *turn) readable(classes []ReadInClass, first registry.Date) error {
	var m mistakes
	m.say(len(classes) == 0, "classes", "no class is named", "")
	m.say(len(classes) > mostClasses, "classes", fmt.Sprintf("%d classes are more than an école has", len(classes)), fmt.Sprintf("%d at most", mostClasses))
	seen := map[string]bool{}
	for i, c := range classes {
		at := fmt.Sprintf("classes[%d]", i)
		name := strings.TrimSpace(c.Class)
		m.text(at+".class", c.Class, mostName)
		m.text(at+".document", c.Document, mostName)
		m.say(name != "" && seen[name], at+".class", "it stands there already", "each class once")
		m.say(c.On.IsZero(), at+".on", "the day on which it was read is missing", "yyyy-mm-dd")
		m.say(before(t.today(), c.On), at+".on", fmt.Sprintf("%s is still to come", c.On), "")
		m.say(!c.On.IsZero() && before(c.On, first), at+".on", fmt.Sprintf("%s is of another year", c.On), fmt.Sprintf("%s at the earliest", first))
		m.say(c.Read < 1 || c.Read > registry.MostPupils, at+".read", "no number of pupils", "1 or more")
		m.say(c.Signed < 0 || c.Signed > c.Read, at+".signed", "more signed than it was read to", "0 to the pupils to whom it was read")
		seen[name] = true
	}
	return m.err()
}
