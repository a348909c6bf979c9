package oidcop

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

func TestWhatAnIDTokenSaysOfItselfHasNoAttributesName(t *testing.T) {
	t.Parallel()
	for field := range reflect.TypeFor[idTokenClaims]().Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if !reserved(name) {
			t.Errorf("%s: an attribute may be called %q", field.Name, name)
		}
		if _, err := (idTokenClaims{}).beside(map[string]any{name: "x"}); err == nil {
			t.Errorf("%s: said a second time", name)
		}
	}
	if _, err := (idTokenClaims{}).beside(map[string]any{"": "x"}); err == nil {
		t.Error("a claim without a name is said")
	}
}

func TestAnIDTokenIsOneObjectOfBoth(t *testing.T) {
	t.Parallel()
	token := idTokenClaims{Issuer: "https://op.example", Subject: `a "quoted" <one>`, Audience: "c", Issued: 1, Expires: 2, Session: "s", Nonce: "}{,"}
	for name, claims := range map[string]map[string]any{
		"of no attributes": nil,
		"of none left":     {},
		"of some":          {"classes": []string{"CE2 B", `"},{`}, "given_name": "Léa", "empty": []string{}},
	} {
		content, err := token.beside(claims)
		var said map[string]any
		if err != nil || json.Unmarshal(content, &said) != nil {
			t.Fatalf("%s: %v %s", name, err, content)
		}
		if len(said) != 7+len(claims) || said["sub"] != token.Subject || said["nonce"] != token.Nonce || said["iat"] != 1.0 {
			t.Errorf("%s: %s", name, content)
		}
		for claim, value := range claims {
			want, _ := json.Marshal(value)
			if got, _ := json.Marshal(said[claim]); string(got) != string(want) {
				t.Errorf("%s: %s is %s", name, claim, got)
			}
		}
	}
	if _, err := token.beside(map[string]any{"odd": func() {}}); err == nil {
		t.Error("what is no JSON is said")
	}
}
