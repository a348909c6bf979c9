package app_test

import (
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"ecluse/internal/app"
)

// reader looks for answers at the desk as somebody who was never there: from the first page, by links and by forms that only
// read. No address is typed.
type reader struct {
	t *testing.T
	s *story
	b *browser
}

func (r *reader) at() *page { return r.b.tab.page }

// home begins a question.
func (r *reader) home() *reader { return r.click("À faire") }

// click follows the first link that says so, or begins so.
func (r *reader) click(text string) *reader {
	r.t.Helper()
	for _, a := range r.at().all(tag("a")) {
		said := words(a)
		if said != text && !strings.HasPrefix(said, text+" ") {
			continue
		}
		to, err := r.at().url.Parse(attribute(a, "href"))
		if err := errors.Join(err, r.b.follow(to)); err != nil {
			r.t.Fatalf("%q: %v", text, err)
		}
		return r
	}
	r.t.Fatalf("no link says %q on %s\n%s", text, r.at(), r.at().words())
	return nil
}

// ask fills in the form that reads and has these fields; fields are names and values in turn, a value of a list by its words.
func (r *reader) ask(fields ...string) *reader {
	r.t.Helper()
	for _, f := range r.at().forms() {
		if f.post || !has(f, fields[0]) {
			continue
		}
		for _, list := range below(f.node, tag("select")) {
			for _, o := range below(list, tag("option")) {
				if slices.ContainsFunc(o.Attr, func(a html.Attribute) bool { return a.Key == "selected" }) {
					f.fields.Set(attribute(list, "name"), attribute(o, "value"))
				}
			}
		}
		for i := 0; i+1 < len(fields); i += 2 {
			f.fields.Set(fields[i], r.value(f, fields[i], fields[i+1]))
		}
		if err := r.b.submit(f); err != nil {
			r.t.Fatal(err)
		}
		return r
	}
	r.t.Fatalf("no form asks for %q on %s", fields[0], r.at())
	return nil
}

func has(f form, field string) bool {
	named := func(name string) matcher { return matcher(tag(name)) }
	return f.fields.Has(field) || slices.ContainsFunc(below(f.node, named("select")), called(field)) ||
		slices.ContainsFunc(below(f.node, named("input")), called(field))
}

func called(field string) matcher {
	return func(n *html.Node) bool { return attribute(n, "name") == field }
}

// value is what stands behind words in a list of choices, or the words where there is no list.
func (r *reader) value(f form, field, said string) string {
	r.t.Helper()
	lists := slices.DeleteFunc(below(f.node, tag("select")), func(n *html.Node) bool { return !called(field)(n) })
	if len(lists) == 0 {
		return said
	}
	for _, o := range below(lists[0], tag("option")) {
		if strings.HasPrefix(words(o), said) {
			return attribute(o, "value")
		}
	}
	r.t.Fatalf("%s offers no %q", field, said)
	return ""
}

// reads wants words on the page, in this order.
func (r *reader) reads(list ...string) *reader {
	r.t.Helper()
	text := r.at().words()
	for _, want := range list {
		_, rest, found := strings.Cut(text, plain(want))
		if !found {
			r.t.Errorf("%s does not say %q\n%s", r.at(), want, r.at().words())
			return r
		}
		text = rest
	}
	return r
}

// never wants no such words on the page.
func (r *reader) never(list ...string) *reader {
	r.t.Helper()
	for _, bad := range list {
		if strings.Contains(r.at().words(), plain(bad)) {
			r.t.Errorf("%s says %q", r.at(), bad)
		}
	}
	return r
}

