package saml

// AppendLogoutRequest appends a request to dst as it travels where its signature is not inside. On an error dst comes back
// as it was.
func AppendLogoutRequest(dst []byte, q *LogoutRequest) ([]byte, error) {
	return appendLogoutRequest(dst, q, nil)
}

// AppendLogoutRequest appends a request with its signature inside. On an error dst comes back as it was.
func (s *Signer) AppendLogoutRequest(dst []byte, q *LogoutRequest) ([]byte, error) {
	return appendLogoutRequest(dst, q, s)
}

func appendLogoutRequest(dst []byte, q *LogoutRequest, s *Signer) ([]byte, error) {
	w := writer{b: dst}
	w.id("request ID", q.ID)
	w.require("NameID", q.NameID.Value)
	w.raw(`<samlp:LogoutRequest xmlns:samlp="` + nsProtocol + `"`)
	w.destination(q.Destination)
	w.attr(" ID", q.ID)
	w.instant(" IssueInstant", q.IssueInstant)
	if !q.NotOnOrAfter.IsZero() {
		w.instant(" NotOnOrAfter", q.NotOnOrAfter)
	}
	w.raw(` Version="2.0">`)
	room := w.issuer(q.Issuer, s, q.ID)
	w.raw(`<saml:NameID xmlns:saml="` + nsAssertion + `"`)
	w.optional(" Format", q.NameID.Format)
	w.optional(" NameQualifier", q.NameID.NameQualifier)
	w.optional(" SPNameQualifier", q.NameID.SPNameQualifier)
	w.raw(`>`)
	w.text("NameID", q.NameID.Value)
	w.raw(`</saml:NameID>`)
	for _, index := range q.Sessions {
		w.require("SessionIndex", index)
		w.element("samlp:SessionIndex", index)
	}
	w.raw(`</samlp:LogoutRequest>`)
	return w.finished(dst, s, room, q.ID)
}
