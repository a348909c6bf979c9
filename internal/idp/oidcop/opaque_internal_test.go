package oidcop

import (
	"bytes"
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ory/fosite"
	"github.com/ory/fosite/token/hmac"
)

// theirs is fosite's own strategy under the same secret.
func theirs(secret []byte) *hmac.HMACStrategy {
	return &hmac.HMACStrategy{Config: &fosite.Config{GlobalSecret: secret[:32]}}
}

func TestOpaqueTokensAreThoseOfFositesOwnStrategy(t *testing.T) {
	t.Parallel()
	secret := bytes.Repeat([]byte("secret"), 11)
	ours, fosites := newTokens(secret), theirs(secret)
	for range 50 {
		token, signature := ours.generate()
		if fosites.Validate(context.Background(), token) != nil || fosites.Signature(token) != signature || signatureOf(token) != signature {
			t.Fatal("fosite does not know our token")
		}
		token, signature, err := fosites.Generate(context.Background())
		if err != nil || ours.validate(token) != nil || signatureOf(token) != signature {
			t.Fatal("we do not know fosite's token")
		}
	}
}

func TestOpaqueTokensOfAnotherUseOrFormAreRefused(t *testing.T) {
	t.Parallel()
	ours, others := newTokens(bytes.Repeat([]byte{1}, 64)), newTokens(bytes.Repeat([]byte{2}, 64))
	token, signature := ours.generate()
	half := token[:halfToken]
	if !strings.ContainsRune("AEIMQUYcgkosw048", rune(half[halfToken-1])) { // the last one says two bits that nobody reads
		t.Fatalf("%q is not the end of 32 bytes", half[halfToken-1])
	}
	foreign, _ := others.generate()
	for name, bad := range map[string]string{
		"another use":         foreign,
		"both halves swapped": signature + "." + half,
		"spare bits set":      half[:halfToken-1] + string(half[halfToken-1]+1) + "." + signature,
		"a line break":        half[:20] + "\n" + half[21:] + "." + signature,
		"a character less":    token[:len(token)-1],
		"a character more":    token + "A",
		"a third part":        token + "." + signature,
		"no dot":              half + "-" + signature,
		"nothing":             "",
		"only a dot":          ".",
		"first half empty":    "." + signature,
	} {
		if ours.validate(bad) == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	for i := range len(token) {
		changed := []byte(token)
		changed[i] ^= 0x02
		if ours.validate(string(changed)) == nil {
			t.Errorf("character %d changed: accepted", i)
		}
	}
	if ours.validate(token) != nil {
		t.Error("the token itself is refused")
	}
}

func TestOpaqueTokensAreMadeAndCheckedByManyAtOnce(t *testing.T) {
	t.Parallel()
	ours := newTokens(bytes.Repeat([]byte{3}, 64))
	var seen sync.Map
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 200 {
				token, _ := ours.generate()
				if _, twice := seen.LoadOrStore(token, true); twice || ours.validate(token) != nil {
					t.Error("a token came twice, or is not known")
				}
			}
		})
	}
	all.Wait()
}

func TestWhatFositeAddsToOneRequesterReachesNoOther(t *testing.T) {
	t.Parallel()
	x := &exchange{
		Provider: &Provider{cfg: Config{Now: time.Now}},
		grant:    grant{ID: "g", Client: "c", Subject: "s", Scopes: make([]string, 1, 4), RedirectURI: "https://rp.example/cb"},
	}
	x.grant.Scopes[0] = "openid"
	first := x.requester()
	first.AppendRequestedScope("more")
	first.GrantScope("most")
	first.GetSession().SetExpiresAt(fosite.AccessToken, x.cfg.Now().AddDate(1, 0, 0))
	first.GetRequestForm().Set("redirect_uri", "https://elsewhere.example/")
	second := x.requester()
	if len(second.GetRequestedScopes()) != 1 || len(second.GetGrantedScopes()) != 1 || len(x.grant.Scopes) != 1 {
		t.Error("a scope that was added is in the next copy")
	}
	if first.GetRequestedScopes()[1] != "more" || first.GetGrantedScopes()[1] != "most" {
		t.Error("what was added to one list is in the other")
	}
	if !second.GetSession().GetExpiresAt(fosite.AccessToken).IsZero() {
		t.Error("an end that was set is in the next copy")
	}
	if second.GetRequestForm().Get("redirect_uri") != x.grant.RedirectURI || second.GetRequestForm().Has("code_challenge") {
		t.Error("the form is not that of the grant")
	}
	if second.GetSession().GetSubject() != "s" || second.GetClient().GetID() != "c" || second.GetID() != "g" {
		t.Error("the copy is not what the grant says")
	}
}
