package desk_test

import (
	"slices"
	"testing"

	"ecluse/internal/desk/desktest"
	"ecluse/internal/policy/conformity/conformitytest"
	"ecluse/internal/registry"
)

// TestAnotherContractOrOtherTermsAskForAnotherOpinionAndKeepEveryEnabling: to a school they are paper, to the
// data-protection officer they are what the examination rested on.
func TestAnotherContractOrOtherTermsAskForAnotherOpinionAndKeepEveryEnabling(t *testing.T) {
	t.Parallel()
	other := func(d *registry.Declaration, kind registry.DocumentKind) string {
		hash := conformitytest.Hash(string(kind) + "house")
		d.Documents = slices.Clone(d.Documents) // the version before keeps its own
		for i := range d.Documents {
			if d.Documents[i].Kind == kind {
				d.Documents[i].Hash = hash
			}
		}
		return hash
	}
	h := desktest.New(t)
	first := inForce(t, h, desktest.Reading())
	enabled(t, h, first, desktest.College)
	version := first.Version
	for _, c := range []struct {
		says   string
		change func(*registry.Declaration)
	}{
		{"the version of the terms", func(d *registry.Declaration) { d.Supplier.Terms.Version = "2027-1" }},
		{"the text of the terms", func(d *registry.Declaration) { d.Supplier.Terms.Document = other(d, registry.TermsPaper) }},
		{"the reference of the contract", func(d *registry.Declaration) { d.Supplier.Reference = "CTR-2027-3" }},
		{"the contract itself", func(d *registry.Declaration) { other(d, registry.ContractPaper) }},
		{"an annex to the contract", func(d *registry.Declaration) {
			d.Documents = append(d.Documents, registry.Document{Kind: registry.ContractPaper, Name: "avenant.pdf", Hash: conformitytest.Hash("dpia")})
		}},
		{"the contract and a datum less", func(d *registry.Declaration) {
			narrowed(d)
			d.Supplier.Reference = "CTR-2027-4"
		}},
	} {
		d := next(t, h, first.ID, c.change)
		_, err := h.Approve(t.Context(), h.Recteur(), on(d))
		conflicts(t, err, "opinion")
		d = approved(t, h, h.Recteur(), opined(t, h, d, registry.Favourable))
		if d.Change != registry.Renewal && d.Change != registry.Narrower {
			t.Errorf("%s: the change is %s", c.says, d.Change)
		}
		if o := d.Opinions[len(d.Opinions)-1]; o.From != "" || o.Text != d.Fingerprint() {
			t.Errorf("%s: the opinion is taken over from %s", c.says, o.From)
		}
		if e, _ := h.Snapshot(t).Enabling("lire", desktest.College); e.State != registry.Enabled || e.Declaration != d.ID {
			t.Errorf("%s: the school's yes became %+v", c.says, e)
		}
		if err := enters(t, h.Desk, h.Now()); err != nil {
			t.Errorf("%s: %v", c.says, err)
		}
		version = d.Version
	}
	again := approved(t, h, h.Recteur(), next(t, h, first.ID, func(d *registry.Declaration) {
		renewed(d)
		d.Documents = slices.Clone(d.Documents)
		d.Documents[0], d.Documents[1] = d.Documents[1], d.Documents[0]
	}))
	if again.Version != version+1 || again.Opinions[0].From == "" {
		t.Errorf("the same papers in another order lost the opinion: %+v", again.Opinions)
	}
}
