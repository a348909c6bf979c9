package saml

import (
	"fmt"
	"strings"
)

// assertion reads the current Assertion element (SAML Core 2.3.3) of verified
// bytes. Elements that would change its meaning and are not known here make it
// refused; Advice is one of them.
func (r reader) assertion() (*AssertionFacts, error) {
	a := &AssertionFacts{ID: r.value("ID")}
	var err error
	if a.IssueInstant, err = r.instant("IssueInstant"); err != nil {
		return nil, err
	}
	if v := r.value("Version"); v != "2.0" {
		return nil, fmt.Errorf("assertion version %q: %w", v, ErrVersion)
	}
	seen := make(map[string]bool, 6)
	err = r.each(func() error {
		name := string(r.local)
		if seen[name] {
			return r.fail("<%s> twice in an assertion", name)
		}
		seen[name] = true
		return r.assertionChild(a)
	})
	if err == nil && (a.Issuer == "" || !seen["Subject"] || !seen["Conditions"]) {
		err = r.fail("assertion without Issuer, Subject or Conditions")
	}
	if err != nil {
		return nil, err
	}
	return a, nil
}

func (r reader) assertionChild(a *AssertionFacts) (err error) {
	switch {
	case r.is(nsAssertion, "Issuer"):
		a.Issuer, err = r.trimmed()
		return err
	case r.is(nsDSig, "Signature"):
		return nil
	case r.is(nsAssertion, "Subject"):
		return r.each(func() error { return r.subjectChild(a) })
	case r.is(nsAssertion, "Conditions"):
		return r.conditions(a)
	case r.is(nsAssertion, "AuthnStatement"):
		return r.authnStatement(a)
	case r.is(nsAssertion, "AttributeStatement"):
		return r.attributes(a)
	}
	return r.fail("unexpected <%s> in an assertion", r.local)
}

func (r reader) subjectChild(a *AssertionFacts) (err error) {
	switch {
	case r.is(nsAssertion, "NameID") && a.NameID.Value == "" && a.sealedName == nil:
		a.NameID, err = r.nameID()
		return err
	case r.is(nsAssertion, "EncryptedID") && a.NameID.Value == "" && a.sealedName == nil:
		a.sealedName, err = r.sealed()
		return err
	case r.is(nsAssertion, "SubjectConfirmation"):
		return r.confirmation(a)
	}
	return r.fail("unexpected <%s> in a Subject", r.local)
}

// confirmation keeps bearer confirmations that carry data; any one of them may
// confirm the subject, others confirm nothing here.
func (r reader) confirmation(a *AssertionFacts) error {
	if r.value("Method") != MethodBearer {
		return nil
	}
	return r.each(func() (err error) {
		if !r.is(nsAssertion, "SubjectConfirmationData") {
			return nil
		}
		c := Confirmation{Recipient: r.value("Recipient"), InResponseTo: r.value("InResponseTo")}
		if c.NotBefore, err = r.instant("NotBefore"); err != nil {
			return err
		}
		if c.NotOnOrAfter, err = r.instant("NotOnOrAfter"); err != nil {
			return err
		}
		a.Confirmations = append(a.Confirmations, c)
		return nil
	})
}

// conditions refuses a condition it does not know: such an assertion is not
// valid (SAML Core 2.5.1.1).
func (r reader) conditions(a *AssertionFacts) (err error) {
	if a.NotBefore, err = r.instant("NotBefore"); err != nil {
		return err
	}
	if a.NotOnOrAfter, err = r.instant("NotOnOrAfter"); err != nil {
		return err
	}
	return r.each(func() error {
		switch {
		case r.is(nsAssertion, "AudienceRestriction"):
			return r.audiences(a)
		case r.is(nsAssertion, "OneTimeUse"):
			a.OneTimeUse = true
			return nil
		case r.is(nsAssertion, "ProxyRestriction"):
			return r.proxyRestriction(a)
		}
		return r.fail("unknown condition <%s>", r.local)
	})
}

// proxyRestriction holds a count of none, and any list of audiences, against passing the assertion on. A greater count
// leaves room for one gateway.
func (r reader) proxyRestriction(a *AssertionFacts) error {
	if v, given := r.attr("Count"); given && strings.Trim(v, " \t\r\n0") == "" {
		a.ProxyRestricted = true
	}
	return r.each(func() error {
		a.ProxyRestricted = true
		return nil
	})
}

func (r reader) audiences(a *AssertionFacts) error {
	var one []string
	err := r.each(func() error {
		if !r.is(nsAssertion, "Audience") {
			return r.fail("unexpected <%s>", r.local)
		}
		v, err := r.trimmed()
		one = append(one, v)
		return err
	})
	a.Audiences = append(a.Audiences, one)
	return err
}

func (r reader) authnStatement(a *AssertionFacts) (err error) {
	a.SessionIndex = r.value("SessionIndex")
	if a.AuthnInstant, err = r.instant("AuthnInstant"); err != nil {
		return err
	}
	if a.SessionNotOnOrAfter, err = r.instant("SessionNotOnOrAfter"); err != nil {
		return err
	}
	return r.each(func() error {
		if !r.is(nsAssertion, "AuthnContext") {
			return nil
		}
		return r.each(func() (err error) {
			switch {
			case r.is(nsAssertion, "AuthnContextClassRef"):
				a.Class, err = r.trimmed()
			case r.is(nsAssertion, "AuthenticatingAuthority"):
				var v string
				v, err = r.trimmed()
				a.Authorities = append(a.Authorities, v)
			}
			return err
		})
	})
}

// attributes reads one statement. The values of all its attributes stand behind one another in one list.
func (r reader) attributes(a *AssertionFacts) error {
	all := make([]string, 0, 16)
	return r.each(func() (err error) {
		all, err = r.attribute(a, all)
		return err
	})
}

// attribute reads values as plain text, behind those that are there. A value that is XML is left
// out: nobody here knows what it means.
func (r reader) attribute(a *AssertionFacts, all []string) ([]string, error) {
	if r.is(nsAssertion, "EncryptedAttribute") {
		return all, refuseSealed("an attribute, of which none is read encrypted")
	}
	if !r.is(nsAssertion, "Attribute") {
		return all, r.fail("unexpected <%s>", r.local)
	}
	from := len(all)
	at := Attribute{Name: r.value("Name"), NameFormat: r.value("NameFormat"), FriendlyName: r.value("FriendlyName")}
	err := r.each(func() error {
		v, plain, err := r.plainContent()
		if plain {
			all = append(all, v)
		}
		return err
	})
	if len(all) > from {
		at.Values = all[from:len(all):len(all)]
	}
	a.Attributes = append(a.Attributes, at)
	return all, err
}
