package app_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"ecluse/internal/person"
	"ecluse/internal/policy/conformity/conformitytest"
	"ecluse/internal/registry"
)

// scopeOf reads "0280202T", "schools" (available to each) or "academy" (the recteur answers for all).
func scopeOf(word string) registry.Scope {
	switch word {
	case "academy":
		return registry.Scope{Level: registry.ByAcademy, Academies: []string{"exemple"}, All: true}
	case "schools":
		return registry.Scope{Level: registry.ByAcademy, Academies: []string{"exemple"}}
	default:
		return registry.Scope{Level: registry.ByEstablishment, UAIs: []person.UAI{person.UAI(word)}}
	}
}

// siteID is the declaration that a story makes of a site.
func siteID(site string) string { return "fiche-" + site }

// whole is a declaration against which nothing stands, on the days around today, its papers attached.
func (s *story) whole(who, site string, scope registry.Scope) (registry.Declaration, error) {
	d := conformitytest.Conforming(site, siteID(site))
	d.Scope, d.From, d.Until = scope, s.today().Add(-1), s.today().Add(80)
	if scope.Level == registry.ByEstablishment {
		d.Controller.Name, d.Controller.Office = "Collège Jean-Moulin", "chef d'établissement"
		d.Supplier.Parties = []string{"Collège Jean-Moulin", d.Supplier.Name}
		d.Supplier.SignedBy, d.Supplier.CouncilAct = "chef d'établissement", "CA du 12 juin, acte 14"
		d.Documents = append(d.Documents, registry.Document{Kind: registry.CouncilPaper, Name: "acte-14.pdf"})
	}
	d.Supplier.Signed, d.Supplier.Terms.Accepted, d.Supplier.Until = s.today().Add(-20), s.today().Add(-20), s.today().Add(500)
	d.DPIA.Date = s.today().Add(-40)
	for i := range d.Documents {
		hash, err := s.attach(who, string(d.Documents[i].Kind))
		if errors.Is(err, errNotTaken) {
			return d, nil // whoever may not attach a paper writes the rest
		}
		if err != nil {
			return d, err
		}
		if d.Documents[i].Hash == d.Supplier.Terms.Document {
			d.Supplier.Terms.Document = hash
		}
		if d.Documents[i].Hash == d.DPIA.Document {
			d.DPIA.Document = hash
		}
		d.Documents[i].Hash, d.Documents[i].Date = hash, s.today().Add(-20)
	}
	return d, nil
}

var errNotTaken = errors.New("the paper was not taken")

// attach sends a paper and gives its hash, which everybody can compute.
func (s *story) attach(who, kind string) (string, error) {
	b, err := s.clerk(who)
	if err != nil {
		return "", err
	}
	text := "Pièce de la démonstration : " + kind + "\n"
	u, err := url.Parse(s.w.public + "/api/v1/documents?kind=" + kind)
	if err != nil {
		return "", err
	}
	r, err := http.NewRequest(http.MethodPost, u.String(), strings.NewReader(text))
	if err != nil {
		return "", err
	}
	b.dress(r, &journey{method: http.MethodPost, to: u, from: u})
	r.Header.Set("Content-Type", "application/octet-stream")
	r.Header.Set("X-Requested-With", "story")
	out, err := b.client.Do(r)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256([]byte(text))
	hash := hex.EncodeToString(sum[:])
	if said := b.read(out); out.StatusCode >= 300 || !strings.Contains(said, hash) {
		return "", fmt.Errorf("%w: %d %s", errNotTaken, out.StatusCode, said)
	}
	return hash, nil
}

func (s *story) declareSite(args []string) error {
	d, err := s.whole(args[0], args[1], scopeOf(args[2]))
	if err != nil {
		return err
	}
	if len(args) > 3 {
		d.Hosting = []string{"FR", args[3]}
		d.Transfers = []registry.Transfer{{Country: args[3], Recipient: d.Supplier.Name, Instrument: registry.Adequacy, Reference: "décision d'adéquation", Signed: s.today().Add(-20)}}
	}
	return s.ask(args[0], "POST", "/declarations", map[string]any{"declaration": d})
}

