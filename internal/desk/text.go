package desk

import (
	"net/url"
	"reflect"
	"slices"
	"strings"

	"ecluse/internal/registry"
)

// withLife is a text with what became of another version, or of nothing.
func withLife(text, life registry.Declaration) registry.Declaration {
	text.State, text.Since, text.Author, text.Message, text.Change = life.State, life.Since, life.Author, life.Message, life.Change
	text.Decisions, text.Opinions, text.Judged, text.Terms = life.Decisions, life.Opinions, life.Judged, life.Terms
	text.Review, text.ManagedBy = life.Review, life.ManagedBy
	return text
}

// over puts what from says in the place of what base says, field by field. Of the supplier, its terms, the basis and the
// impact assessment, single fields may be set; everything else is one field.
func over(base, from registry.Declaration) registry.Declaration {
	base = withLife(base, registry.Declaration{}) // a model's text is taken over, and nothing that somebody wrote into it as decided
	put(reflect.ValueOf(&base).Elem(), reflect.ValueOf(from))
	return base
}

func put(into, from reflect.Value) {
	for i := range from.NumField() {
		switch field := from.Field(i); field.Interface().(type) {
		case registry.Supplier, registry.Terms, registry.Basis, registry.DPIA:
			put(into.Field(i), field)
		default:
			if !field.IsZero() {
				into.Field(i).Set(field)
			}
		}
	}
}

// offered refuses a declaration of a tool that was assessed and refused, by whichever of its names it is asked for: the
// model's, the service's, its address, the supplier's.
func (t *turn) offered(d registry.Declaration) error {
	model, known := t.Model(d.Model)
	names := []string{d.ServiceID, d.Supplier.Name}
	if !known {
		names = append(names, d.Model)
	}
	if service, ok := t.Service(d.ServiceID); ok {
		names = append(names, service.Name.FR, service.Name.EN, host(service.Start))
	}
	for _, name := range names {
		if tool, hit := t.Assessed(name); hit && !(known && instead(tool, model)) {
			return &NotOffered{Tool: tool}
		}
	}
	return nil
}

// instead tells whether a model of the catalogue is what the tool's own vendor offers to schools in its place: the name
// that both go by is then no reason to refuse.
func instead(tool registry.Assessed, m registry.Model) bool {
	return strings.EqualFold(tool.Vendor, m.Vendor) &&
		slices.ContainsFunc(tool.Alternatives, func(a registry.Alternative) bool { return a.Model == m.ID })
}

func host(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return strings.TrimPrefix(u.Hostname(), "www.")
}

// adopts tells whether a text adopts a model unchanged. What is each controller's own may differ: who it is and where, the
// dates, the contract that it signed itself, how its public was informed, and its answers.
func adopts(d registry.Declaration, m registry.Model) bool {
	own, model := d, m.Draft
	model.ID, model.ServiceID, model.Version, model.Model = own.ID, own.ServiceID, own.Version, own.Model
	model.Controller, model.Scope, model.From, model.Until = own.Controller, own.Scope, own.From, own.Until
	model.Informed, model.Directory, model.Justified, model.Paper = own.Informed, own.Directory, own.Justified, own.Paper
	s := own.Supplier
	model.Supplier.Reference, model.Supplier.Parties, model.Supplier.CouncilAct = s.Reference, s.Parties, s.CouncilAct
	model.Supplier.Signed, model.Supplier.Until, model.Supplier.SignedBy = s.Signed, s.Until, s.SignedBy
	model.Supplier.Terms.Accepted = s.Terms.Accepted
	own.Documents, model.Documents = shared(own.Documents), shared(model.Documents)
	return own.SameText(model)
}

// shared leaves out the papers that each controller has of its own.
func shared(papers []registry.Document) []registry.Document {
	var out []registry.Document
	for _, p := range papers {
		if !slices.Contains([]registry.DocumentKind{registry.ContractPaper, registry.CouncilPaper, registry.DecisionPaper}, p.Kind) {
			out = append(out, p)
		}
	}
	return out
}
