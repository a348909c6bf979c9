package oidcrp

import (
	"encoding/json"
	"testing"
	"time"
)

// FuzzClaimsBecomeAttributesWithinBounds gives whatever a source may send to everything that reads it.
func FuzzClaimsBecomeAttributesWithinBounds(f *testing.F) {
	for _, seed := range []string{
		`{"sub":"a","schools":[{"uai":"0280202T","classes":[{"name":"4A"}]}],"x.y":{"z":[1,true,null,"b"]}}`,
		`{"a":[[[[{"a":{"a":{"a":{"a":{"a":"b"}}}}}]]]]}`, `{"aud":["a",1],"iat":1e400,"exp":-1,"auth_time":"x","acr":{}}`, `null`, `[]`,
		`{"keys":[{"kty":"EC","crv":"P-256","x":"AA","y":"AA"},{"kty":"oct","k":"AA"}],"issuer":"https://op.example"}`,
	} {
		f.Add([]byte(seed), []byte(`{"each":"schools","join":["uai","classes.name"]}`))
	}
	f.Add([]byte(`{"a":"b"}`), []byte(`["a","x.y"]`))
	f.Fuzz(func(t *testing.T, body, rule []byte) {
		p := &provider{settings: Settings{Issuer: "https://op.example"}}
		_, _ = p.readMetadata(body)
		_, _ = readKeys(body)
		said, err := readClaims(body)
		if err != nil {
			return
		}
		s := defaults()
		var pick Pick
		if json.Unmarshal(rule, &pick) == nil {
			s.Attributes = map[string]Pick{"picked": pick}
		}
		for name, values := range s.attributes(said) {
			if len(values) == 0 || len(values) > mostValues {
				t.Errorf("%q has %d values", name, len(values))
			}
		}
		c := &Connector{settings: s, now: time.Now}
		if why := c.judge(said, request{Nonce: "n"}); why == "" {
			t.Error("somebody is signed in by nothing")
		}
	})
}
