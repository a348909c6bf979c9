package samlidp

import (
	"slices"

	"ecluse/internal/saml"
)

// status is what a service is told instead of an assertion (SAML Core 3.2.2.2).
type status struct{ code, detail string }

// impossible says what of an authentic request can never be met, whoever signs in, or nothing.
func (m *message) impossible(entityID string) *status {
	req := m.request
	switch {
	case m.wrongVersion:
		return &status{saml.StatusVersionMismatch, ""}
	case req.HasSubject: // SAML Core 3.4.1.4: the answer would have to be about that person and no other
		return &status{saml.StatusRequester, saml.StatusRequestUnsupported}
	case len(req.IDPList) > 0 && !slices.Contains(req.IDPList, entityID):
		return &status{saml.StatusRequester, saml.StatusNoSupportedIDP}
	case req.NameIDPolicy.SPNameQualifier != "" && req.NameIDPolicy.SPNameQualifier != req.Issuer:
		return &status{saml.StatusRequester, saml.StatusInvalidNameIDPolicy}
	case m.party.format(req.NameIDPolicy.Format, m.binding) == "":
		return &status{saml.StatusRequester, saml.StatusInvalidNameIDPolicy}
	case wanted(req.AuthnContext).beyondAll():
		return &status{saml.StatusRequester, saml.StatusNoAuthnContext}
	}
	return nil
}

// wanted is a RequestedAuthnContext. The zero value is met by any sign-in.
type wanted struct {
	Comparison string   `json:"comparison,omitempty"`
	Classes    []string `json:"classes,omitempty"`
}

// assurance is the wish as far as it can be said in a list of classes.
func (want wanted) assurance() []string {
	if want.Comparison == "exact" || want.Comparison == "minimum" {
		return want.Classes
	}
	return nil
}

// ranked are the classes that can be compared, the weakest first. SAML leaves the order to whoever answers (SAML Core
// 3.3.2.2.1); a class that is not here compares with itself alone.
func ranked() []string {
	return []string{saml.ClassUnspecified, saml.ClassPassword, saml.ClassPasswordTransport}
}

// meets tells whether a sign-in of a class is what is wanted.
func (want wanted) meets(class string) bool {
	if len(want.Classes) == 0 {
		return true
	}
	if want.Comparison == "better" {
		return !slices.ContainsFunc(want.Classes, func(c string) bool { return !stronger(class, c) })
	}
	return slices.ContainsFunc(want.Classes, func(c string) bool {
		return class == c || (want.Comparison == "minimum" && stronger(class, c)) ||
			(want.Comparison == "maximum" && stronger(c, class))
	})
}

func stronger(a, b string) bool {
	order := ranked()
	i, j := slices.Index(order, a), slices.Index(order, b)
	return i >= 0 && j >= 0 && i > j
}

// beyondAll tells whether no class that we could answer with is better than what is wanted.
func (want wanted) beyondAll() bool {
	return want.Comparison == "better" && !slices.ContainsFunc(ranked(), want.meets)
}
