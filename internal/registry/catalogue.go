package registry

import (
	"slices"
	"time"

	"ecluse/internal/person"
)

// Model is a product of the catalogue: the declaration to start from, how to connect it, and what is known of it.
type Model struct {
	ID        string      `json:"id" yaml:"id"`
	Version   int         `json:"version" yaml:"version"`
	Name      Text        `json:"name" yaml:"name"`
	Vendor    string      `json:"vendor" yaml:"vendor"`
	Category  string      `json:"category" yaml:"category"`
	About     Text        `json:"about" yaml:"about"`
	Draft     Declaration `json:"declaration" yaml:"declaration"` // what a declaration made from it begins with
	Recipes   []Recipe    `json:"recipes,omitempty" yaml:"recipes"`
	Limits    []Text      `json:"limits,omitempty" yaml:"limits"`
	Usable    Text        `json:"usable,omitzero" yaml:"usable"` // for whom and for what, where it is offered as an alternative
	Sources   []Reference `json:"sources" yaml:"sources"`
	Date      Date        `json:"date" yaml:"date"`
	Review    Date        `json:"review" yaml:"review"`         // when it must be looked at again
	Opinions  []Opinion   `json:"opinions,omitempty" yaml:"-"`  // of a data-protection officer, for this version of the model
	Retired   bool        `json:"retired,omitempty" yaml:"-"`   // nothing new begins with it, and nobody takes its opinions over
	Decisions []Decision  `json:"decisions,omitempty" yaml:"-"` // who put it out of use and back, oldest first
	ManagedBy string      `json:"managed_by,omitempty" yaml:"-"`
}

// Draw is the text of a declaration as a model's: without what only each controller can say (adopting asks for none of
// it), and without papers, which belong to those whom the declaration binds.
func Draw(d Declaration) Declaration {
	d.ID, d.ServiceID, d.Version, d.Model = "", "", 0, ""
	d.Controller, d.Scope, d.From, d.Until, d.Paper, d.Pilot = Controller{}, Scope{}, Date{}, Date{}, nil, nil
	d.Joint, d.Informed, d.Directory, d.Justified, d.Documents = nil, nil, "", nil, nil
	d.DPIA.Document, d.Supplier.Terms.Document = "", ""
	s := &d.Supplier
	s.Reference, s.Parties, s.CouncilAct, s.Signed, s.Until, s.SignedBy, s.Terms.Accepted = "", nil, "", Date{}, Date{}, "", Date{}
	d.Transfers = slices.Clone(d.Transfers)
	for i := range d.Transfers {
		d.Transfers[i].Assessment, d.Transfers[i].Signed, d.Transfers[i].Until = "", Date{}, Date{}
	}
	d.State, d.Since, d.Author, d.Message, d.Change = "", time.Time{}, "", Text{}, ""
	d.Decisions, d.Opinions, d.Judged, d.Terms, d.Review, d.ManagedBy = nil, nil, nil, nil, nil, ""
	return d
}

// Recipe is how one product is connected over one protocol. What it says of subject, names and forms is what a binding
// made from it begins with.
type Recipe struct {
	Protocol    string                 `json:"protocol" yaml:"protocol"` // saml, oidc, cas, link; or UnknownProtocol
	Handle      string                 `json:"handle,omitempty" yaml:"handle"`
	Subject     person.Attr            `json:"subject,omitempty" yaml:"subject"`
	SubjectOnly bool                   `json:"subject_only,omitempty" yaml:"subject_only"`
	SubjectForm Form                   `json:"subject_form,omitzero" yaml:"subject_form"`
	Shape       Shape                  `json:"shape,omitempty" yaml:"shape"`
	NameID      string                 `json:"name_id,omitempty" yaml:"name_id"` // the NameID format, for SAML
	Names       map[person.Attr]string `json:"names,omitempty" yaml:"names"`
	Outputs     []Output               `json:"outputs,omitempty" yaml:"outputs"`
	Limit       Limit                  `json:"limit,omitzero" yaml:"limit"`
	Notes       []Text                 `json:"notes,omitempty" yaml:"notes"`
}

// Binding is what a binding made from the recipe begins with. Its settings, and what only the service knows of its handle,
// are for whoever connects it.
func (r Recipe) Binding() Binding {
	return Binding{
		Protocol: r.Protocol, Handle: r.Handle, Subject: r.Subject, SubjectOnly: r.SubjectOnly, SubjectForm: r.SubjectForm,
		Shape: r.Shape, Names: r.Names, Outputs: r.Outputs, Limit: r.Limit,
	}
}

// Reference is where a fact of the catalogue comes from.
type Reference struct {
	What string `json:"what" yaml:"what"`
	URL  string `json:"url,omitempty" yaml:"url"`
	Date Date   `json:"date,omitempty" yaml:"date"`
}

// Assessed is a tool that was examined and refused, with the reasons and what there is instead.
type Assessed struct {
	ID           string        `json:"id" yaml:"id"`
	Name         Text          `json:"name" yaml:"name"`
	Aliases      []string      `json:"aliases,omitempty" yaml:"aliases"` // other names and hosts people ask for it by
	Vendor       string        `json:"vendor" yaml:"vendor"`
	Reasons      []Reason      `json:"reasons" yaml:"reasons"`
	Alternatives []Alternative `json:"alternatives" yaml:"alternatives"`
	Sources      []Reference   `json:"sources" yaml:"sources"`
	Date         Date          `json:"date" yaml:"date"`
	Review       Date          `json:"review" yaml:"review"`
	ManagedBy    string        `json:"managed_by,omitempty" yaml:"-"`
}

// Reason is why a tool was refused.
type Reason struct {
	Text Text   `json:"text" yaml:"text"`
	Law  string `json:"law" yaml:"law"`
}

// Alternative is what there is instead, for whom and for which use.
type Alternative struct {
	Model    string `json:"model,omitempty" yaml:"model"` // of the catalogue, where it is one
	Name     string `json:"name" yaml:"name"`
	Audience Text   `json:"audience" yaml:"audience"`
	Use      Text   `json:"use" yaml:"use"`
}
