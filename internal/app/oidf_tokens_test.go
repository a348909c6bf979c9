package app_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// idToken verifies the id token by the published keys, and checks what the suite's standard checks do.
func (s *suite) idToken(r reply) map[string]any {
	s.t.Helper()
	claims, header := s.verified(r.text("id_token"))
	now, at := s.w.now(), func(name string) time.Time { n, _ := claims[name].(float64); return time.Unix(int64(n), 0) }
	sub, _ := claims["sub"].(string)
	switch {
	case claims["iss"] != s.w.public || claims["aud"] != s.client.id || sub == "" || len(sub) > 255:
		s.t.Errorf("iss %v, aud %v, sub %q", claims["iss"], claims["aud"], sub)
	case at("iat").After(now.Add(time.Second)) || at("iat").Before(now.Add(-time.Minute)) || !at("exp").After(now):
		s.t.Errorf("iat %v, exp %v at %v", at("iat"), at("exp"), now)
	case claims["auth_time"] == nil || at("auth_time").After(now.Add(time.Second)):
		s.t.Errorf("auth_time %v", claims["auth_time"])
	}
	if hash, there := claims["at_hash"]; there {
		sum := sha256.Sum256([]byte(r.text("access_token")))
		if hash != base64.RawURLEncoding.EncodeToString(sum[:16]) || header.Algorithm == "EdDSA" {
			s.t.Errorf("at_hash %v", hash)
		}
	}
	known := []string{"iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "azp", "at_hash", "c_hash", "nbf", "jti", "sid", "s_hash"}
	for name := range claims {
		if !slices.Contains(known, name) {
			s.t.Errorf("the id token holds %s, which nobody asked for there", name)
		}
	}
	return claims
}

// verified takes the key by its kid, which must be there.
func (s *suite) verified(token string) (map[string]any, jose.Header) {
	s.t.Helper()
	signed, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.RS256, jose.ES256, jose.PS256})
	if err != nil {
		s.t.Fatal(err)
	}
	var set jose.JSONWebKeySet
	raw, err := json.Marshal(s.document("/oidc/jwks"))
	if err == nil {
		err = json.Unmarshal(raw, &set)
	}
	header := signed.Signatures[0].Header
	keys := set.Key(header.KeyID)
	if err != nil || header.KeyID == "" || len(keys) != 1 {
		s.t.Fatalf("kid %q is that of %d keys: %v", header.KeyID, len(keys), err)
	}
	payload, err := signed.Verify(keys[0])
	claims := map[string]any{}
	if err == nil {
		err = json.Unmarshal(payload, &claims)
	}
	if err != nil {
		s.t.Fatal(err)
	}
	return claims, header
}

// nonced wants the nonce of the request in an id token, or none where the request had none.
func (s *suite) nonced(claims map[string]any) map[string]any {
	s.t.Helper()
	got, _ := claims["nonce"].(string)
	if got != s.sent.Get("nonce") {
		s.t.Errorf("nonce %q, want %q", got, s.sent.Get("nonce"))
	}
	return claims
}

// flow is a whole one: its id token, and its access token.
func (s *suite) flow(q url.Values) (claims map[string]any, access string) {
	s.t.Helper()
	r := s.token(redeeming(s.code(q)))
	return s.nonced(s.good(r, "bearer")), r.text("access_token")
}

// userinfo asks with the token in the header; of it must be the same subject.
func (s *suite) userinfo(access string, of map[string]any) map[string]any {
	s.t.Helper()
	r, err := http.NewRequest(http.MethodGet, s.endpoint("userinfo_endpoint"), nil)
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+access)
	return s.about(s.do(r), of)
}

func (s *suite) about(r reply, of map[string]any) map[string]any {
	s.t.Helper()
	if r.status != http.StatusOK || r.text("sub") == "" || r.body["sub"] != of["sub"] {
		s.t.Errorf("userinfo: %d, sub %v, in the id token %v", r.status, r.body["sub"], of["sub"])
	}
	return r.body
}

// pass lets time pass, until the gateway has looked at its clock again.
func (s *suite) pass(d time.Duration) {
	s.t.Helper()
	s.w.offset.Add(int64(d))
	if err := s.w.eventually(func() bool {
		answer, err := http.Get("http://" + s.w.app.OpsAddr().String() + "/readyz")
		if err != nil {
			return false
		}
		defer answer.Body.Close()
		return answer.StatusCode == http.StatusOK
	}); err != nil {
		s.t.Fatal(err)
	}
}
