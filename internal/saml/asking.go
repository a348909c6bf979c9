package saml

// AppendAuthnRequest appends a request to dst as it travels where its signature is not inside (SAML Bindings 3.4.4.1),
// or nowhere. On an error dst comes back as it was.
func AppendAuthnRequest(dst []byte, q *AuthnRequest) ([]byte, error) {
	return appendAuthnRequest(dst, q, nil)
}

// AppendAuthnRequest appends a request with its signature inside (SAML Core 5.4). On an error dst comes back as it was.
func (s *Signer) AppendAuthnRequest(dst []byte, q *AuthnRequest) ([]byte, error) {
	return appendAuthnRequest(dst, q, s)
}

// appendAuthnRequest writes what ParseAuthnRequest reads, but for Subject and the two indexes: the address of the answer
// is said in full.
func appendAuthnRequest(dst []byte, q *AuthnRequest, s *Signer) ([]byte, error) {
	w := writer{b: dst}
	w.id("request ID", q.ID)
	w.require("address of the answer", q.ACSURL)
	w.raw(`<samlp:AuthnRequest xmlns:samlp="` + nsProtocol + `"`)
	w.attr(" AssertionConsumerServiceURL", q.ACSURL)
	w.destination(q.Destination)
	w.flag(" ForceAuthn", q.ForceAuthn)
	w.attr(" ID", q.ID)
	w.flag(" IsPassive", q.IsPassive)
	w.instant(" IssueInstant", q.IssueInstant)
	w.optional(" ProtocolBinding", q.ProtocolBinding)
	w.raw(` Version="2.0">`)
	room := w.issuer(q.Issuer, s, q.ID)
	w.nameIDPolicy(q.NameIDPolicy)
	w.authnContext(q.AuthnContext)
	w.idpList(q.IDPList)
	w.raw(`</samlp:AuthnRequest>`)
	return w.finished(dst, s, room, q.ID)
}

func (w *writer) destination(d string) {
	w.require("destination", d)
	w.attr(" Destination", d)
}

// flag writes an xs:boolean that is false when absent.
func (w *writer) flag(name string, set bool) {
	if set {
		w.attr(name, "true")
	}
}

// issuer writes the Issuer, and leaves room behind it for the signature of the element around it.
func (w *writer) issuer(entityID string, s *Signer, id string) span {
	w.require("issuer", entityID)
	w.saml("Issuer", entityID)
	if s == nil {
		return span{}
	}
	return s.reserve(w, id)
}

// saml writes an element of the assertion's vocabulary inside one of the protocol's, which does not declare it.
func (w *writer) saml(name, value string) {
	w.raw(`<saml:` + name + ` xmlns:saml="` + nsAssertion + `">`)
	w.text(name, value)
	w.raw(`</saml:` + name + `>`)
}

// finished signs the message that began where dst ends, if it is to be signed.
func (w *writer) finished(dst []byte, s *Signer, room span, id string) ([]byte, error) {
	if s != nil {
		s.sign(w, len(dst), room, id)
	}
	if w.err != nil {
		return dst, w.err
	}
	return w.b, nil
}

func (w *writer) nameIDPolicy(p NameIDPolicy) {
	if p == (NameIDPolicy{}) {
		return
	}
	w.raw(`<samlp:NameIDPolicy`)
	w.flag(" AllowCreate", p.AllowCreate)
	w.optional(" Format", p.Format)
	w.optional(" SPNameQualifier", p.SPNameQualifier)
	w.raw(`></samlp:NameIDPolicy>`)
}

func (w *writer) authnContext(c RequestedAuthnContext) {
	if len(c.Classes) == 0 {
		return
	}
	w.raw(`<samlp:RequestedAuthnContext`)
	w.optional(" Comparison", c.Comparison)
	w.raw(`>`)
	for _, class := range c.Classes {
		w.saml("AuthnContextClassRef", class)
	}
	w.raw(`</samlp:RequestedAuthnContext>`)
}

func (w *writer) idpList(ids []string) {
	if len(ids) == 0 {
		return
	}
	w.raw(`<samlp:Scoping><samlp:IDPList>`)
	for _, id := range ids {
		w.require("entityID of a list", id)
		w.raw(`<samlp:IDPEntry`)
		w.attr(" ProviderID", id)
		w.raw(`></samlp:IDPEntry>`)
	}
	w.raw(`</samlp:IDPList></samlp:Scoping>`)
}
