package samlidp

import "ecluse/internal/saml"

// status is what a service is told instead of an assertion (SAML Core 3.2.2.2).
type status struct{ code, detail string }

func requester(detail string) *status { return &status{saml.StatusRequester, detail} }

// impossible says what of an authentic request can never be met, whoever signs in, or nothing.
func (m *message) impossible() *status {
	req := m.request
	switch {
	case m.wrongVersion:
		return &status{saml.StatusVersionMismatch, ""}
	case req.HasSubject && req.Subject == saml.NameID{}: // confirmed, encrypted or extended: SAML Core 3.4.1
		return requester(saml.StatusRequestUnsupported)
	case !m.party.speaksFor(req.NameIDPolicy.SPNameQualifier):
		return requester(saml.StatusInvalidNameIDPolicy)
	case m.party.format(req.NameIDPolicy.Format, m.binding) == "":
		return requester(saml.StatusInvalidNameIDPolicy)
	case wanted(req.AuthnContext).beyondAll():
		return requester(saml.StatusNoAuthnContext)
	}
	return nil
}

// wishes puts what is asked into neutral words, or says what of it cannot be met as things stand.
func (p *Provider) wishes(m *message) (w wishes, no *status) {
	if no := m.impossible(); no != nil {
		return w, no
	}
	if w.sources, no = scopeOf(m.request, p.entityID, m.snapshot); no != nil {
		return w, no
	}
	if m.request.HasSubject {
		if w.subject, no = p.about(m); no != nil {
			return w, no
		}
	}
	w.asked, no = p.narrowed(m)
	return w, no
}
