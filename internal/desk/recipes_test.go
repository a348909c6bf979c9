package desk_test

import (
	"testing"

	"ecluse/internal/desk/desktest"
	"ecluse/internal/person"
	"ecluse/internal/registry"
)

func TestARecipeWantsWordsOfTheDictionaryWhoeverWritesIt(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	m, known := h.Snapshot(t).Model("pix")
	if !known {
		t.Fatal("no model")
	}
	for where, r := range map[string]registry.Recipe{
		"recipes[0].names.pointure":       {Protocol: "saml", Names: map[person.Attr]string{"pointure": "P"}},
		"recipes[0].names.mail":           {Protocol: "saml", Names: map[person.Attr]string{"mail": "NIR"}},
		"recipes[0].subject":              {Protocol: "oidc", Subject: "classes"},
		"recipes[0].outputs[0].attribute": {Protocol: "cas", Outputs: []registry.Output{{Attr: "pointure", Name: "P"}}},
	} {
		wrong := m
		wrong.Recipes = []registry.Recipe{r}
		_, err := h.PutModel(t.Context(), h.DRANE(), wrong, "")
		isInvalid(t, err, where)
	}
	m.Recipes = []registry.Recipe{{Protocol: "saml", Subject: "mail", NameID: "emailAddress"}} // what may change is told, and allowed
	if _, err := h.PutModel(t.Context(), h.DRANE(), m, ""); err != nil {
		t.Error(explain(err))
	}
}