// declareFromModel begins with a model and says what only the academy can say.
func (s *story) declareFromModel(args []string) error {
	own, err := s.whole(args[0], args[1], scopeOf("schools"))
	if err != nil {
		return err
	}
	return s.ask(args[0], "POST", "/declarations", map[string]any{"model": args[2], "declaration": own})
}

// newestAt asks the API for the newest version of a site's declaration that somebody sees.
func (s *story) newestAt(who, site string) (registry.Declaration, error) {
	var page struct{ Items []registry.Declaration }
	if err := s.ask(who, "GET", "/declarations?page_size=100&id="+siteID(site), nil); err != nil {
		return registry.Declaration{}, err
	}
	if err := json.Unmarshal([]byte(s.said.text), &page); err != nil || len(page.Items) == 0 {
		return registry.Declaration{}, fmt.Errorf("%s sees no declaration of %s: %s", who, site, s.said.text)
	}
	return slices.MaxFunc(page.Items, func(a, b registry.Declaration) int { return a.Version - b.Version }), nil
}

func versionPath(d registry.Declaration) string {
	return fmt.Sprintf("/declarations/%s/versions/%d", d.ID, d.Version)
}

func moveTo(word string) step {
	return func(s *story, args []string) error {
		d, err := s.newestAt(args[0], args[1])
		if err != nil {
			return err
		}
		body := map[string]any{}
		if len(args) > 2 {
			body["reason"] = args[2]
		}
		return s.ask(args[0], "POST", versionPath(d)+"/"+word, body)
	}
}

func (s *story) sendBack(args []string) error {
	d, err := s.newestAt(args[0], args[1])
	if err != nil {
		return err
	}
	return s.ask(args[0], "POST", versionPath(d)+"/correct", map[string]any{"reason": "à préciser", "notes": []any{map[string]any{"where": args[2], "what": "trop vague"}}})
}

// edit replaces the text of the newest version with the tag that was just read.
func (s *story) edit(who, site string, change func(*registry.Declaration)) error {
	d, err := s.newestAt(who, site)
	if err != nil {
		return err
	}
	if err := s.ask(who, "GET", versionPath(d), nil); err != nil {
		return err
	}
	change(&d)
	return s.ask(who, "PUT", versionPath(d), d)
}

func (s *story) fillIn(args []string) error {
	return s.edit(args[0], args[1], func(d *registry.Declaration) {
		d.Purposes = append(d.Purposes, registry.Text{FR: "Rendre compte des lectures au professeur", EN: "Report readings to the teacher"})
	})
}

func (s *story) think(args []string) error {
	d, err := s.newestAt(args[0], args[2])
	if err != nil {
		return err
	}
	body := map[string]any{"value": args[1]}
	if len(args) > 3 {
		body["reason"] = args[3]
	}
	return s.ask(args[0], "POST", versionPath(d)+"/opinion", body)
}

func nextOf(change func(*registry.Declaration, string)) step {
	return func(s *story, args []string) error {
		who, site, what := args[0], args[1], strings.Join(args[2:], " ")
		if err := s.ask(who, "POST", "/declarations/"+siteID(site)+"/versions", map[string]any{}); err != nil || s.said.status >= 300 {
			return err
		}
		return s.edit(who, site, func(d *registry.Declaration) { change(d, what) })
	}
}

func prolong(d *registry.Declaration, _ string) { d.Until = d.Until.Add(60) }

func addItem(d *registry.Declaration, attr string) {
	d.Items = append(d.Items, registry.Item{Attr: person.Attr(attr), Justification: registry.Text{FR: "mieux aider l'élève", EN: "help the pupil better"}})
	d.Justified = append(d.Justified, registry.Justified{Rule: "item-usual", Text: "les lectures diffèrent d'un type d'établissement à l'autre"})
}

func dropItem(d *registry.Declaration, attr string) {
	d.Items = slices.DeleteFunc(d.Items, func(i registry.Item) bool { return string(i.Attr) == attr })
}
