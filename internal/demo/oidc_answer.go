package demo

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/coreos/go-oidc/v3/oidc"
)

// describeTokens turns a verified id token and its userinfo into facts. A
// claim that both carry is told once, with every value that either gave.
func describeTokens(compact string, idToken *oidc.IDToken, info *oidc.UserInfo) (outcome, error) {
	var fromToken, fromInfo json.RawMessage
	if err := idToken.Claims(&fromToken); err != nil {
		return outcome{}, fmt.Errorf("id token: %w", err)
	}
	if err := info.Claims(&fromInfo); err != nil {
		return outcome{}, fmt.Errorf("userinfo: %w", err)
	}
	facts, err := claimFacts(fromToken, fromInfo)
	if err != nil {
		return outcome{}, err
	}
	return outcome{received: &received{
		Facts:   facts,
		Unknown: ignorance(facts),
		About:   aboutToken(idToken),
		Raw: []rawPart{
			{Title: "En-tête de l’id_token", TitleEN: "id_token header", Text: laidOut(tokenHeader(compact))},
			{Title: "Contenu de l’id_token", TitleEN: "id_token payload", Text: laidOut(fromToken)},
			{Title: "Réponse de userinfo", TitleEN: "userinfo answer", Text: laidOut(fromInfo)},
		},
	}}, nil
}

func claimFacts(sources ...json.RawMessage) ([]fact, error) {
	values := map[string][]string{}
	for _, source := range sources {
		claims := map[string]any{}
		if err := json.Unmarshal(source, &claims); err != nil {
			return nil, fmt.Errorf("claims: %w", err)
		}
		for name, value := range claims {
			if !aboutTheToken(name) {
				values[name] = union(values[name], claimValues(value))
			}
		}
	}
	var facts []fact
	for name, all := range values {
		facts = append(facts, newFact(name, all...))
	}
	inOrder(facts)
	return facts, nil
}

// aboutTheToken reports the claims that tell of the token and not of the
// person (OpenID Connect Core 2 and 3, RFC 7519 4.1).
func aboutTheToken(name string) bool {
	switch name {
	case "iss", "aud", "exp", "iat", "nbf", "jti", "azp", "nonce", "at_hash", "c_hash",
		"auth_time", "acr", "amr", "sid", "rat", "updated_at":
		return true
	}
	return false
}

func claimValues(value any) []string {
	switch v := value.(type) {
	case nil:
		return nil
	case string:
		return []string{v}
	case []any:
		var out []string
		for _, item := range v {
			out = append(out, claimValues(item)...)
		}
		return out
	default:
		text, err := json.Marshal(v)
		if err != nil {
			return nil
		}
		return []string{string(text)}
	}
}

func union(have, more []string) []string {
	for _, value := range more {
		known := false
		for _, old := range have {
			known = known || old == value
		}
		if !known {
			have = append(have, value)
		}
	}
	return have
}

func aboutToken(t *oidc.IDToken) []fact {
	return []fact{
		{Word: word{"Émis par", "Issued by"}, Wire: "iss", Values: []string{t.Issuer}},
		{Word: word{"Pour", "For"}, Wire: "aud", Values: t.Audience},
		{Word: word{"Le", "At"}, Wire: "iat", Values: []string{clock(t.IssuedAt)}},
		{Word: word{"Valable jusqu’à", "Good until"}, Wire: "exp", Values: []string{clock(t.Expiry)}},
	}
}

func tokenHeader(compact string) []byte {
	head, _, _ := strings.Cut(compact, ".")
	out, err := base64.RawURLEncoding.DecodeString(head)
	if err != nil {
		return nil
	}
	return out
}

func laidOut(text []byte) string {
	var out bytes.Buffer
	if err := json.Indent(&out, text, "", "  "); err != nil {
		return string(text)
	}
	return out.String()
}
