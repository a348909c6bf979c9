package canary

import (
	"encoding/base64"
	"strings"
	"testing"
)

func TestHonestTokensAndUserinfoAreNoBreach(t *testing.T) {
	t.Parallel()
	w := newWorld(t, academy())
	school := map[string]any{"level": "CE2", "classes": []string{"CE2 B"}, "uai": school, "ido": number, "pro": "National_ELV"}
	userinfo := map[string]any{"sub": number, "level": "CE2", "classes": []string{}}
	for name, m := range map[string]Message{
		"an id token":              message("lire", "oidc", "id-token", token(claimsOf(t, base(school)))),
		"an id token with nothing": message("lire", "oidc", "id-token", token(claimsOf(t, base(nil)))),
		"userinfo":                 message("lire", "oidc", "userinfo", []byte(claimsOf(t, userinfo))),
		"signed userinfo":          message("lire", "oidc", "userinfo", token(claimsOf(t, map[string]any{"iss": "x", "aud": "y", "sub": number, "level": "CE2"}))),
		"names":                    message("carnet", "oidc", "userinfo", []byte(claimsOf(t, map[string]any{"sub": number, "given_name": "Léa", "email": "lea@ecole.example"}))),
	} {
		if found := w.see(m); len(found) != 0 {
			t.Errorf("%s: %v", name, found)
		}
	}
}

func TestEachWayToSendMoreInClaimsIsCaught(t *testing.T) {
	t.Parallel()
	w := newWorld(t, academy())
	with := func(more map[string]any) string { return claimsOf(t, base(more)) }
	head := func(header string) []byte {
		e := base64.RawURLEncoding.EncodeToString
		return []byte(e([]byte(header)) + "." + e([]byte(with(nil))) + ".c2ln")
	}
	for name, c := range map[string]struct {
		kind string
		body []byte
		want Kind
	}{
		"an undeclared claim":       {"id-token", token(with(map[string]any{"level_code": "1001"})), Undeclared},
		"a claim that nobody knows": {"id-token", token(with(map[string]any{"shoe_size": 38})), Undeclared},
		"a name":                    {"id-token", token(with(map[string]any{"given_name": "Léa"})), NamesSomeone},
		"the pupil number":          {"id-token", token(with(map[string]any{"ine": "x"})), Uncited},
		"the NIR":                   {"id-token", token(with(map[string]any{"nir": "x"})), Forbidden},
		"a claim source":            {"id-token", token(with(map[string]any{"_claim_sources": map[string]any{"a": map[string]any{"JWT": "x"}}})), Undeclared},
		"claim names":               {"id-token", token(with(map[string]any{"_claim_names": map[string]any{"email": "a"}})), Strange},
		"an object for a text":      {"id-token", token(with(map[string]any{"level": map[string]any{"lea": "martin"}})), Strange},
		"objects in a list":         {"id-token", token(with(map[string]any{"classes": []any{map[string]any{"lea": 1}}})), Strange},
		"a list in a list":          {"id-token", token(with(map[string]any{"classes": []any{[]string{"lea"}}})), Strange},
		"an object as audience":     {"id-token", token(with(map[string]any{"aud": map[string]any{"lea": 1}})), Strange},
		"a claim twice":             {"id-token", token(strings.Replace(with(nil), `{`, `{"sub":"lea",`, 1)), Strange},
		"null":                      {"id-token", token(with(map[string]any{"level": nil})), Strange},
		"a mail as sub":             {"id-token", token(with(map[string]any{"sub": "lea@ecole.example"})), Subject},
		"a number as sub":           {"id-token", token(with(map[string]any{"sub": 12})), Subject},
		"a list as sub":             {"id-token", token(with(map[string]any{"sub": []string{number, number}})), Subject},
		"a mail as sid":             {"id-token", token(with(map[string]any{"sid": "lea@ecole.example"})), Disguised},
		"a mail as amr":             {"id-token", token(with(map[string]any{"amr": []string{"lea@ecole.example"}})), Disguised},
		"a pupil number as level":   {"id-token", token(with(map[string]any{"level": "1234567890A"})), Disguised},
		"another school":            {"id-token", token(with(map[string]any{"uai": other})), OtherPlace},
		"two schools":               {"id-token", token(with(map[string]any{"uai": []string{school, other}})), OtherPlace},
		"a header that tells":       {"id-token", head(`{"alg":"ES256","lea":"martin"}`), Strange},
		"a header with keys":        {"id-token", head(`{"alg":"ES256","jwk":{"kty":"EC"}}`), Strange},
		"two parts":                 {"id-token", []byte("e30.e30"), Unreadable},
		"five parts":                {"id-token", []byte("e30.e30.e30.e30.e30"), Unreadable},
		"no JSON":                   {"id-token", token("lea"), Unreadable},
		"more than one value":       {"id-token", token(with(nil) + with(nil)), Unreadable},
		"a list":                    {"id-token", token("[1]"), Unreadable},
		"userinfo with aud":         {"userinfo", []byte(claimsOf(t, map[string]any{"sub": number, "aud": "x"})), Undeclared},
		"userinfo with a nonce":     {"userinfo", []byte(claimsOf(t, map[string]any{"sub": number, "nonce": "lea"})), Undeclared},
		"userinfo without sub":      {"userinfo", []byte(`{}`), Subject},
		"userinfo with an address":  {"userinfo", []byte(claimsOf(t, map[string]any{"sub": number, "address": map[string]any{"formatted": "1 rue"}})), Undeclared},
		"signed userinfo":           {"userinfo", token(claimsOf(t, map[string]any{"sub": number, "email": "x"})), NamesSomeone},
		"half an object":            {"userinfo", []byte(`{"sub":"x"`), Unreadable},
	} {
		if found := w.see(message("lire", "oidc", c.kind, c.body)); !kinds(found)[c.want] {
			t.Errorf("%s: %v, want %s", name, found, c.want)
		}
	}
}
