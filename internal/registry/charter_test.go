package registry_test

import (
	"crypto/sha256"
	"encoding/hex"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode"

	"ecluse/internal/registry"
)

func ruled(texts ...string) registry.CharterText {
	var out registry.CharterText
	for _, text := range texts {
		out.Rules = append(out.Rules, registry.CharterRule{Icon: "key", Text: registry.Text{FR: text}})
	}
	return out
}

func charter() registry.Charter {
	return registry.Charter{
		Academy: "exemple", Child: ruled("Je garde mon mot de passe secret."), Adult: ruled("Chacun garde son mot de passe pour soi."),
		Mode: registry.CharterRemind, Until: "10-15", Begins: "09-01", Guardians: registry.AnswerNo, Contact: registry.Text{FR: "la direction"},
	}
}

func TestARightCharterHasNoMistake(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*registry.Charter){
		"as it is":                    func(*registry.Charter) {},
		"a department's":              func(c *registry.Charter) { c.Academy, c.Department = "", "028" },
		"a school's mode and no text": func(c *registry.Charter) { *c = registry.Charter{UAI: ecole, Mode: registry.CharterRequire} },
		"withdrawn":                   func(c *registry.Charter) { *c = registry.Charter{UAI: ecole, Withdrawn: true} },
		"French spaces":               func(c *registry.Charter) { c.Adult.Full.FR = "Un espace\u202f: et un autre\u00a0!" },
		"a comparison":                func(c *registry.Charter) { c.Adult.Full.FR = "1 < 2 & 3 > 2" },
	} {
		c := charter()
		if change(&c); c.Check() != nil {
			t.Errorf("%s: %v", name, c.Check())
		}
	}
}

func TestEveryMistakeOfACharterIsTold(t *testing.T) {
	t.Parallel()
	full := func(text string) func(*registry.Charter) {
		return func(c *registry.Charter) { c.Adult.Full.FR = text }
	}
	for name, c := range map[string]struct {
		change func(*registry.Charter)
		where  string
	}{
		"nobody's":               {func(c *registry.Charter) { c.Academy = "" }, ""},
		"of two places":          {func(c *registry.Charter) { c.UAI = ecole }, ""},
		"of a UAI that is none":  {func(c *registry.Charter) { c.Academy, c.UAI = "", "0280101X" }, "uai"},
		"silent":                 {func(c *registry.Charter) { *c = registry.Charter{UAI: ecole} }, ""},
		"an unknown mode":        {func(c *registry.Charter) { c.Mode, c.Until = "force", "" }, "mode"},
		"an end that is no day":  {func(c *registry.Charter) { c.Until = "2026-10-15" }, "until"},
		"29 February":            {func(c *registry.Charter) { c.Begins = "02-29" }, "begins"},
		"an end and no reminder": {func(c *registry.Charter) { c.Mode = registry.CharterRequire }, "until"},
		"an unknown answer":      {func(c *registry.Charter) { c.Guardians = "maybe" }, "guardians"},
		"a contact of two lines": {func(c *registry.Charter) { c.Contact.FR = "a\nb" }, "contact.fr"},
		"an English contact":     {func(c *registry.Charter) { c.Contact = registry.Text{EN: "the head"} }, "contact.fr"},
		"a text without rules":   {func(c *registry.Charter) { c.Adult.Rules, c.Adult.Full.FR = nil, "Tout." }, "adulte.rules"},
		"thirteen rules":         {func(c *registry.Charter) { c.Adult.Rules = slices.Repeat(c.Adult.Rules, 13) }, "adulte.rules"},
		"an unknown picture":     {func(c *registry.Charter) { c.Adult.Rules[0].Icon = "skull" }, "adulte.rules[0].icon"},
		"an empty rule":          {func(c *registry.Charter) { c.Adult.Rules[0].Text.FR = " " }, "adulte.rules[0].text.fr"},
		"a long rule":            {func(c *registry.Charter) { c.Adult.Rules[0].Text.FR = strings.Repeat("a", 161) }, "adulte.rules[0].text.fr"},
		"many words for a child": {func(c *registry.Charter) { c.Child.Rules[0].Text.EN = strings.Repeat("a ", 13) }, "enfant.rules[0].text.en"},
		"a long text":            {full(strings.Repeat("a", 20001)), "adulte.full.fr"},
		"a text in English only": {func(c *registry.Charter) { c.Adult.Full.EN = "All." }, "adulte.full.fr"},
		"a tag":                  {full("Un <b>mot</b>"), "adulte.full.fr"},
		"a comment":              {full("<!-- rien -->"), "adulte.full.fr"},
		"an entity":              {full("&lt;script&gt;"), "adulte.full.fr"},
		"a link":                 {full("[ici](https://example.org)"), "adulte.full.fr"},
		"a tag in a rule":        {func(c *registry.Charter) { c.Adult.Rules[0].Text.FR = "<img src=x>" }, "adulte.rules[0].text.fr"},
		"a mark of direction":    {full("abc\u202edef"), "adulte.full.fr"},
		"no UTF-8":               {full("\xe9cole"), "adulte.full.fr"},
	} {
		broken := charter()
		c.change(&broken)
		found := broken.Check()
		if len(found) != 1 || found[0].Where != c.where {
			t.Errorf("%s: %v, want one mistake at %q", name, found, c.where)
		}
	}
	all := registry.Charter{Mode: "x", Begins: "x", Guardians: "x", Adult: ruled("")}
	if found := all.Check(); len(found) != 5 {
		t.Errorf("%d mistakes are told at once, want 5: %v", len(found), found)
	}
}

