package person_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"ecluse/internal/person"
)

func TestTheSDETSaysMoreOfAPupil(t *testing.T) {
	t.Parallel()
	p := resolve(t, map[string][]string{
		"ENTPersonProfils": {"National_elv"}, "ENTPersonStructRattach": {"0280202T"}, "ENTPersonAutresPrenoms": {"Anne", "Rose"}, "ENTPersonNomPatro": {"Petit"},
		"ENTEleveMEF": {"10010012110"}, "ENTEleveLibelleMEF": {"SIXIEME"}, "ENTEleveFiliere": {"GENERALE"}, "ENTEleveStructRattachId": {"701294"},
		"ENTEleveCodeEnseignements": {"0280202T$030201", "0280202T$020700"}, "ENTEleveClasses": {"0280202T$6B"},
	})
	if diff := cmp.Diff(map[person.Attr][]string{person.OtherNames: {"Anne", "Rose"}, person.BirthName: {"Petit"}}, p.Values); diff != "" {
		t.Errorf("everywhere: want -, got +:\n%s", diff)
	}
	want := map[person.Attr][]string{
		person.LevelCode: {"10010012110"}, person.LevelLabel: {"SIXIEME"}, person.Stream: {"GENERALE"}, person.SchoolLocalID: {"701294"},
		person.Courses: {"030201", "020700"},
	}
	if diff := cmp.Diff(want, p.Affiliations[0].Values); diff != "" {
		t.Errorf("in the collège: want -, got +:\n%s", diff)
	}
}

func TestTheSDETSaysMoreOfATeacher(t *testing.T) {
	t.Parallel()
	p := resolve(t, map[string][]string{
		"ENTPersonProfils": {"National_ENS"}, "ENTPersonStructRattach": {"0280202T"}, "PersEducNatPresenceDevantEleves": {"O"},
		"ENTAuxEnsClassesMatieres": {"0280202T$6B$061300$062300", "0280202T$6C", "0280202T$6D$", "0280101H$CM2$X"}, "ENTAuxEnsGroupesMatieres": {"0280202T$G1$061300"},
		"ENTAuxEnsClassesPrincipal": {"0280202T$6B"}, "ENTAuxEnsMEF": {"0280202T$10010012110"},
	})
	want := map[person.Attr][]string{
		person.SubjectCodes: {"061300", "062300"}, person.MainClasses: {"6B"}, person.TaughtLevelCodes: {"10010012110"},
	}
	if diff := cmp.Diff(want, p.Affiliations[0].Values); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
	if p.First(person.BeforePupils) != "O" {
		t.Error("it is not known that the teacher stands before pupils")
	}
}

func TestACodeOfALevelIsKnownAtEachDepth(t *testing.T) {
	t.Parallel()
	m := person.SDET("ac")
	m.Local[person.LevelStat4], m.Local[person.TaughtStat4] = "niveau", "niveaux"
	m.ByCode = map[string]string{"2115": "4EME"}
	for name, c := range map[string]struct {
		raw  map[string][]string
		want map[person.Attr][]string
	}{
		"a pupil": {map[string][]string{"niveau": {"2115"}}, map[person.Attr][]string{
			"level_stat4": {"2115"}, "level_stat3": {"211"}, "level_stat2": {"21"}, "level_stat1": {"2"}, person.Level: {"4EME"},
		}},
		"a teacher of several": {map[string][]string{"niveaux": {"2115", "2116", "2211"}}, map[person.Attr][]string{
			"taught_stat4": {"2115", "2116", "2211"}, "taught_stat3": {"211", "221"}, "taught_stat2": {"21", "22"}, "taught_stat1": {"2"},
		}},
		"a level that the source says": {map[string][]string{"niveau": {"2115"}, "ENTEleveNivFormation": {"3EME"}}, map[person.Attr][]string{
			"level_stat4": {"2115"}, "level_stat3": {"211"}, "level_stat2": {"21"}, "level_stat1": {"2"}, person.Level: {"3EME"},
		}},
		"a code that nobody knows": {map[string][]string{"niveau": {"9999"}}, map[person.Attr][]string{
			"level_stat4": {"9999"}, "level_stat3": {"999"}, "level_stat2": {"99"}, "level_stat1": {"9"},
		}},
		"what is no code": {map[string][]string{"niveau": {"211", "21150", "211X", "sixième"}}, map[person.Attr][]string{
			"level_stat4": {"211", "21150", "211X", "sixième"},
		}},
	} {
		c.raw["ENTPersonJointure"], c.raw["ENTPersonProfils"], c.raw["ENTPersonStructRattach"] = []string{"1"}, []string{"National_ENS"}, []string{"0280202T"}
		p, err := m.Resolve(person.Raw{Attributes: c.raw})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, p.Affiliations[0].Values); diff != "" {
			t.Errorf("%s: want -, got +:\n%s", name, diff)
		}
	}
}

