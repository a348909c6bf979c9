package wizard

import (
	"strings"

	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/web"
)

// The steps.
const (
	stepService = iota + 1
	stepPurpose
	stepData
	stepPlace
	stepTechnique
	stepPapers
	stepSubmit
)

// group is fields under one heading.
type group struct {
	key    string
	fields []field
}

// groups are what a step is made of; the technical step has nothing of the declaration.
func groups(step int) []group {
	switch step {
	case stepService:
		return serviceStep()
	case stepPurpose:
		return purposeStep()
	case stepData:
		return dataStep()
	case stepPlace:
		return placeStep()
	case stepPapers:
		return papersStep()
	case stepSubmit:
		return []group{{"answers", []field{answers()}}}
	default:
		return nil
	}
}

func fieldsOf(step int) []field {
	var out []field
	for _, g := range groups(step) {
		out = append(out, g.fields...)
	}
	return out
}

// stepOf says in which step a finding is mended: where a field claims its place, the technical step for what is about the
// service's connection, else the last.
func stepOf(where string) int {
	for step := stepService; step < stepSubmit; step++ {
		for _, f := range fieldsOf(step) {
			if f.claims(where) {
				return step
			}
		}
	}
	if where == "service" || strings.HasPrefix(where, "bindings") {
		return stepTechnique
	}
	return stepSubmit
}

// claims tells whether a finding is about the field, or about what stands below it.
func (f field) claims(where string) bool {
	for _, own := range f.where {
		if rest, below := strings.CutPrefix(where, own); below && (rest == "" || rest[0] == '.' || rest[0] == '[') {
			return true
		}
	}
	return false
}

func serviceStep() []group {
	type d = *registry.Declaration
	officer := func(c *registry.Controller) *string { return &c.DPO }
	return []group{
		{"controller", []field{
			text("controller_name", "controller.name", func(v d) *string { return &v.Controller.Name }),
			text("controller_office", "controller.office", func(v d) *string { return &v.Controller.Office }),
			text("controller_contact", "controller.contact", func(v d) *string { return &v.Controller.Contact }),
			text("controller_dpo", "controller.dpo", func(v d) *string { return &v.Controller.DPO }),
			rows("joint", "joint_controllers", func(v d) *[]registry.Controller { return &v.Joint }, 1, []column[registry.Controller]{
				cell("name", "name", line, func(c *registry.Controller) *string { return &c.Name }),
				cell("office", "office", line, func(c *registry.Controller) *string { return &c.Office }),
				cell("contact", "contact", line, func(c *registry.Controller) *string { return &c.Contact }),
				cell("dpo", "dpo", line, officer),
			}),
		}},
		{"scope", []field{
			pick("scope_level", "scope.level", "level", func(v d) *registry.Level { return &v.Scope.Level }, registry.ByEstablishment, registry.ByDepartment, registry.ByAcademy),
			codes("scope_uais", "scope.uais", func(v d) *[]person.UAI { return &v.Scope.UAIs }),
			codes("scope_departments", "scope.departments", func(v d) *[]string { return &v.Scope.Departments }),
			codes("scope_academies", "scope.academies", func(v d) *[]string { return &v.Scope.Academies }),
			yes("scope_all", "scope.covers_all", func(v d) *bool { return &v.Scope.All }),
		}},
		{"supplier", []field{
			pick("relation", "supplier.relation", "relation", func(v d) *registry.Relation { return &v.Supplier.Relation },
				registry.Processor, registry.JointController, registry.PublicBody, registry.Internal, registry.VendorController),
			text("supplier_name", "supplier.name", func(v d) *string { return &v.Supplier.Name }),
			pick("supplier_kind", "supplier.kind", "supplier", func(v d) *registry.SupplierKind { return &v.Supplier.Kind }, registry.PublicSupplier, registry.PrivateSupplier),
			text("supplier_country", "supplier.country", func(v d) *string { return &v.Supplier.Country }),
			answer("supplier_free", "supplier.free", func(v d) *registry.Answer { return &v.Supplier.Free }),
		}},
	}
}

func purposeStep() []group {
	type d = *registry.Declaration
	return []group{
		{"purpose", []field{
			several("uses", "uses", func(v d) *[]string { return &v.Uses }, func(s *scene) []web.Option {
				var out []web.Option
				for _, u := range s.Snapshot.Rules(s.Now).Uses {
					out = append(out, web.Option{Value: u.ID, Label: u.Label.In(s.In())})
				}
				return out
			}),
			texts("purposes", "purposes", func(v d) *[]registry.Text { return &v.Purposes }),
		}},
		{"audience", []field{
			several("profiles", "audience.profiles", func(v d) *[]person.Profile { return &v.Audience.Profiles }, profiles(person.Profiles()...)),
			codes("levels", "audience.levels", func(v d) *[]string { return &v.Audience.Levels }),
			count("min_age", "audience.min_age", func(v d) *int { return &v.Audience.MinAge }),
			texts("persons", "persons", func(v d) *[]registry.Text { return &v.Persons }),
		}},
		{"basis", []field{
			pick("basis_kind", "basis.kind", "basis", func(v d) *registry.BasisKind { return &v.Basis.Kind },
				registry.PublicInterest, registry.LegalObligation, registry.Consent, registry.Contract, registry.LegitimateInterest),
			text("basis_text", "basis.text", func(v d) *string { return &v.Basis.Text }),
			answer("prescribed", "basis.prescribed", func(v d) *registry.Answer { return &v.Basis.Prescribed }),
			answer("parents", "basis.parents", func(v d) *registry.Answer { return &v.Basis.Parents }),
			answer("all_holders", "basis.all_holders", func(v d) *registry.Answer { return &v.Basis.AllHolders }),
		}},
	}
}

// profiles are options for what people are in an establishment.
func profiles(some ...person.Profile) func(*scene) []web.Option {
	return func(s *scene) []web.Option {
		var out []web.Option
		for _, p := range some {
			out = append(out, web.Option{Value: string(p), Label: s.Say("choice.profile." + string(p))})
		}
		return out
	}
}

func dataStep() []group {
	type d = *registry.Declaration
	return []group{
		{"naming", []field{
			pick("mode", "mode", "mode", func(v d) *registry.Mode { return &v.Mode }, registry.Pseudonymous, registry.Nominative),
			pick("pseudonym", "pseudonym", "pseudonym", func(v d) *registry.PseudonymScope { return &v.Pseudonym }, registry.PerCycle, registry.PerSchoolYear, registry.Stable),
			text("pseudonym_why", "pseudonym_why", func(v d) *string { return &v.Why.FR }).long(),
			text("pseudonym_why_en", "pseudonym_why.en", func(v d) *string { return &v.Why.EN }).long(),
			count("overlap", "pseudonym_overlap", func(v d) *int { return &v.Overlap }),
		}},
		{"items", []field{items()}},
		{"register", []field{
			texts("data", "data", func(v d) *[]registry.Text { return &v.Data }),
			texts("recipients", "recipients", func(v d) *[]registry.Text { return &v.Recipients }),
		}},
	}
}