func TestAVersionIsTheContentAndNothingElse(t *testing.T) {
	t.Parallel()
	c := charter()
	same := c
	same.Academy, same.UAI, same.Mode, same.Until, same.ManagedBy = "", ecole, registry.CharterRequire, "", "a.yaml"
	if same.Adult.Version() != c.Adult.Version() || len(c.Adult.Version()) != 64 {
		t.Error("where a text stands changes its version")
	}
	versions := map[string]bool{c.Adult.Version(): true}
	for _, change := range []func(*registry.CharterText){
		func(t *registry.CharterText) { t.Full.FR = "Plus." },
		func(t *registry.CharterText) { t.Full.EN = "More." },
		func(t *registry.CharterText) { t.Rules[0].Text.FR = "Autre." },
		func(t *registry.CharterText) { t.Rules[0].Text.EN = "Other." },
		func(t *registry.CharterText) { t.Rules[0].Icon = "stop" },
		func(t *registry.CharterText) { t.Rules = append(t.Rules, t.Rules[0]) },
	} {
		next := charter().Adult
		change(&next)
		if versions[next.Version()] {
			t.Errorf("%+v is no version of its own", next)
		}
		versions[next.Version()] = true
	}
	if (registry.CharterText{}).Version() != "" {
		t.Error("no text has a version")
	}
	files := c.Files()
	if len(files) != 2 {
		t.Fatalf("%d texts are kept, want 2", len(files))
	}
	for _, f := range files {
		if sum := sha256.Sum256(f.Body); hex.EncodeToString(sum[:]) != f.Hash || f.Type != registry.CharterFile {
			t.Errorf("%s is not kept under what it holds", f.Hash)
		}
	}
}

func TestAFullTextIsReadInBlocks(t *testing.T) {
	t.Parallel()
	got := registry.CharterBlocks("# Titre\nsuite\n\nUn paragraphe\nde deux lignes.\n\n\n- un\n- deux\n  et demi\n\n#sans espace\n\n<script>x</script>")
	want := []registry.CharterBlock{
		{Heading: "Titre"},
		{Text: "suite"},
		{Text: "Un paragraphe de deux lignes."},
		{Items: []string{"un", "deux et demi"}},
		{Text: "#sans espace"},
		{Text: "<script>x</script>"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}
	if registry.CharterBlocks(" \n\n ") != nil {
		t.Error("nothing is read as something")
	}
}

func FuzzCharterBlocksKeepEveryWord(f *testing.F) {
	f.Add("# a\n- b\nc\n\n- d\n- e\n\n#\n-")
	bare := func(text string) string {
		return strings.Map(func(r rune) rune {
			if r == '#' || r == '-' || unicode.IsSpace(r) {
				return -1
			}
			return r
		}, text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		text = strings.ToValidUTF8(text, "") // no file and no request holds anything else
		var said strings.Builder
		for _, b := range registry.CharterBlocks(text) {
			if b.Heading == "" && b.Text == "" && len(b.Items) == 0 {
				t.Errorf("%q holds an empty block", text)
			}
			said.WriteString(b.Heading + b.Text + strings.Join(b.Items, ""))
		}
		if bare(said.String()) != bare(text) {
			t.Errorf("%q is read as %q", text, said.String())
		}
	})
}

func TestACharterIsFoundByItsPlace(t *testing.T) {
	t.Parallel()
	school := registry.Charter{UAI: ecole, Mode: registry.CharterRequire}
	s := registry.NewSnapshot(registry.Contents{Charters: []registry.Charter{charter(), school}}, nil)
	if c, ok := s.Charter(registry.ByAcademy, "exemple"); !ok || c.Mode != registry.CharterRemind {
		t.Errorf("the academy's: %v, %v", ok, c.Mode)
	}
	if c, ok := s.Charter(registry.ByEstablishment, string(ecole)); !ok || c.Name() != "establishment 0280101H" {
		t.Errorf("the école's: %v, %q", ok, c.Name())
	}
	if _, ok := s.Charter(registry.ByDepartment, "exemple"); ok || len(s.Charters()) != 2 {
		t.Error("a level stands for another")
	}
	if (*registry.Snapshot)(nil).Charters() != nil {
		t.Error("the nil snapshot knows a charter")
	}
}
