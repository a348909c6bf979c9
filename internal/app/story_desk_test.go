package app_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"ecluse/internal/registry"
	"ecluse/internal/registry/registrytest"
)

// deskSteps are what people do at the desk, each through the API as whoever signed in there.
func deskSteps() map[string]step {
	return map[string]step{
		"at the desk as *":                                 (*story).enterDesk,
		"at the desk as * of *":                            (*story).enterDesk,
		"at the desk as * with the word":                   (*story).enterByWord,
		"* appoints a provider of *":                       (*story).appointProvider,
		"* confirms the appointment":                       (*story).confirmAppointment,
		"* wishes for * at *":                              (*story).wish,
		"* is told of the wish for *":                      (*story).toldOfWish,
		"* finds a wish of their own for *":                (*story).findsOwnWish,
		"told that the tool was assessed and refused":      (*story).toldAssessed,
		"the alternatives name *":                          (*story).alternativesName,
		"* declares * for *":                               (*story).declareSite,
		"* declares * for * with data in *":                (*story).declareSite,
		"* declares * from the model *":                    (*story).declareFromModel,
		"* submits *":                                      moveTo("submit"),
		"* takes *":                                        moveTo("take"),
		"* sends * back about *":                           (*story).sendBack,
		"* says what was missing in *":                     (*story).fillIn,
		"* approves *":                                     moveTo("approve"),
		"* approves * because *":                           moveTo("approve"),
		"* refuses *":                                      moveTo("refuse"),
		"* suspends * because *":                           moveTo("suspend"),
		"* lifts * because *":                              moveTo("lift"),
		"* thinks * of *":                                  (*story).think,
		"* thinks * of * because *":                        (*story).think,
		"* enables * at *":                                 stanceOf(registry.Enabled),
		"* says no to * at *":                              stanceOf(registry.RefusedHere),
		"* opens * in a crisis for * days":                 (*story).openInCrisis,
		"* ends the crisis":                                (*story).endCrisis,
		"* writes a next version of * that only prolongs":  nextOf(prolong),
		"* writes a next version of * that adds *":         nextOf(addItem),
		"* writes a next version of * that drops *":        nextOf(dropItem),
		"* and * withdraw the adequacy of * within * days": (*story).withdrawAdequacy,
		"* sees that * would stop":                         (*story).seesStop,
		"* is told of a next expiry of *":                  (*story).toldOfExpiry,
		"* is told of the flag on *":                       (*story).toldOfFlag,
		"the desk agrees":                                  (*story).deskAgrees,
		"the desk says no because *":                       (*story).deskRefuses,
		"went on to *":                                     (*story).wentOn,
		"* days later":                                     (*story).later,
		"the newest version of * is version * and *":       (*story).stands,
	}
}

// answer is what the API last said.
type answer struct {
	status int
	body   map[string]any
	text   string
	tag    string
}

func (s *story) clerk(who string) (*browser, error) {
	if b := s.clerks[who]; b != nil {
		return b, nil
	}
	return nil, fmt.Errorf("%s is not at the desk", who)
}

// as plays steps in another browser and comes back to this one.
func (s *story) as(b *browser, play func() error) error {
	before, begin := s.b, s.begin
	defer func() { s.b, s.begin = before, begin }()
	s.b, s.begin = b, len(b.trail)
	return play()
}

// enterDesk signs somebody in at the desk as at any service.
func (s *story) enterDesk(args []string) error {
	b := s.w.browser()
	err := s.as(b, func() error {
		if err := s.depart(s.w.public + "/bureau/entrer"); err != nil {
			return err
		}
		if err := s.press("person", args[0]); err != nil {
			return err
		}
		if len(args) > 1 {
			if err := s.choosePlace(args[1:]); err != nil {
				return err
			}
		}
		if s.informed(nil) == nil {
			return s.press("act", "informed")
		}
		return nil
	})
	if err != nil {
		return err
	}
	s.clerks[args[0]] = b
	if p := b.tab.page; p.url.Path != "/bureau/" || p.status != http.StatusOK {
		return fmt.Errorf("%s did not get to the desk but to %s", args[0], p)
	}
	return nil
}

// enterByWord opens the desk with the one-time word that came with the last appointment.
func (s *story) enterByWord(args []string) error {
	b := s.w.browser()
	err := s.as(b, func() error {
		if err := s.depart(s.w.public + "/bureau/lien"); err != nil {
			return err
		}
		for _, f := range s.b.tab.page.forms() {
			if f.post && f.action.Path == "/bureau/lien" {
				f.fields.Set("mot", s.notes["word"])
				return s.send(f)
			}
		}
		return errors.New("no form takes a word")
	})
	s.clerks[args[0]] = b
	return err
}

