package saml

import (
	"errors"
	"fmt"
	"mime"
	"strings"
)

// ErrSOAP is wrapped by every refusal of an envelope that is well-formed XML.
var ErrSOAP = errors.New("envelope refused")

// ErrMustUnderstand is wrapped when a header block has to be understood: none is here.
var ErrMustUnderstand = errors.New("a header that must be understood")

// ErrSOAPVersion is wrapped when the root is not an Envelope of SOAP 1.1.
var ErrSOAPVersion = errors.New("not SOAP 1.1")

const (
	nsSOAP = "http://schemas.xmlsoap.org/soap/envelope/"

	// ContentTypeSOAP is what a message in an envelope travels as (SOAP 1.1, section 6).
	ContentTypeSOAP = "text/xml; charset=utf-8"
	// ActionSOAP is the value of the SOAPAction header of a request (SAML Bindings 3.2.2.2); nobody may rely on it.
	ActionSOAP = `"http://www.oasis-open.org/committees/security"`
)

// IsSOAP tells whether a Content-Type is that of an envelope in UTF-8: SOAP 1.1's own, or that of SOAP 1.2, under which pysaml2
// sends 1.1. Which one it is the envelope says. Neither is one that a page of another site can have a browser send.
func IsSOAP(contentType string) bool {
	kind, params, err := mime.ParseMediaType(contentType)
	charset := strings.ToLower(params["charset"])
	return err == nil && (kind == "text/xml" || kind == "application/soap+xml") && (charset == "" || charset == "utf-8" || charset == "us-ascii")
}

// OpenEnvelope gives the one message in the Body of an envelope (SAML Bindings 3.2.2.1) as a document of its own, with the
// namespaces that it had in the envelope, so that a signature around it stays what it was. What stands in headers is
// never handed out. The message is not parsed yet and not trusted.
func OpenEnvelope(doc []byte) ([]byte, error) {
	r, err := openRoot(doc, MessageLimits())
	if err != nil {
		return nil, fmt.Errorf("SOAP: %w", err)
	}
	e := envelope{reader: r}
	if err = e.read(); err == nil {
		err = r.finish()
	}
	if err != nil {
		return nil, fmt.Errorf("SOAP: %w", err)
	}
	return e.message, nil
}

type envelope struct {
	reader
	message []byte
}

// read goes through the envelope: at most one Header, then one Body, and nothing else (SOAP 1.1, section 4.1).
func (e *envelope) read() error {
	if !e.is(nsSOAP, "Envelope") {
		return fmt.Errorf("%w: root is <%s>", ErrSOAPVersion, e.local)
	}
	header, body := false, false
	err := e.each(func() error {
		switch {
		case e.is(nsSOAP, "Header") && !header && !body:
			header = true
			return e.each(e.headerBlock)
		case e.is(nsSOAP, "Body") && !body:
			body = true
			return e.each(e.bodyBlock)
		}
		return fmt.Errorf("%w: unexpected <%s>", ErrSOAP, e.local)
	})
	if err == nil && e.message == nil {
		err = fmt.Errorf("%w: nothing in it", ErrSOAP)
	}
	return err
}

// headerBlock steps over a header, whoever it is for, unless it says that it must be understood (SOAP 1.1, section 4.2.3).
func (e *envelope) headerBlock() error {
	for _, a := range e.attrs {
		if string(a.local) != "mustUnderstand" || string(a.space) != nsSOAP {
			continue
		}
		if v := strings.TrimSpace(string(decoded(a.raw, rawAttr))); v != "0" && v != "false" {
			return fmt.Errorf("%w: <%s>", ErrMustUnderstand, e.local)
		}
	}
	return nil
}

func (e *envelope) bodyBlock() error {
	if e.message != nil {
		return fmt.Errorf("%w: two messages in it", ErrSOAP)
	}
	var err error
	e.message, err = e.lift(func() error { return nil })
	return err
}

// AppendEnvelope appends a message in an envelope to dst. The message is one element as this package writes it, which is
// not changed: its signature stays good.
func AppendEnvelope(dst, message []byte) []byte {
	dst = append(dst, `<soap:Envelope xmlns:soap="`+nsSOAP+`"><soap:Body>`...)
	return append(append(dst, message...), `</soap:Body></soap:Envelope>`...)
}

// AppendFault appends an envelope that says why there is no answer (SOAP 1.1, section 4.4). The code follows from the
// error; reason is for people and holds nothing of the message.
func AppendFault(dst []byte, why error, reason string) []byte {
	w := writer{}
	w.raw(`<soap:Fault><faultcode>soap:` + faultCode(why) + `</faultcode><faultstring>`)
	w.text("reason", reason)
	w.raw(`</faultstring></soap:Fault>`)
	return AppendEnvelope(dst, w.b)
}

// faultCode is one of SOAP 1.1, section 4.4.1.
func faultCode(why error) string {
	switch {
	case errors.Is(why, ErrMustUnderstand):
		return "MustUnderstand"
	case errors.Is(why, ErrSOAPVersion):
		return "VersionMismatch"
	case why != nil:
		return "Client"
	}
	return "Server"
}
