package saml

import "strings"

const (
	maxNameID     = 1024 // ours: what a service calls a person
	maxIDPs       = 64   // ours: entries of an IDPList
	maxRequesters = 16   // ours: services behind the one that asks
)

// requestedSubject reads the Subject of a request (SAML Core 3.4.1). Only a NameID by itself says whom it is about: with a
// confirmation beside it the answer would have to be confirmed in that way, and an encrypted or extended identifier is not
// read. Then Subject stays empty.
func (r reader) requestedSubject(req *AuthnRequest) error {
	var id NameID
	others := 0
	err := r.each(func() (err error) {
		switch {
		case r.is(nsAssertion, "NameID") && id == (NameID{}) && others == 0:
			id = NameID{
				Format: strings.TrimSpace(r.value("Format")), NameQualifier: r.value("NameQualifier"),
				SPNameQualifier: r.value("SPNameQualifier"),
			}
			if _, theirs := r.attr("SPProvidedID"); theirs {
				others++ // SAML Core 3.6: nothing of that kind was ever agreed upon
			}
			if id.Value, err = r.content(); err == nil && (id.Value == "" || len(id.Value) > maxNameID) {
				err = r.fail("NameID is empty, or too long")
			}
			return err
		case r.is(nsAssertion, "NameID"):
			return r.fail("<NameID> twice, or behind something else")
		case r.is(nsAssertion, "SubjectConfirmation"), r.is(nsAssertion, "EncryptedID"), r.is(nsAssertion, "BaseID"):
			others++
			return nil
		}
		return r.fail("unexpected <%s> in a Subject", r.local)
	})
	if err == nil && others == 0 {
		req.Subject = id
	}
	return err
}

// scoping reads who may be asked (SAML Core 3.4.1.2 and 3.4.1.3). GetComplete is an address to ask for more of the list,
// which nobody does here; the services behind the one that asks are counted, and forgotten.
func (r reader) scoping(req *AuthnRequest) error {
	if v, given := r.attr("ProxyCount"); given {
		digits := strings.TrimLeft(strings.Trim(v, " \t\r\n"), "+")
		if digits == "" || len(digits) > 9 || strings.Trim(digits, "0123456789") != "" {
			return r.fail("ProxyCount is not a number")
		}
		req.NoProxy = strings.Trim(digits, "0") == ""
	}
	requesters, lists := 0, 0
	return r.each(func() error {
		switch {
		case r.is(nsProtocol, "RequesterID"):
			if requesters++; requesters > maxRequesters {
				return r.fail("more than %d RequesterIDs", maxRequesters)
			}
			return nil
		case r.is(nsProtocol, "IDPList"):
			if lists++; lists > 1 {
				return r.fail("<IDPList> twice")
			}
			return r.each(func() error { return r.idpEntry(req) })
		}
		return r.fail("unexpected <%s> in a Scoping", r.local)
	})
}

func (r reader) idpEntry(req *AuthnRequest) error {
	switch {
	case r.is(nsProtocol, "GetComplete"):
		return nil
	case !r.is(nsProtocol, "IDPEntry"):
		return r.fail("unexpected <%s> in an IDPList", r.local)
	}
	id := strings.TrimSpace(r.value("ProviderID"))
	if id == "" || len(id) > maxEntityID || len(req.IDPList) == maxIDPs {
		return r.fail("IDPEntry without ProviderID, or too long, or too many")
	}
	req.IDPList = append(req.IDPList, id)
	return nil
}
