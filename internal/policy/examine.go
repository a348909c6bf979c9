package policy

import (
	"fmt"
	"slices"

	"ecluse/internal/registry"
)

// Examine says what stands against approving a declaration, each finding with its legal reference and what would mend
// it. It looks at the declaration alone; it approves nothing, and a declaration without findings is not approved by that.
func Examine(d registry.Declaration) []registry.Finding {
	var out []registry.Finding
	say := func(bad bool, f registry.Finding) {
		if bad {
			out = append(out, f)
		}
	}
	say(len(d.Purposes) == 0, registry.Finding{Where: "purposes", What: "no purpose is named", Law: "RGPD art. 5(1)(b), 30(1)(b)"})
	say(d.Retention.FR == "", registry.Finding{Where: "retention", What: "how long data is kept is missing", Law: "RGPD art. 5(1)(e), 30(1)(f)"})
	say(len(d.Hosting) == 0, registry.Finding{Where: "hosting", What: "the country where data rests is missing", Law: "RGPD art. 30(1)(e)"})
	out = append(out, examineSupplier(d.Supplier)...)
	out = append(out, examineBasis(d)...)
	for i, item := range d.Items {
		say(item.Justification.FR == "", registry.Finding{
			Where: fmt.Sprintf("items[%d].justification", i), What: fmt.Sprintf("why %s is needed is missing", item.Attr),
			Law: "RGPD art. 5(1)(c)",
		})
	}
	for i, t := range d.Transfers {
		say(!inEEA(t.Country) && t.Instrument == "", registry.Finding{
			Where: fmt.Sprintf("transfers[%d].instrument", i), What: fmt.Sprintf("no instrument allows the transfer to %s", t.Country),
			Law: "RGPD art. 44 to 49",
		})
	}
	for i, country := range d.Hosting {
		covered := slices.ContainsFunc(d.Transfers, func(t registry.Transfer) bool { return t.Country == country && t.Instrument != "" })
		say(!inEEA(country) && !covered, registry.Finding{
			Where: fmt.Sprintf("hosting[%d]", i), What: fmt.Sprintf("data rests in %s and no instrument allows the transfer", country),
			Mend: "a transfer to that country with its instrument", Law: "RGPD art. 44 to 49",
		})
	}
	return out
}

// examineSupplier wants the evidence that each relation has.
func examineSupplier(s registry.Supplier) []registry.Finding {
	law := map[registry.Relation]string{
		registry.Processor: "RGPD art. 28(3)", registry.JointController: "RGPD art. 26(1)", registry.PublicBody: "RGPD art. 6(1)(e), 6(3)",
	}[s.Relation]
	if s.Relation == registry.Internal || s.Reference != "" {
		return nil
	}
	return []registry.Finding{{
		Where: "supplier.reference", What: "the contract, arrangement or text that ties the provider to the controller is missing", Law: law,
	}}
}

// examineBasis wants the text that founds a mission or an obligation, and has the bases justified that seldom hold
// between a school and its people.
func examineBasis(d registry.Declaration) []registry.Finding {
	founded := d.Basis.Kind == registry.PublicInterest || d.Basis.Kind == registry.LegalObligation
	switch {
	case founded && d.Basis.Text == "":
		return []registry.Finding{{Where: "basis.text", What: "the text that founds the mission or the obligation is missing", Law: "RGPD art. 6(3)"}}
	case d.Basis.Kind == registry.LegitimateInterest:
		return []registry.Finding{{
			Where: "basis.kind", What: "a public authority cannot invoke legitimate interest in its mission",
			Severity: registry.ToJustify, Law: "RGPD art. 6(1), last sentence",
		}}
	case d.Basis.Kind == registry.Consent:
		return []registry.Finding{{
			Where: "basis.kind", What: "consent is hardly free where a school prescribes the service",
			Mend: "say how one refuses without harm", Severity: registry.ToJustify, Law: "RGPD art. 7(4), recital 43",
		}}
	}
	return nil
}

// inEEA lists the member states of the European Economic Area by ISO 3166 code.
func inEEA(country string) bool {
	return slices.Contains([]string{
		"AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IS", "IT", "LI", "LT", "LU",
		"LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
	}, country)
}
