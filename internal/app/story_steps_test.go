package app_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"ecluse/internal/registry"
)

// steps lists every step a story may take: what people do first, what they then see, and what happens behind the scenes.
func steps() map[string]step {
	return map[string]step{
		"visit *":                       (*story).visit,
		"visit * by post":               (*story).visitByPost,
		"visit * passively":             (*story).visitPassively,
		"tile *":                        (*story).tile,
		"tile * uai * source *":         (*story).tile,
		"tile * uai *":                  (*story).tilePlace,
		"tile * uai * source * back *":  (*story).tile,
		"sign in at the ENT as *":       (*story).signInAtENT,
		"choose person *":               (*story).choosePerson,
		"choose establishment *":        (*story).choosePlace,
		"continue":                      (*story).goOn,
		"agree":                         func(s *story, _ []string) error { return s.press("act", "agreed") },
		"open * of the gateway":         func(s *story, args []string) error { return s.depart(s.w.public + args[0]) },
		"decline":                       (*story).decline,
		"go back to the service":        (*story).goBack,
		"it is not me":                  (*story).notMe,
		"it is me":                      (*story).itsMe,
		"asked whether it is *":         (*story).askedWhetherItIs,
		"nobody was asked who is there": (*story).notAskedWhoIsThere,
		"go on for somebody else":       (*story).goOnForSomebodyElse,

		"tile * uai * source * on a shared device": (*story).tileShared,
		"a second passes":                          (*story).aSecondPasses,
		"ask for it at * because *":                (*story).askForIt,
		"sign out":                                 (*story).signOut,
		"leave *":                                  (*story).leave,
		"tab *":                                    (*story).turnTo,
		"browser *":                                (*story).takeBrowser,
		"keep this page":                           (*story).keepPage,
		"return to the kept page":                  (*story).returnToKept,
		"spoil the proof of the form":              (*story).spoilProof,
		"the next form is sent by another site":    func(s *story, _ []string) error { s.b.alien = true; return nil },
		"hold before * answers":                    (*story).holdBefore,
		"let it go on":                             func(s *story, _ []string) error { return s.b.resume() },

		"the page says *":                  (*story).pageSays,
		"the page does not say *":          (*story).pageDoesNotSay,
		"the page says yesterday's date":   (*story).saysYesterday,
		"the page offers *":                (*story).offers,
		"the page does not offer *":        (*story).doesNotOffer,
		"asked to choose a person":         (*story).askedWho,
		"asked to choose an establishment": (*story).askedWhere,
		"informed":                         (*story).informed,
		"informed of a change":             (*story).informedOfChange,
		"nobody was informed":              (*story).notInformed,
		"nobody was asked to sign in":      (*story).notAsked,
		"arrived at *":                     (*story).arrived,
		"* knows * …":                      (*story).knows,
		"all that * knows is …":            (*story).knowsOnly,
		"* does not know …":                (*story).doesNotKnow,
		"* shows *":                        (*story).shows,
		"note the number at * as *":        (*story).noteNumber,
		"the number at * is *":             (*story).sameNumber,
		"the number at * is not *":         (*story).otherNumber,
		"refused because *":                (*story).refused,
		"answered with * kindly":           (*story).answeredKindly,
		"way back to the ENT":              (*story).wayBack,
		"no way back to the ENT":           (*story).noWayBack,
		"every page showed the way back":   (*story).wayBackEverywhere,
		"* stays open":                     (*story).staysOpen,
		"the sign-out tells of *":          (*story).signOutTellsOf,

		"suspend declaration *":             (*story).suspend,
		"renew declaration *":               (*story).renew,
		"declaration * now also asks for *": (*story).askForMore,
		"the gateway is restarted":          func(s *story, _ []string) error { s.w.restart(); return nil },
	}
}

// depart goes to an address that somebody typed or clicked in another place.
func (s *story) depart(address string) error {
	s.begin = len(s.b.trail)
	err := s.b.open(address)
	if errors.Is(err, errHeld) {
		return nil
	}
	return err
}

func (s *story) visit(args []string) error { return s.depart(s.w.site(args[0]) + "connexion") }

func (s *story) visitByPost(args []string) error {
	return s.depart(s.w.site(args[0]) + "connexion?par=post")
}

func (s *story) visitPassively(args []string) error {
	return s.depart(s.w.site(args[0]) + "connexion?passif=1")
}

