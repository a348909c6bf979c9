package app_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/google/go-cmp/cmp"

	"ecluse/internal/admin"
	"ecluse/internal/app"
	"ecluse/internal/attrs"
	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/audit"
)

// TestEverywhereTheSame drives a real sign-in for every cell of the release matrix and holds four things to each other:
// what `explain` says, what the information page says, what the service receives on the wire, and what the journal has;
// for a refusal the reason in `explain`, on the page and in the journal.
func TestEverywhereTheSame(t *testing.T) {
	t.Parallel()
	// Whoever has two establishments visits each service twice: a world each, so that the page comes both times.
	worlds := []*world{newWorld(t, app.DemoOptions{}), newWorld(t, app.DemoOptions{})}
	words, err := dictionary.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	list := cells(t, worlds[0].contents())
	t.Run("cells", func(t *testing.T) { // so that the demo outlives the parallel cells
		for _, c := range raced(list) {
			t.Run(c.String(), func(t *testing.T) {
				t.Parallel()
				w := worlds[0]
				if len(c.who.Places) > 1 && c.who.Places[1].UAI == c.uai {
					w = worlds[1]
				}
				k := &comparison{t: t, w: w, words: words, cell: c, b: w.browser()}
				k.explained = k.explain()
				k.enter()
				switch {
				case !k.explained.Allowed:
					k.compareRefusal(k.explained.Reason)
				case k.explained.Need == "parents_first": // the gate opens, and nothing leaves before somebody else's word
					k.compareRefusal(k.explained.Need)
				default:
					k.compareRelease()
				}
			})
		}
	})
}

// comparison is one cell being looked at from four sides.
type comparison struct {
	t         *testing.T
	w         *world
	words     *dictionary.Dictionary
	cell      cell
	b         *browser
	explained admin.Explanation
}

// item is one attribute with its values.
type item struct {
	Name   string
	Values []string
}

func (k *comparison) explain() admin.Explanation {
	var out bytes.Buffer
	o := app.ExplainOptions{
		Data: k.w.options.Data, Person: "demo:" + k.cell.who.ID, UAI: k.cell.uai, Service: k.cell.service.ID, JSON: true,
	}
	if err := app.Explain(context.Background(), o, &out, io.Discard); err != nil {
		k.t.Fatalf("explain: %v", err)
	}
	var e admin.Explanation
	if err := json.Unmarshal(out.Bytes(), &e); err != nil {
		k.t.Fatalf("explain: %v", err)
	}
	return e
}

// enter comes by a tile that names the establishment, and goes as far as the information page or a refusal.
func (k *comparison) enter() {
	k.t.Helper()
	err := k.b.open(k.w.public + "/go/" + k.cell.service.ID + "?" + url.Values{"uai": {k.cell.uai}}.Encode())
	if err == nil && asksWho(k.b.tab.page) {
		var f form
		if f, err = k.b.tab.page.pressed("person", k.cell.who.ID); err == nil {
			err = k.b.submit(f)
		}
	}
	if err != nil {
		k.t.Fatal(err)
	}
}

func (k *comparison) compareRefusal(because string) {
	k.t.Helper()
	p := k.b.tab.page
	if p.status != http.StatusForbidden || p.reference() == "" {
		k.t.Fatalf("explain refuses because %s; the page is %s", because, p)
	}
	var reasons []string
	for _, row := range k.w.entries(p.reference()) {
		if row.Outcome == audit.Released {
			k.t.Errorf("the journal has a release beside the refusal")
		}
		if row.Outcome == audit.Refused {
			reasons = append(reasons, row.Reason)
		}
	}
	if want := []string{because}; !slices.Equal(reasons, want) {
		k.t.Errorf("refused because %v in the journal, %v in explain", reasons, want)
	}
	if k.explained.Missing != "" {
		entry, _ := k.words.Entry(attrs.Name(k.explained.Missing))
		if text := p.words(); !strings.Contains(text, plain(entry.Label.FR)) && !strings.Contains(text, plain(entry.Child.FR)) {
			k.t.Errorf("the page does not name %s", k.explained.Missing)
		}
	}
}

func (k *comparison) compareRelease() {
	k.t.Helper()
	if !informs(k.b.tab.page) {
		k.t.Fatalf("no information page but %s", k.b.tab.page)
	}
	want := k.expected()
	page, kept := k.onPage()
	if diff := cmp.Diff(k.labelled(want), page); diff != "" {
		k.t.Errorf("information page (-explain +page):\n%s", diff)
	}
	if k.asked() == nil {
		told := k.withheld()
		slices.Sort(told) // the page tells what people fear most first
		slices.Sort(kept)
		if diff := cmp.Diff(told, kept); diff != "" {
			k.t.Errorf("what is kept back (-explain +page):\n%s", diff)
		}
	}
	ref := k.onPageRef()
	f, err := k.b.tab.page.pressed("act", "informed")
	if err == nil {
		err = k.b.submit(f)
	}
	if err != nil {
		k.t.Fatal(err)
	}
	subject, received := k.onWire()
	if diff := cmp.Diff(sorted(want), sorted(received)); diff != "" {
		k.t.Errorf("on the wire (-explain +received):\n%s", diff)
	}
	k.compareSubject(subject)
	k.compareJournal(ref, want)
}

