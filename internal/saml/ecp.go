package saml

const (
	nsECP     = "urn:oasis:names:tc:SAML:2.0:profiles:SSO:ecp"
	actorNext = "http://schemas.xmlsoap.org/soap/actor/next"
)

// AppendECPAnswer appends a response in the envelope that an enhanced client is given (SAML Profiles 4.2.3.4): the header
// names the return address of the service, which the client compares with the one that the service named to it. authentic
// tells it that the request was signed by the service (ECP 2.0, 2.3.3). On an error dst comes back as it was.
func AppendECPAnswer(dst, response []byte, acs string, authentic bool) ([]byte, error) {
	w := writer{b: dst}
	w.raw(`<soap:Envelope xmlns:soap="` + nsSOAP + `"><soap:Header>`)
	if authentic {
		w.raw(`<ecp:RequestAuthenticated xmlns:ecp="` + nsECP + `" soap:actor="` + actorNext + `" soap:mustUnderstand="0"></ecp:RequestAuthenticated>`)
	}
	w.raw(`<ecp:Response xmlns:ecp="` + nsECP + `"`)
	w.require("return address", acs)
	w.attr(" AssertionConsumerServiceURL", acs)
	w.raw(` soap:actor="` + actorNext + `" soap:mustUnderstand="1"></ecp:Response></soap:Header><soap:Body>`)
	w.b = append(w.b, response...)
	w.raw(`</soap:Body></soap:Envelope>`)
	if w.err != nil {
		return dst, w.err
	}
	return w.b, nil
}