func (s *story) tilePlace(args []string) error { return s.tile(args) }

// tile follows a link as an ENT shows it: service, and then as far as they are said establishment, source and way back.
func (s *story) tile(args []string) error {
	q := url.Values{}
	for i, key := range []string{"uai", "source", "return"} {
		if len(args) > i+1 {
			q.Set(key, strings.ReplaceAll(args[i+1], "ENT", s.w.site("ent")))
		}
	}
	return s.depart(s.w.public + "/go/" + args[0] + "?" + q.Encode())
}

// signInAtENT uses the ENT's own door, before any service or when the gateway has sent somebody there.
func (s *story) signInAtENT(args []string) error {
	if p := s.b.tab.page; p == nil || p.url.Hostname() != "ent.localhost" {
		if err := s.depart(s.w.site("ent")); err != nil {
			return err
		}
	}
	return s.press("personne", args[0])
}

// press sends the form that has that button.
func (s *story) press(name, value string) error {
	f, err := s.b.tab.page.pressed(name, value)
	if err != nil {
		return err
	}
	return s.send(f)
}

func (s *story) send(f form) error {
	if err := s.b.submit(f); !errors.Is(err, errHeld) {
		return err
	}
	return nil
}

func (s *story) choosePerson(args []string) error { return s.press("person", args[0]) }

// choosePlace presses the tile with the establishment's name, or the child's.
func (s *story) choosePlace(args []string) error {
	for _, f := range s.b.tab.page.forms() {
		for _, button := range below(f.node, tag("button")) {
			if strings.Contains(words(button), args[0]) && attribute(button, "name") == "place" {
				f.fields.Set("place", attribute(button, "value"))
				return s.send(f)
			}
		}
	}
	return fmt.Errorf("no establishment %q is offered", args[0])
}

func (s *story) goOn([]string) error {
	if err := s.informed(nil); err != nil {
		return err
	}
	return s.press("act", "informed")
}

func (s *story) decline([]string) error { return s.press("act", "refused") }

func (s *story) goBack([]string) error {
	f, err := s.b.tab.page.formTo("/back")
	if err != nil {
		return err
	}
	return s.send(f)
}

func (s *story) notMe([]string) error {
	f, err := s.b.tab.page.formTo("/notme")
	if err != nil {
		return err
	}
	return s.send(f)
}

func (s *story) itsMe([]string) error {
	f, err := s.b.tab.page.formTo("/recognise")
	if err != nil {
		return err
	}
	return s.send(f)
}

func (s *story) askedWhetherItIs(args []string) error {
	if _, err := s.b.tab.page.formTo("/recognise"); err != nil {
		return err
	}
	return s.pageSays(args)
}

// notAskedWhoIsThere looks at every page since the last departure.
func (s *story) notAskedWhoIsThere([]string) error {
	for _, p := range s.b.trail[s.begin:] {
		if p.root == nil {
			continue
		}
		if _, err := p.formTo("/recognise"); err == nil {
			return fmt.Errorf("%s asked", p)
		}
	}
	return nil
}

func (s *story) goOnForSomebodyElse([]string) error {
	link, err := s.b.tab.page.link("Me connecter")
	if err != nil {
		link, err = s.b.tab.page.link("Entrer avec mon compte")
	}
	if err != nil {
		return err
	}
	return s.b.follow(link)
}

// tileShared is a tile whose ENT says that the device passes from hand to hand.
func (s *story) tileShared(args []string) error {
	q := url.Values{"uai": {args[1]}, "source": {args[2]}, "appareil": {"partage"}}
	return s.depart(s.w.public + "/go/" + args[0] + "?" + q.Encode())
}

// aSecondPasses for a source that stamps whole seconds: what it vouched for before is of another second then.
func (s *story) aSecondPasses([]string) error {
	time.Sleep(1100 * time.Millisecond)
	return nil
}

// askForIt fills in the request that a refusal offers to staff, and sends it.
func (s *story) askForIt(args []string) error {
	link, err := s.b.tab.page.link("Demander ce service")
	if err != nil {
		return err
	}
	if err := s.b.follow(link); err != nil {
		return err
	}
	f, err := s.b.tab.page.pressed("uai", args[0])
	if err != nil {
		return err
	}
	f.fields.Set("reason", args[1])
	return s.send(f)
}