// expected is what explain says, as far as the service asks: an OpenID Connect service asks by scopes.
func (k *comparison) expected() []item {
	out := []item{}
	asked := k.asked()
	for _, r := range k.explained.Released {
		if asked == nil || slices.Contains(asked, attrs.Name(r.Attribute)) {
			out = append(out, item{r.Attribute, r.Values})
		}
	}
	return out
}

// asked are the words that a service's scopes stand for; nil when it asks for all.
func (k *comparison) asked() []attrs.Name {
	if k.cell.service.Bindings[0].Protocol != "oidc" {
		return nil
	}
	out := []attrs.Name{}
	for _, scope := range k.scopes() {
		out = append(out, k.words.ByScope(scope)...)
	}
	return out
}

// scopes are what the site really sent.
func (k *comparison) scopes() []string {
	for _, p := range k.b.trail {
		if p.url.Query().Has("scope") {
			return strings.Fields(p.url.Query().Get("scope"))
		}
	}
	k.t.Fatal("the site sent no scopes")
	return nil
}

func (k *comparison) compareSubject(subject string) {
	k.t.Helper()
	if subject != k.explained.Subject {
		k.t.Errorf("the service knows the person by another subject than explain says")
	}
}

func (k *comparison) compareJournal(ref string, want []item) {
	k.t.Helper()
	names := []string{}
	for _, i := range want {
		names = append(names, i.Name)
	}
	releases := 0
	for _, row := range k.w.entries(ref) {
		if row.Outcome != audit.Released {
			continue
		}
		releases++
		if !slices.Equal(row.Attributes, names) || row.Service != k.cell.service.ID || row.UAI != k.cell.uai ||
			row.Declaration != k.explained.Declaration || row.Version != k.explained.Version {
			k.t.Errorf("the journal's %s has %v of %s at %s under %s v%d; explain has %v", row.Action, row.Attributes,
				row.Service, row.UAI, row.Declaration, row.Version, names)
		}
	}
	if releases == 0 {
		k.t.Errorf("the journal has no release under %q", ref)
	}
}

// onWire reads what the service received: the SAML response as the browser carried it, or the tokens or the answer to a
// ticket as the site shows them.
func (k *comparison) onWire() (string, []item) {
	k.t.Helper()
	switch k.cell.service.Bindings[0].Protocol {
	case "saml":
		return k.assertion()
	case "cas":
		return k.ticketAnswer()
	}
	claims := map[string][]string{}
	for _, part := range k.b.tab.page.all(tag("pre"))[1:] { // the first is the token's header
		var values map[string]any
		if err := json.Unmarshal([]byte(raw(part)), &values); err != nil {
			k.t.Fatalf("what the site shows: %v", err)
		}
		for name, value := range values {
			claims[name] = texts(value)
		}
	}
	subject := claims["sub"]
	for _, name := range strings.Fields("iss aud exp iat nbf jti azp nonce at_hash auth_time acr amr sid rat sub") {
		delete(claims, name)
	}
	var out []item
	for name, values := range claims {
		word, known := k.words.ByClaim(name)
		if !known {
			k.t.Errorf("the claim %s is no word of the dictionary", name)
		}
		out = append(out, item{string(word), values})
	}
	return strings.Join(subject, " "), out
}

func texts(value any) []string {
	list, many := value.([]any)
	if !many {
		return []string{fmt.Sprint(value)}
	}
	var out []string
	for _, v := range list {
		out = append(out, fmt.Sprint(v))
	}
	return out
}

// assertion reads the response that the browser posted; that it is signed and valid is the site's to judge.
func (k *comparison) assertion() (string, []item) {
	k.t.Helper()
	var response struct {
		NameID     string `xml:"Assertion>Subject>NameID"`
		Attributes []struct {
			Name   string   `xml:"Name,attr"`
			Values []string `xml:"AttributeValue"`
		} `xml:"Assertion>AttributeStatement>Attribute"`
	}
	for _, s := range k.b.sent {
		if encoded := s.fields.Get("SAMLResponse"); encoded != "" {
			data, err := base64.StdEncoding.DecodeString(encoded)
			if err == nil {
				err = xml.Unmarshal(data, &response)
			}
			if err != nil {
				k.t.Fatalf("SAML response: %v", err)
			}
		}
	}
	byName := map[string]string{}
	for _, word := range k.words.Words() {
		entry, _ := k.words.Entry(word)
		byName[entry.SAML.Name] = string(word)
	}
	var out []item
	for _, a := range response.Attributes {
		if byName[a.Name] == "" {
			k.t.Errorf("the attribute %s is no word of the dictionary", a.Name)
		}
		out = append(out, item{byName[a.Name], a.Values})
	}
	if p := k.b.tab.page; len(facts(p)) == 0 || p.url.Hostname() != k.cell.service.ID+".localhost" {
		k.t.Errorf("the site did not take it: %s", p)
	}
	return response.NameID, out
}

func raw(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return b.String()
}

func sorted(list []item) map[string][]string {
	out := map[string][]string{}
	for _, i := range list {
		out[i.Name] = i.Values
	}
	return out
}
