package rules

import (
	"net/http"
	"slices"
	"strconv"

	"ecluse/internal/admin/frame"
	"ecluse/internal/desk"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
	"ecluse/internal/web"
)

// The states of a version as the pages say them.
const (
	waiting  = "waiting"
	inForce  = "in_force"
	upcoming = "upcoming"
	replaced = "replaced"
	dropped  = "dropped"
)

func standing(v *frame.Visit, s *registry.Snapshot, set registry.RuleSet) string {
	switch {
	case set.Dropped:
		return dropped
	case set.Rules.Version == s.Rules(v.Now).Version:
		return inForce
	case set.Rules.Version == 0:
		return replaced
	case !set.Signed():
		return waiting
	case v.Now.Before(set.From.Starts(s.Zone())):
		return upcoming
	}
	return replaced
}

func badge(v *frame.Visit, word string) web.Badge {
	kind := map[string]string{waiting: "warning", inForce: "success", dropped: "danger"}[word]
	return web.Badge{Kind: kind, Text: v.Say("standing." + word)}
}

type listPage struct {
	web.Frame
	Rows    []row
	Propose bool
	Done    string
}

type row struct {
	Name, URL, Note, From string
	State                 web.Badge
}

func list(w http.ResponseWriter, v *frame.Visit) error {
	s, err := v.Desk.Catalogue(v.Context(), v.Caller)
	if err != nil {
		return err
	}
	out := listPage{Frame: v.Around(v.Say("title")), Propose: v.May(roles.ProposeRules, roles.Target{})}
	all := s.RuleSets()
	slices.SortFunc(all, func(a, b registry.RuleSet) int { return b.Rules.Version - a.Rules.Version })
	for _, set := range all {
		n := strconv.Itoa(set.Rules.Version)
		out.Rows = append(out.Rows, row{
			Name: v.Say("version", "n", n), URL: sets + "/" + n, Note: set.Rules.Note, From: v.Date(set.From), State: badge(v, standing(v, s, set)),
		})
	}
	return v.Render(w, http.StatusOK, "list", out)
}

type onePage struct {
	web.Frame
	Name, Number string
	Note, From   string
	State        web.Badge
	Against      string
	Changes      []change
	Signatures   []string
	Effect       *effect
	Sign, Own    bool
	Reason       web.Area
	Wrong        []web.InputError
	Done         string
}

// effect is what a version would stop, as whoever signs it sees it.
type effect struct {
	Stops, Blocks []string
	Schools       string
}

func one(w http.ResponseWriter, v *frame.Visit) error { return show(w, v, "", frame.Wrong{}) }

// find gives the version that the address names.
func find(v *frame.Visit) (*registry.Snapshot, registry.RuleSet, error) {
	s, err := v.Desk.Catalogue(v.Context(), v.Caller)
	if err != nil {
		return nil, registry.RuleSet{}, err
	}
	all, number := s.RuleSets(), v.R.PathValue("version")
	i := slices.IndexFunc(all, func(set registry.RuleSet) bool { return strconv.Itoa(set.Rules.Version) == number })
	if i < 0 {
		return nil, registry.RuleSet{}, &desk.NotFound{Kind: "rules", ID: number}
	}
	return s, all[i], nil
}

func show(w http.ResponseWriter, v *frame.Visit, typed string, wrong frame.Wrong) error {
	s, set, err := find(v)
	if err != nil {
		return err
	}
	word, number := standing(v, s, set), strconv.Itoa(set.Rules.Version)
	out := onePage{
		Name: v.Say("version", "n", number), Number: number, Note: set.Rules.Note, From: v.Date(set.From), State: badge(v, word), Signatures: signatures(v, set),
		Reason: web.Area{Name: "motif", Label: v.Say("sign.reason"), Hint: v.Say("sign.hint"), Value: typed, Error: wrong.At("reason")},
		Wrong:  wrong.Summary(func(field string) string { return map[string]string{"reason": "motif"}[field] }),
	}
	if before, ok := against(v, s, set, word); ok {
		out.Against, out.Changes = v.Say("version", "n", strconv.Itoa(before.Version)), changes(v, before, set.Rules)
	}
	if word == waiting && v.May(roles.SignRules, roles.Target{}) {
		out.Sign = true
		out.Own = slices.ContainsFunc(set.Signatures, func(s registry.Signature) bool { return s.By == v.Caller.Handle })
		if out.Effect, err = effectOf(v, set.Rules); err != nil {
			return err
		}
	}
	if said := v.Query("fait"); slices.Contains([]string{"signed", "dropped", "proposed"}, said) && v.R.Method == http.MethodGet {
		out.Done = v.Say("done." + said)
	}
	out.Frame = v.Around(out.Name, web.Tab{Label: v.Say("title"), URL: sets})
	if wrong.Status != 0 {
		out.Here = sets + "/" + number
	}
	return v.Render(w, max(http.StatusOK, wrong.Status), "one", out)
}

// against is what a version is compared with: the rules that hold, or, of one that held already, the version before it.
func against(v *frame.Visit, s *registry.Snapshot, set registry.RuleSet, word string) (registry.Rules, bool) {
	if word == waiting || word == upcoming || word == dropped {
		return s.Rules(v.Now), true
	}
	best, ok := registry.Rules{}, false
	for _, o := range s.RuleSets() {
		signed := o.Rules.Version == 0 || o.Signed()
		if signed && o.Rules.Version < set.Rules.Version && (!ok || o.Rules.Version > best.Version) {
			best, ok = o.Rules, true
		}
	}
	return best, ok
}

func signatures(v *frame.Visit, set registry.RuleSet) []string {
	var out []string
	for i, s := range set.Signatures {
		key := "signature.line"
		if set.Dropped && i == len(set.Signatures)-1 {
			key = "signature.dropped"
		}
		out = append(out, v.Say(key, "role", v.Role(s.Role), "date", v.Kit.DateTime(v.Lang, s.At), "n", v.Number(s.Stops), "text", s.Reason))
	}
	return out
}

func effectOf(v *frame.Visit, r registry.Rules) (*effect, error) {
	e, err := v.Desk.EffectOf(v.Context(), v.Caller, r)
	if err != nil {
		return nil, err
	}
	return &effect{Stops: e.Stops, Blocks: e.Blocks, Schools: v.Number(e.Schools)}, nil
}

func sign(w http.ResponseWriter, v *frame.Visit) error {
	f, err := v.Form()
	if err != nil {
		return err
	}
	_, set, err := find(v)
	if err != nil {
		return err
	}
	drop, word := f.Get("etat") == "dropped", "signed"
	if drop {
		word = "dropped"
	}
	_, err = v.Desk.SignRules(v.Context(), v.Caller, set.Rules.Version, drop, f.Get("motif"))
	if wrong, ok := v.Wrong(err); ok {
		return show(w, v, f.Get("motif"), wrong)
	}
	if err != nil {
		return err
	}
	return v.Redirect(w, sets+"/"+strconv.Itoa(set.Rules.Version)+"?fait="+word)
}
