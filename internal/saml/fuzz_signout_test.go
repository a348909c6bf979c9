package saml_test

import (
	"errors"
	"reflect"
	"testing"

	"ecluse/internal/saml"
)

// FuzzVerifySignOut holds what the fuzzer makes of signed messages about sign-outs and artifacts to what was signed: whatever is
// read of them, by any of their readers, says that and nothing else.
func FuzzVerifySignOut(f *testing.F) {
	families := []string{"logout", "logoutanswer", "artifact", "soap"}
	seed(f, families...)
	f.Fuzz(func(t *testing.T, doc []byte) {
		for _, family := range families {
			if err := readSignOutAttack(family, doc); errors.Is(err, errIdentity) {
				t.Errorf("read as %s it says what nobody signed", family)
			}
		}
	})
}

// FuzzParseSignOut holds a message about a sign-out to the limits, and to say the same when it is written and read again.
func FuzzParseSignOut(f *testing.F) {
	seed(f, "logout", "logoutanswer", "request", "signedrequest", "response")
	f.Add([]byte(logoutXML))
	f.Add([]byte(logoutAnswerXML))
	f.Fuzz(func(t *testing.T, doc []byte) {
		if q, err := saml.ParseLogoutRequest(doc); err == nil {
			if q.ID == "" || q.Issuer == "" || q.NameID.Value == "" || q.IssueInstant.IsZero() || len(q.Sessions) > 64 || saml.CheckShape(doc) != nil {
				t.Fatalf("a request is taken without what it needs, or beyond the limits")
			}
			q.HasSignature = false
			if again, err := saml.AppendLogoutRequest(nil, &q); err == nil {
				if read, err := saml.ParseLogoutRequest(again); err != nil || !reflect.DeepEqual(read, q) {
					t.Fatalf("written and read again it is another: %v", err)
				}
			}
		}
		p, err := saml.ParseLogoutResponse(doc)
		if err != nil {
			return
		}
		if p.ID == "" || p.InResponseTo == "" || p.Issuer == "" || p.Code == "" || p.IssueInstant.IsZero() || saml.CheckShape(doc) != nil {
			t.Fatal("an answer is taken without what it needs, or beyond the limits")
		}
		p.HasSignature = false
		if again, err := saml.AppendLogoutResponse(nil, &p); err == nil {
			if read, err := saml.ParseLogoutResponse(again); err != nil || read != p {
				t.Fatalf("written and read again it is another: %v", err)
			}
		}
	})
}

// FuzzParseArtifact holds an artifact to say the same when it is written again.
func FuzzParseArtifact(f *testing.F) {
	f.Add(saml.NewArtifact(idpEntity, 3).Encode())
	f.Add("AAQAAA==")
	f.Fuzz(func(t *testing.T, text string) {
		a, err := saml.ParseArtifact(text)
		if err != nil {
			return
		}
		if again, err := saml.ParseArtifact(a.Encode()); err != nil || again != a {
			t.Errorf("written and read again it is another: %v", err)
		}
	})
}
