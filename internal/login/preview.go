package login

import (
	"html/template"
	"net/http"

	"ecluse/internal/attrs"
	"ecluse/internal/consent"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/web"
)

// Shown is what a sign-in would come to, for whoever asks what the person would see.
type Shown struct {
	View    *registry.Snapshot
	Person  person.Person
	Service string
	Release attrs.Release // what would leave; empty when Refused is set
	Refused error         // what gate or engine said
	Act     consent.Act   // what the person would be shown or asked; Passed when nothing
	Parents bool          // a child is asked whose parents were not: a refusal
	Wording web.Audience
	Lang    web.Lang
}

// Tell gives what the person would be told before anything leaves, in the words of that page and without what surrounds it:
// for a page that shows it beside something else. It is empty where nothing would leave.
func (f *Flow) Tell(s Shown) (template.HTML, error) {
	if s.Refused != nil {
		return "", nil
	}
	act := consent.Informed
	if s.Act == consent.Agreed || s.Parents {
		act = consent.Agreed
	}
	page := informs(s.Release, s.Person.First(person.GivenName), consent.Need{Act: act}, web.Frame{Audience: s.Wording}, spoken{s.Wording, string(s.Lang)})
	return f.Kit.PrintPart(s.Lang, "login/inform", "inform-told", page)
}

// Print gives the page that the person would see: the one that informs or asks, or the refusal. Its forms do nothing. The
// information page is printed too where it would be passed over, because it was seen already.
func (f *Flow) Print(s Shown) ([]byte, error) {
	around := web.Frame{Audience: s.Wording}
	if s.Refused == nil && !s.Parents {
		act := s.Act
		if act != consent.Agreed {
			act = consent.Informed
		}
		page := informs(s.Release, s.Person.First(person.GivenName), consent.Need{Act: act}, around, spoken{s.Wording, string(s.Lang)})
		page.Preview = true
		return f.Kit.Print(s.Lang, "login/inform", page)
	}
	why := &failure{Code: "parents_first"}
	if s.Refused != nil {
		why = failed(s.Refused)
	}
	r := &http.Request{Header: http.Header{"Accept-Language": {string(s.Lang)}}}
	page := f.refusalPage(r, s.View, s.Service, why, "0000-0000", &session{Person: s.Person}, around)
	return f.Kit.Print(s.Lang, "login/refusal", page)
}