func (s *story) signOut([]string) error {
	if err := s.depart(s.w.public + "/signout"); err != nil {
		return err
	}
	return s.confirmSignOut()
}

func (s *story) confirmSignOut() error {
	f, err := s.b.tab.page.formTo("/signout")
	if err != nil {
		return err
	}
	return s.send(f)
}

// leave ends the session at one site.
func (s *story) leave(args []string) error {
	if err := s.depart(s.w.site(args[0])); err != nil {
		return err
	}
	f, err := s.b.tab.page.formTo("/deconnexion")
	if err != nil {
		return err
	}
	return s.send(f)
}

func (s *story) turnTo(args []string) error {
	if s.b.tabs[args[0]] == nil {
		s.b.tabs[args[0]] = &tab{}
	}
	s.b.tab = s.b.tabs[args[0]]
	return nil
}

func (s *story) takeBrowser(args []string) error {
	if s.browsers[args[0]] == nil {
		s.browsers[args[0]] = s.w.browser()
	}
	s.b = s.browsers[args[0]]
	s.begin = len(s.b.trail)
	return nil
}

func (s *story) keepPage([]string) error {
	s.kept = s.b.tab.page
	return nil
}

// returnToKept is the browser's own way back, or a page saved and opened elsewhere: nobody is asked for it again.
func (s *story) returnToKept([]string) error {
	if s.kept == nil {
		return errors.New("no page was kept")
	}
	s.b.tab.page = s.kept
	return nil
}

// spoilProof changes the last character of the proof that each form carries.
func (s *story) spoilProof([]string) error {
	found := false
	for _, input := range s.b.tab.page.all(tag("input")) {
		for i := range input.Attr {
			if attribute(input, "name") == "hop" && input.Attr[i].Key == "value" {
				proof := input.Attr[i].Val
				last := map[bool]string{true: "B", false: "A"}[strings.HasSuffix(proof, "A")]
				input.Attr[i].Val, found = proof[:len(proof)-1]+last, true
			}
		}
	}
	if !found {
		return errors.New("no form carries a proof")
	}
	return nil
}

// holdBefore stops the browser when it is about to hand the gateway's answer to a site.
func (s *story) holdBefore(args []string) error {
	s.b.hold = func(u *url.URL) bool {
		return u.Hostname() == args[0]+".localhost" && (u.Query().Has("code") || u.Query().Has("ticket") || strings.HasSuffix(u.Path, "/acs"))
	}
	return nil
}

// actsWithin is how long a suspension may take to act: the question itself takes seconds on a busy machine. That it is a
// second at most is tried where two replicas share a database.
const actsWithin = 10 * time.Second

func (s *story) suspend(args []string) error {
	took, err := s.w.suspend(args[0])
	if err == nil && took > actsWithin {
		err = fmt.Errorf("the suspension took %v to act", took)
	}
	return err
}

func (s *story) renew(args []string) error {
	return s.w.declare(args[0], func(d *registry.Declaration) { d.Until = d.Until.Add(30) })
}

func (s *story) askForMore(args []string) error {
	return s.w.declare(args[0], func(d *registry.Declaration) {
		d.Items = append(slices.Clone(d.Items), registry.Item{
			Attr: attrName(args[1]), Justification: registry.Text{FR: "mieux aider", EN: "help better"},
		})
	})
}

// holdsEverywhere is what every page of the gateway owes everybody: no frame, no inline script, no cache, no leak by
// referrer.
func (s *story) holdsEverywhere() error {
	for _, p := range s.b.trail {
		if p.url.Host != s.b.host || p.root == nil || p.url.Path == "/" || strings.HasPrefix(p.url.Path, "/_demo/") {
			continue
		}
		policy := p.header.Get("Content-Security-Policy")
		switch {
		case !strings.Contains(policy, "frame-ancestors 'none'"), p.header.Get("X-Frame-Options") != "DENY":
			return fmt.Errorf("%s may be framed", p)
		case strings.Contains(policy, "unsafe-"), !strings.Contains(policy, "default-src 'none'"):
			return fmt.Errorf("%s has a policy with holes: %s", p, policy)
		case p.header.Get("Cache-Control") != "no-store", p.header.Get("X-Content-Type-Options") != "nosniff":
			return fmt.Errorf("%s may be stored or misread", p)
		case p.status >= http.StatusInternalServerError:
			return fmt.Errorf("%s is a fault of ours", p)
		}
	}
	return nil
}