// ask sends one request to the API, as a script of our own pages does.
func (s *story) ask(who, method, path string, body any) error {
	b, err := s.clerk(who)
	if err != nil {
		return err
	}
	u, err := url.Parse(s.w.public + "/api/v1" + path)
	if err != nil {
		return err
	}
	var in io.Reader
	if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			return err
		}
		in = bytes.NewReader(data)
	}
	r, err := http.NewRequest(method, u.String(), in)
	if err != nil {
		return err
	}
	b.dress(r, &journey{method: method, to: u, from: u})
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/json")
	r.Header.Set("Origin", origin(u))
	if secret := s.notes["token of "+who]; secret != "" {
		r.Header.Set("Authorization", "Bearer "+secret)
	}
	if method == http.MethodPut && s.said.tag != "" {
		r.Header.Set("If-Match", s.said.tag)
	}
	out, err := b.client.Do(r)
	if err != nil {
		return err
	}
	s.said = answer{status: out.StatusCode, tag: out.Header.Get("ETag")}
	s.said.text = b.read(out)
	if strings.HasPrefix(s.said.text, "{") {
		return json.Unmarshal([]byte(s.said.text), &s.said.body)
	}
	return nil
}

func (s *story) deskAgrees([]string) error {
	if s.said.status >= 300 {
		return fmt.Errorf("the desk answered %d: %s", s.said.status, s.said.text)
	}
	return nil
}

func (s *story) deskRefuses(args []string) error {
	if code, _ := s.said.body["code"].(string); s.said.status < 400 || code != args[0] {
		return fmt.Errorf("the desk answered %d: %s", s.said.status, s.said.text)
	}
	return nil
}

func (s *story) wish(args []string) error {
	return s.ask(args[0], "POST", "/wishes", map[string]any{"about": args[1], "uai": args[2], "reason": "pour la classe"})
}

func (s *story) toldOfWish(args []string) error {
	if err := s.ask(args[0], "GET", "/todo", nil); err != nil {
		return err
	}
	if !strings.Contains(s.said.text, `"wish"`) || !strings.Contains(s.said.text, args[1]) {
		return fmt.Errorf("%s is told %s", args[0], s.said.text)
	}
	return nil
}

// findsOwnWish lists the wishes of somebody who may answer none: what they see is theirs.
func (s *story) findsOwnWish(args []string) error {
	if err := s.ask(args[0], "GET", "/wishes", nil); err != nil {
		return err
	}
	if n := strings.Count(s.said.text, fmt.Sprintf(`"about":%q`, args[1])); n != 1 {
		return fmt.Errorf("%s finds %d: %s", args[0], n, s.said.text)
	}
	return nil
}

func (s *story) toldOfExpiry(args []string) error {
	if err := s.ask(args[0], "GET", "/todo", nil); err != nil {
		return err
	}
	if !strings.Contains(s.said.text, `"expiry"`) || !strings.Contains(s.said.text, args[1]) {
		return fmt.Errorf("%s is told %s", args[0], s.said.text)
	}
	return nil
}

// toldOfFlag wants the task and the list to name the site's declaration, with the day on which it stops.
func (s *story) toldOfFlag(args []string) error {
	for path, words := range map[string][]string{"/todo": {`"flag"`, `"until":"20`}, "/flags": {`"instrument"`, `"until":"20`}} {
		if err := s.ask(args[0], "GET", path, nil); err != nil {
			return err
		}
		for _, want := range append(words, siteID(args[1])) {
			if !strings.Contains(s.said.text, want) {
				return fmt.Errorf("at %s %s is told %s", path, args[0], s.said.text)
			}
		}
	}
	return nil
}

// toldAssessed wants the reasons with their law, and alternatives with their audience and use.
func (s *story) toldAssessed([]string) error {
	if err := s.deskRefuses([]string{"assessed_tool"}); err != nil {
		return err
	}
	for key, want := range map[string]string{"reasons": "law", "alternatives": "audience"} {
		list, _ := s.said.body[key].([]any)
		if len(list) == 0 {
			return fmt.Errorf("no %s in %s", key, s.said.text)
		}
		for _, one := range list {
			if entry, _ := one.(map[string]any); entry[want] == nil {
				return fmt.Errorf("%s without %s: %v", key, want, one)
			}
		}
	}
	return nil
}

func (s *story) alternativesName(args []string) error {
	if list, _ := json.Marshal(s.said.body["alternatives"]); !strings.Contains(string(list), args[0]) {
		return fmt.Errorf("%s is not among %s", args[0], list)
	}
	return nil
}

// today is the day in the demo's academy: near midnight it is another in other zones.
func (s *story) today() registry.Date { return registry.DateOf(s.w.now().In(s.zone())) }

func (s *story) zone() *time.Location {
	zone := registrytest.Paris()
	return zone
}

func stanceOf(state registry.EnablingState) step {
	return func(s *story, args []string) error {
		body := map[string]any{"service": args[1], "state": state, "reason": "décision de l'établissement", "where": map[string]any{"uais": []string{args[2]}}}
		if state == registry.Enabled {
			body["declaration"] = siteID(args[1])
		}
		return s.ask(args[0], "POST", "/enablings", body)
	}
}

