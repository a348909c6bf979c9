package person_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ecluse/internal/person"
)

const (
	rneOfCollege  = "0280202T$UAJ$PU$ADF$UAJ2$T3$CLG$340"
	respOfCollege = "0280202T$UAJ$PU$N$T3$CLG$340"
	respOfLycee   = "0750652B$UAJ$PU$N$T3$LYC$302"
)

func delegation(part ...string) string {
	whole := []string{
		"Écluse", "/redirectionhub/redirect.jsp?applicationname=ecluse", "01/09/2026", "31/10/2026", "X",
		"FrEduRneResp=" + respOfCollege, "srv1", "mod",
	}
	for i := 0; i+1 < len(part); i += 2 {
		whole[strings.Index("nabedrsm", part[i])] = part[i+1]
	}
	return strings.Join(whole, "|")
}

func at(p person.Person, uai person.UAI) person.Affiliation {
	i := slices.IndexFunc(p.Affiliations, func(a person.Affiliation) bool { return a.UAI == uai })
	if i < 0 {
		return person.Affiliation{}
	}
	return p.Affiliations[i]
}

func TestTheFederationSaysWhoHeadsWhatInBothSpellings(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"FrEduRneResp", "fr_edu_rne_resp"} {
		p := resolve(t, map[string][]string{name: {respOfCollege, "X", respOfLycee, respOfCollege}})
		if got := p.Values[person.HeadsOf]; !slices.Equal(got, []string{string(college), string(lycee)}) {
			t.Errorf("%s: %q", name, got)
		}
	}
	for name, v := range map[string]string{
		"none": "X", "six parts": "0280202T$UAJ$PU$N$T3$CLG", "eight parts": respOfCollege + "$340",
		"a wrong letter": "0280202A$UAJ$PU$N$T3$CLG$340", "no UAI": "$UAJ$PU$N$T3$CLG$340", "a bare UAI": "0280202T", "nothing": "",
	} {
		if got := resolve(t, map[string][]string{"FrEduRneResp": {v}}).Values[person.HeadsOf]; got != nil {
			t.Errorf("%s: %q is trusted", name, got)
		}
	}
}

func TestAFunctionWithoutAPlaceHoldsWhereThePersonHeadsOrIsAlone(t *testing.T) {
	t.Parallel()
	profiles := []string{"0280202T$National_DIR", "0750652B$National_ENS"}
	p := resolve(t, map[string][]string{"ENTPersonProfils": profiles, "FrEduFonctAdm": {"DIR"}, "FrEduRneResp": {respOfCollege}})
	if got := at(p, college).Functions; !slices.Equal(got, []string{"DIR"}) {
		t.Errorf("where they head: %q", got)
	}
	if got := at(p, lycee).Functions; got != nil {
		t.Errorf("where they teach: %q", got)
	}
	p = resolve(t, map[string][]string{"ENTPersonProfils": profiles, "FrEduFonctAdm": {"ADF"}})
	for _, a := range p.Affiliations {
		if len(a.Functions) != 0 {
			t.Errorf("%s: a function whose place nobody says: %q", a.UAI, a.Functions)
		}
	}
	p = resolve(t, map[string][]string{"ENTPersonProfils": profiles[:1], "fr_edu_fonct_adm": {"ADF", "X", "not a code", ""}})
	if got := at(p, college).Functions; !slices.Equal(got, []string{"ADF"}) {
		t.Errorf("in their only school: %q", got)
	}
	p = resolve(t, map[string][]string{"ENTPersonProfils": {"0280202T$National_ELV"}, "ENTPersonStructRattach": {"0280202T"}})
	if got := at(p, college).Functions; got != nil {
		t.Errorf("a pupil has functions: %q", got)
	}
}

