package policy_test

import (
	"slices"
	"strings"
	"testing"

	"ecluse/internal/policy"
	"ecluse/internal/registry"
)

// conforming is a declaration against which nothing stands.
func conforming() registry.Declaration {
	d := forAcademy("lire", "lire-academie", 1)
	d.Purposes = []registry.Text{{FR: "lire"}}
	d.Retention = registry.Text{FR: "un an"}
	d.Hosting = []string{"FR"}
	d.Supplier = registry.Supplier{Relation: registry.Processor, Name: "Lire SAS", Reference: "marché 1"}
	d.Basis = registry.Basis{Kind: registry.PublicInterest, Text: "Code de l'éducation"}
	d.Items = []registry.Item{{Attr: "uai", Justification: registry.Text{FR: "savoir où"}}}
	return d
}

func TestExamineFindsWhatTheLawAsksFor(t *testing.T) {
	t.Parallel()
	if findings := policy.Examine(conforming()); len(findings) != 0 {
		t.Fatalf("a conforming declaration: %v", findings)
	}
	for _, c := range []struct {
		name       string
		change     func(*registry.Declaration)
		where, law string
		severity   registry.Severity
	}{
		{"no purpose", func(d *registry.Declaration) { d.Purposes = nil }, "purposes", "art. 5(1)(b)", registry.Blocking},
		{"no retention", func(d *registry.Declaration) { d.Retention.FR = "" }, "retention", "art. 5(1)(e)", registry.Blocking},
		{"no hosting", func(d *registry.Declaration) { d.Hosting = nil }, "hosting", "art. 30(1)(e)", registry.Blocking},
		{"a processor without contract", func(d *registry.Declaration) { d.Supplier.Reference = "" }, "supplier.reference", "art. 28(3)", registry.Blocking},
		{"joint controllers without arrangement", func(d *registry.Declaration) {
			d.Supplier = registry.Supplier{Relation: registry.JointController}
		}, "supplier.reference", "art. 26(1)", registry.Blocking},
		{"a public controller without text", func(d *registry.Declaration) {
			d.Supplier = registry.Supplier{Relation: registry.PublicBody}
		}, "supplier.reference", "art. 6(1)(e)", registry.Blocking},
		{"a mission without text", func(d *registry.Declaration) { d.Basis.Text = "" }, "basis.text", "art. 6(3)", registry.Blocking},
		{"an obligation without text", func(d *registry.Declaration) {
			d.Basis = registry.Basis{Kind: registry.LegalObligation}
		}, "basis.text", "art. 6(3)", registry.Blocking},
		{"legitimate interest", func(d *registry.Declaration) { d.Basis.Kind = registry.LegitimateInterest }, "basis.kind", "art. 6(1)", registry.ToJustify},
		{"consent", func(d *registry.Declaration) { d.Basis.Kind = registry.Consent }, "basis.kind", "art. 7(4)", registry.ToJustify},
		{"an item without reason", func(d *registry.Declaration) { d.Items[0].Justification.FR = "" }, "items[0].justification", "art. 5(1)(c)", registry.Blocking},
		{"data outside the EEA", func(d *registry.Declaration) { d.Hosting = []string{"FR", "US"} }, "hosting[1]", "art. 44", registry.Blocking},
		{"an instrument for another country", func(d *registry.Declaration) {
			d.Hosting, d.Transfers = []string{"US"}, []registry.Transfer{{Country: "GB", Instrument: "adéquation"}}
		}, "hosting[0]", "art. 44", registry.Blocking},
		{"a transfer without instrument", func(d *registry.Declaration) {
			d.Transfers = []registry.Transfer{{Country: "US", Recipient: "x"}}
		}, "transfers[0].instrument", "art. 44", registry.Blocking},
	} {
		d := conforming()
		c.change(&d)
		findings := policy.Examine(d)
		if len(findings) != 1 || findings[0].Where != c.where || !strings.Contains(findings[0].Law, c.law) || findings[0].Severity != c.severity {
			t.Errorf("%s: %v; want one at %s citing %s, %v", c.name, findings, c.where, c.law, c.severity)
		}
	}
}

func TestExamineAcceptsTransfersWithAnInstrumentAndServicesWithoutSupplier(t *testing.T) {
	t.Parallel()
	d := conforming()
	d.Hosting = []string{"FR", "IS", "US"}
	d.Transfers = []registry.Transfer{{Country: "US", Instrument: "DPF (UE) 2023/1795"}}
	d.Supplier = registry.Supplier{Relation: registry.Internal}
	if findings := policy.Examine(d); len(findings) != 0 {
		t.Errorf("%v", findings)
	}
}

func TestExamineTellsEverythingAtOnceWithItsLaw(t *testing.T) {
	t.Parallel()
	findings := policy.Examine(registry.Declaration{
		Supplier: registry.Supplier{Relation: registry.Processor}, Basis: registry.Basis{Kind: registry.PublicInterest},
		Items: []registry.Item{{Attr: "a"}, {Attr: "b"}},
	})
	var where []string
	for _, f := range findings {
		where = append(where, f.Where)
		if f.Law == "" || f.What == "" {
			t.Errorf("%v has no legal reference or says nothing", f)
		}
	}
	want := []string{"purposes", "retention", "hosting", "supplier.reference", "basis.text", "items[0].justification", "items[1].justification"}
	if !slices.Equal(where, want) {
		t.Errorf("%v, want %v", where, want)
	}
}
