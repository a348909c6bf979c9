package samlidp

import "ecluse/internal/saml"

// status is what a service is told instead of an assertion (SAML Core 3.2.2.2). What names the part of its request that
// cannot be met, for whoever wrote it; it repeats no value.
type status struct{ code, detail, what string }

func requester(detail, what string) *status { return &status{saml.StatusRequester, detail, what} }

// impossible says what of an authentic request can never be met, whoever signs in, or nothing.
func (m *message) impossible() *status {
	req := m.request
	switch {
	case m.wrongVersion:
		return &status{saml.StatusVersionMismatch, "", "Version: it is not 2.0"}
	case req.HasSubject && req.Subject == saml.NameID{}: // confirmed, encrypted or extended: SAML Core 3.4.1
		return requester(saml.StatusRequestUnsupported, "Subject: only a NameID in clear, without SubjectConfirmation, is looked at")
	case !m.party.speaksFor(req.NameIDPolicy.SPNameQualifier):
		return requester(saml.StatusInvalidNameIDPolicy, "NameIDPolicy SPNameQualifier: it is neither the service nor its registered affiliation")
	case m.party.format(req.NameIDPolicy.Format, m.binding) == "":
		return requester(saml.StatusInvalidNameIDPolicy, "NameIDPolicy Format: the subject of this service is not given in it")
	case wanted(req.AuthnContext).beyondAll():
		return requester(saml.StatusNoAuthnContext, "RequestedAuthnContext: nothing is known to be better")
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
