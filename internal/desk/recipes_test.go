package desk_test

import (
	"errors"
	"testing"

	"ecluse/internal/desk"
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
	both := m
	both.Recipes = []registry.Recipe{{Protocol: "saml", Subject: "mail", Names: map[person.Attr]string{"pointure": "P"}}}
	var invalid *desk.Invalid
	if _, err := h.PutModel(t.Context(), h.DRANE(), both, ""); !errors.As(err, &invalid) || len(invalid.Findings) != 1 {
		t.Errorf("beside a mistake stands what is none: %v", explain(err))
	}
	m.Recipes = []registry.Recipe{{Protocol: "saml", Subject: "mail", NameID: "emailAddress"}} // what may change is told, and allowed
	if _, err := h.PutModel(t.Context(), h.DRANE(), m, ""); err != nil {
		t.Error(explain(err))
	}
}