func TestTheFederationPlacesPeopleByTheirFunctions(t *testing.T) {
	t.Parallel()
	p := resolve(t, map[string][]string{"FrEduRne": {rneOfCollege, "0750652B$UAJ$PU$ENS$U$T3$LYC$302"}})
	if want := []string{"0280202T DIR", "0750652B ENS"}; !cmp.Equal(roles(p), want) {
		t.Errorf("%q, want %q", roles(p), want)
	}
	if got := at(p, college).Functions; !slices.Equal(got, []string{"ADF"}) {
		t.Errorf("functions there: %q", got)
	}
	for name, v := range map[string]string{
		"seven parts": strings.TrimSuffix(rneOfCollege, "$340"), "nine parts": rneOfCollege + "$1", "none": "X",
		"a wrong letter": "0280202A$UAJ$PU$ENS$U$T3$CLG$340", "no function": "0280202T$UAJ$PU$X$U$T3$CLG$340", "nothing": "",
	} {
		if p := resolve(t, map[string][]string{"FrEduRne": {v}}); len(p.Affiliations) != 0 {
			t.Errorf("%s: %q is trusted", name, roles(p))
		}
	}
}

func TestADelegationCountsForOurApplicationWithBothDatesAndAWholeValue(t *testing.T) {
	t.Parallel()
	p := resolve(t, map[string][]string{"FrEduResDel": {
		delegation("r", "FrEduRneResp="+respOfCollege+";"+respOfLycee+";X;0280202T", "d", "somebody"), delegation("n", " Écluse\n  bis\t"),
	}})
	want := []string{
		"0280202T 2026-09-01 2026-10-31 Écluse", "0750652B 2026-09-01 2026-10-31 Écluse", "0280202T 2026-09-01 2026-10-31 Écluse bis",
	}
	if got := p.Values[person.ActsFor]; !cmp.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	for name, v := range map[string]string{
		"none":                    "X",
		"seven parts":             strings.TrimSuffix(delegation(), "|mod"),
		"nine parts":              delegation() + "|more",
		"another application":     delegation("a", "/redirect.jsp?applicationname=aplypro"),
		"ours somewhere else":     delegation("a", "/ecluse?applicationname=aplypro&x=ecluse"),
		"two applications":        delegation("a", "/r?applicationname=aplypro&applicationname=ecluse"),
		"two spellings":           delegation("a", "/r?applicationname=ecluse&ApplicationName=aplypro"),
		"no application":          delegation("a", "/redirect.jsp"),
		"an address nobody reads": delegation("a", "%zz"),
		"no beginning":            delegation("b", ""),
		"another kind of date":    delegation("b", "2026-09-01"),
		"no such day":             delegation("e", "31/11/2026"),
		"no end":                  delegation("e", "X"),
		"ends before it begins":   delegation("e", "31/08/2026"),
		"no establishment":        delegation("r", "FrEduRneResp=X"),
		"an unnamed list":         delegation("r", respOfCollege),
		"no name":                 delegation("n", " "),
	} {
		if got := resolve(t, map[string][]string{"FrEduResDel": {v}}).Values[person.ActsFor]; got != nil {
			t.Errorf("%s: %q is trusted", name, got)
		}
	}
}

func FuzzMandates(f *testing.F) {
	for _, seed := range []string{rneOfCollege, respOfCollege, delegation(), "X", "$$$$$$", "|||||||", delegation("n", "a\x00b\u2028c|")} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, v string) {
		p, err := person.SDET("a").Resolve(person.Raw{Attributes: map[string][]string{
			"ENTPersonJointure": {"1"}, "FrEduRne": {v}, "FrEduRneResp": {v}, "FrEduFonctAdm": {v}, "FrEduResDel": {v},
		}})
		if err != nil {
			t.Fatal(err)
		}
		for _, uai := range p.Values[person.HeadsOf] {
			if got, err := person.ParseUAI(uai); err != nil || string(got) != uai {
				t.Errorf("heads %q", uai)
			}
		}
		for _, v := range p.Values[person.ActsFor] {
			part := strings.SplitN(v, " ", 4)
			if len(part) != 4 || strings.TrimSpace(part[3]) == "" || strings.ContainsAny(v, "\r\n\x00") || part[1] > part[2] {
				t.Errorf("acts for %q", v)
			}
		}
		for _, a := range p.Affiliations {
			for _, code := range a.Functions {
				if code == "X" || strings.ContainsAny(code, " $|\n") {
					t.Errorf("function %q", code)
				}
			}
		}
	})
}
