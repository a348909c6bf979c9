package ldap_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"ecluse/internal/upstream"
	"ecluse/internal/upstream/ldap/ldaptest"
)

func TestSomebodyFoundByIdentifierIsWhoASignInWouldBring(t *testing.T) {
	t.Parallel()
	g := newGate(t, ldaptest.Start(t), setup{})
	g.signsIn(t, "lea.martin")
	raw, err := g.Find(t.Context(), "AC-RENNES$1001")
	if err != nil || !reflect.DeepEqual(raw.Attributes, g.last(t).Attributes) || raw.Authn.Method != g.last(t).Authn.Method {
		t.Errorf("%v, and another identity than the sign-in's", err)
	}
	for _, id := range []string{"", "*", "AC-RENNES$*", "AC-RENNES$1001)(uid=*", "nobody", "a\x00b", strings.Repeat("a", 300)} {
		if _, err := g.Find(t.Context(), id); !errors.Is(err, upstream.ErrNobody) {
			t.Errorf("%q: %v", id, err)
		}
	}
	if strings.Contains(g.logged.String(), "1001") {
		t.Error("the identifier is in the log")
	}
}