// TestANewcomerAnswersTenQuestionsOfADataProtectionOfficerByLinksAlone asks what a data-protection officer is asked, of
// somebody who has never seen the desk.
func TestANewcomerAnswersTenQuestionsOfADataProtectionOfficerByLinksAlone(t *testing.T) {
	t.Parallel()
	begun, monday := time.Now(), time.Date(2026, time.November, 23, 9, 0, 0, 0, time.UTC) // the answers name days
	w := newWorld(t, app.DemoOptions{Now: func() time.Time { return monday.Add(time.Since(begun)) }})
	s := &story{w: w, b: w.browser(), clerks: map[string]*browser{}}
	if err := errors.Join(s.enterDesk([]string{"dora"}), s.enterDesk([]string{"paul"})); err != nil {
		t.Fatal(err)
	}
	happened(t, s)
	ref := refused(t, s)
	r := &reader{t, s, s.clerks["dora"]}

	// 1. What expires in a month, and what does it close?
	r.home().click("Échéances").reads("mai 2027 6 6").click("mai 2027").reads("Ce qui se termine en mai 2027", "Calcul (2026-002 v1) jeudi 27 mai 2027")
	// 2. Who opened Classe to Jean-Moulin, and on what basis?
	r.home().ask("q", "jean-moulin").click("Collège Jean-Moulin").reads("Classe ouvert", "2026-004 v1", "décidé pour l'établissement")
	r.click("2026-004 v1").reads("Responsable", "chef d'établissement", "Portée", "Jean-Moulin")
	// 3. Who refused Calcul there, and why?
	r.home().ask("q", "jean-moulin").click("Collège Jean-Moulin").reads("Calcul refusé ici", "le conseil d'administration n'en veut pas").
		click("Lire le journal de l'établissement").reads("service refusé", "Calcul", "Chef ou cheffe d'établissement").never("Faure")
	// 4. What does Lire receive about a CE2 pupil, and why?
	r.home().click("Services").click("Lire").click("Voir ce que le service recevrait").ask("persona", "Élève de CE2").
		reads("Base légale mission d'intérêt public", "Ce qui serait envoyé", "Numéro opaque", "retrouver ses lectures", "Niveau CE2", "choisir des lectures du bon niveau", "Ce qui ne serait pas envoyé", "Prénom Zoé non déclarée")
	// 5. Which services rest on the DPF?
	r.home().click("Services").ask("transfert", "cadre de protection").reads("0 service")
	// 6. What happened at this reference?
	r.home().ask("q", ref).click("Ouvrir ce qui s'est passé").reads("Ce qui s'est passé sous "+ref, "refus", "le service n'a aucune déclaration", "Discute")
	// 7. What is suspended now, since when, by whom?
	r.home().click("Suspendre").reads("Ce qui est suspendu", "Chorale", "recteur", "une faille est publique")
	// 8. Who decides for an école, and who for a collège?
	r.home().click("Établissements").click("École Jules-Ferry").reads("Décide des services", "DASEN")
	r.home().click("Établissements").click("Collège Jean-Moulin").reads("Décide des services", "Chef ou cheffe d'établissement", "Par délégation")
	// 9. Who holds which office at the rectorat, until when?
	r.home().click("Mandats").reads("DASEN").reads("Recteur ou rectrice").reads("Administration technique")
	// 10. Has the journal been changed by anybody?
	r.home().click("Journal").reads("journal intact : ", "écritures vérifiées le")
}

// happened lets the head of the collège refuse a service and the recteur stop another, through pages.
func happened(t *testing.T, s *story) {
	t.Helper()
	if err := s.enterDesk([]string{"remi"}); err != nil {
		t.Fatal(err)
	}
	paul, remi := &reader{t, s, s.clerks["paul"]}, &reader{t, s, s.clerks["remi"]}
	paul.home().click("Services").click("Calcul")
	paul.press("/decision", url.Values{"etat": {"refused"}, "motif-refused": {"le conseil d'administration n'en veut pas"}})
	remi.home().click("Services").click("Chorale")
	remi.press("/arret", url.Values{"etat": {"stop"}, "motif-stop": {"une faille est publique"}})
}

// press sends a form that acts.
func (r *reader) press(end string, fields url.Values) {
	r.t.Helper()
	f, err := r.at().formTo(end)
	if err != nil {
		r.t.Fatalf("%v on %s", err, r.at())
	}
	for name, values := range fields {
		f.fields[name] = values
	}
	if err := r.b.submit(f); err != nil || r.at().status >= 400 {
		r.t.Fatalf("%v: %s\n%s", err, r.at(), r.at().words())
	}
}

// refused has a pupil turned away, and gives the number that the page shows.
func refused(t *testing.T, s *story) string {
	t.Helper()
	b := s.w.browser()
	if err := b.open(s.w.public + "/go/discute"); err != nil {
		t.Fatalf("%v\n%s", err, b.tab.page)
	}
	ref := b.tab.page.reference()
	if ref == "" {
		t.Fatalf("no reference on %s\n%s", b.tab.page, b.tab.page.words())
	}
	return ref
}