func TestASourceMayHaveWordsOfItsOwnForProfiles(t *testing.T) {
	t.Parallel()
	m := person.SDET("ac")
	m.Profiles = map[string]string{"National_1": "National_ELV", "prof": "national_ens", "chef": "National_5"}
	for said, want := range map[string][]string{
		"National_1": {"0280202T ELV"}, " PROF ": {"0280202T ENS"}, "0280202T$prof": {"0280202T ENS"}, "National_elv": {"0280202T ELV"},
		"chef": nil, "National_3": nil, "profs": nil, "National_ELEVE": nil, "Natonal_elv": nil, "": nil,
	} {
		p, err := m.Resolve(person.Raw{Attributes: map[string][]string{
			"ENTPersonJointure": {"1"}, "ENTPersonProfils": {said}, "ENTPersonStructRattach": {"0280202T"},
		}})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, roles(p)); diff != "" {
			t.Errorf("%q: want -, got +:\n%s", said, diff)
		}
	}
}

func TestAMappingThatIsLikeAnotherSaysOnlyWhatDiffers(t *testing.T) {
	t.Parallel()
	m := person.Mapping{
		Like: "sdet", ID: "uid", Classes: []string{"classe"}, WardBorn: "naissanceEnfant",
		Values: map[person.Attr]string{"library_card": "carteBibliotheque", person.Mail: ""}, ByFunc: map[string]string{"ENS": ""},
	}.Whole("ac-exemple")
	sdet := person.SDET("ac-exemple")
	if m.Authority != "ac-exemple" || m.ID != "uid" || m.WardBorn != "naissanceEnfant" || m.Profile != sdet.Profile || m.Classes[0] != "classe" || len(m.Classes) != 1 || m.Groups[0] != sdet.Groups[0] {
		t.Error("what is said does not count, or what is not said is lost")
	}
	if m.Values["library_card"] == "" || m.Values[person.GivenName] != "givenName" || m.ByFunc["DIR"] == "" {
		t.Error("a word that is added, or one that was there, is lost")
	}
	if _, read := m.Values[person.Mail]; read {
		t.Error("a word whose name is empty is read")
	}
	if _, read := m.ByFunc["ENS"]; read {
		t.Error("a function that was taken away is read")
	}
	if m.Local[person.Level] != sdet.Local[person.Level] || m.Mandates.Application != sdet.Mandates.Application || len(m.Also) != len(sdet.Also) || m.Until != sdet.Until {
		t.Error("the rest is not the SDET's")
	}
	if diff := cmp.Diff(sdet, person.Mapping{Like: "sdet"}.Whole("ac-exemple")); diff != "" {
		t.Errorf("like the SDET and nothing else: want -, got +:\n%s", diff)
	}
	if diff := cmp.Diff(person.EduConnect("edu"), person.Mapping{Like: "educonnect", Authority: "edu"}.Whole("other")); diff != "" {
		t.Errorf("like EduConnect: want -, got +:\n%s", diff)
	}
	own := person.Mapping{Authority: "a", ID: "uid"}
	if diff := cmp.Diff(own, own.Whole("other")); diff != "" {
		t.Errorf("like nothing: want -, got +:\n%s", diff)
	}
	if m := (person.Mapping{Like: "unheard-of", ID: "uid"}).Whole("a"); m.ID != "" {
		t.Error("a mapping like none that we know reads somebody")
	}
}