func (s *story) openInCrisis(args []string) error {
	days, err := strconv.Atoi(args[2])
	if err != nil {
		return err
	}
	err = s.ask(args[0], "POST", "/openings", map[string]any{
		"service": args[1], "declaration": siteID(args[1]), "academy": "exemple", "act": "Arrêté 2026-51", "reason": "établissements fermés par la crue",
		"from": s.today(), "until": s.today().Add(days - 1),
	})
	if id, _ := s.said.body["id"].(string); id != "" {
		s.notes["opening"] = id
	}
	return err
}

func (s *story) endCrisis(args []string) error {
	return s.ask(args[0], "DELETE", "/openings/"+s.notes["opening"], map[string]any{"reason": "la crue est passée"})
}

// withdrawAdequacy changes the rules by two signatures, the first one's and the second one's.
func (s *story) withdrawAdequacy(args []string) error {
	days, err := strconv.Atoi(args[3])
	if err != nil {
		return err
	}
	if err := s.ask(args[0], "GET", "/rules", nil); err != nil {
		return err
	}
	var rules registry.Rules
	if err := json.Unmarshal([]byte(s.said.text), &rules); err != nil {
		return err
	}
	rules.Note = "la décision d'adéquation est annulée"
	rules.Withdrawn = append(rules.Withdrawn, registry.Withdrawal{
		Instrument: registry.Adequacy, Country: args[2], Since: s.today(), Deadline: s.today().Add(days), Why: "annulée par la Cour",
	})
	if err := s.ask(args[0], "POST", "/rules/effect", rules); err != nil {
		return err
	}
	s.notes["effect"] = s.said.text
	if err := s.ask(args[0], "POST", "/rules/sets", map[string]any{"rules": rules, "from": s.today()}); err != nil || s.said.status >= 300 {
		return errors.Join(err, s.deskAgrees(nil))
	}
	var set registry.RuleSet
	if err := json.Unmarshal([]byte(s.said.text), &set); err != nil {
		return err
	}
	return s.ask(args[1], "POST", fmt.Sprintf("/rules/sets/%d/signatures", set.Rules.Version), map[string]any{"reason": "lu et approuvé"})
}

// seesStop wants the effect that was shown before anybody signed to name the site's declaration.
func (s *story) seesStop(args []string) error {
	if !strings.Contains(s.notes["effect"], siteID(args[1])) {
		return fmt.Errorf("the effect that %s saw is %s", args[0], s.notes["effect"])
	}
	return nil
}

func (s *story) appointProvider(args []string) error {
	err := s.ask(args[0], "POST", "/appointments", map[string]any{
		"role": registry.Provider, "over": map[string]any{"services": []string{args[1]}}, "reason": "contact du fournisseur",
		"from": s.today(), "until": s.today().Add(60),
	})
	if word, _ := s.said.body["claim"].(string); word != "" {
		s.notes["word"] = word
	}
	for _, key := range []string{"appointment", "item"} {
		if inner, _ := s.said.body[key].(map[string]any); inner != nil {
			s.said.body["id"] = inner["id"]
		}
	}
	s.notes["appointment"], _ = s.said.body["id"].(string)
	return err
}

func (s *story) confirmAppointment(args []string) error {
	return s.ask(args[0], "POST", "/appointments/"+s.notes["appointment"]+"/confirm", map[string]any{"state": "confirmed"})
}

// wentOn wants the gateway to have sent the browser to the site with an answer; the sites' own libraries keep to the clock
// of the machine and may not like it.
func (s *story) wentOn(args []string) error {
	p := s.b.tab.page
	if p.url.Hostname() != args[0]+".localhost" || len(s.b.sent) == 0 || !s.b.sent[len(s.b.sent)-1].fields.Has("SAMLResponse") {
		return errors.New("the gateway sent no answer there")
	}
	return nil
}

// later lets days pass, until the gateway has looked at its clock again.
func (s *story) later(args []string) error {
	days, err := strconv.Atoi(args[0])
	if err != nil {
		return err
	}
	s.w.offset.Add(int64(days) * 24 * int64(time.Hour))
	s.clerks = map[string]*browser{}
	return s.w.eventually(func() bool {
		answer, err := http.Get("http://" + s.w.app.OpsAddr().String() + "/readyz")
		if err != nil {
			return false
		}
		defer answer.Body.Close()
		return answer.StatusCode == http.StatusOK
	})
}

func (s *story) stands(args []string) error {
	d, err := s.w.newest(siteID(args[0]))
	if err != nil {
		return err
	}
	if got := fmt.Sprint(d.Version, " ", d.StandingAt(s.w.now(), s.zone())); got != args[1]+" "+args[2] {
		return fmt.Errorf("it is version %s", got)
	}
	return nil
}
