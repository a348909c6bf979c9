package notice_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/notice"
	"ecluse/internal/person"
	"ecluse/internal/policy/conformity/conformitytest"
	"ecluse/internal/registry"
	"ecluse/internal/registry/registrytest"
)

const (
	ecole   = person.UAI("0280101H")
	college = person.UAI("0280202T")
	lycee   = person.UAI("0750652B")
)

func noon() time.Time { return time.Date(2026, 11, 22, 11, 0, 0, 0, time.UTC) }

func write(t *testing.T, uai person.UAI, to registry.Reader, lang string, change func(*registry.Contents)) (notice.Notice, []notice.Lack) {
	t.Helper()
	words, err := dictionary.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	d := conformitytest.Conforming("lire", "lire-1")
	d.State, d.Scope = registry.Approved, registry.Scope{Level: registry.ByAcademy, Academies: []string{"exemple"}, All: true}
	c := registry.Contents{
		Establishments: []registry.Establishment{
			{UAI: ecole, Name: "École Jules-Ferry", Kind: registry.Ecole, Academy: "exemple", Department: "028"},
			{UAI: college, Name: "Collège Jean-Moulin", Kind: registry.College, Academy: "exemple", Department: "028", Authority: "Département d’Eure-et-Loir"},
			{UAI: lycee, Name: "Lycée privé", Kind: registry.Lycee, Private: true, Academy: "exemple", Department: "028"},
		},
		Services:     []registry.Service{{ID: "lire", Name: registry.Text{FR: "Lire", EN: "Read"}, Sentence: registry.Text{FR: "On y lit.", EN: "One reads there."}}},
		Declarations: []registry.Declaration{d},
		Sources: []registry.Source{
			{ID: "ent", Name: registry.Text{FR: "ENT d’Exemple", EN: "ENT of Exemple"}, Declaration: &registry.SourceDeclaration{State: registry.Approved, From: d.From, Until: d.Until}},
			{ID: "autre", Name: registry.Text{FR: "Ailleurs"}, UAIs: []person.UAI{"0000000A"}, Declaration: &registry.SourceDeclaration{State: registry.Approved, From: d.From, Until: d.Until}},
		},
	}
	registrytest.Cover(&c)
	if change != nil {
		change(&c)
	}
	s := registry.NewSnapshot(c, time.UTC)
	school, _ := s.Establishment(uai)
	return notice.Write(s, words, noon(), notice.Ask{Service: "lire", School: school, To: to, Lang: lang})
}

func of(c *registry.Contents) *registry.Declaration { return &c.Declarations[0] }

func TestEveryElementOfArticles13And14IsToldToEveryReaderInBothLanguages(t *testing.T) {
	t.Parallel()
	always := []notice.Element{
		notice.Service, notice.ForYourPart, notice.Controller, notice.Officer, notice.Purposes, notice.Recipients, notice.Transfers, notice.Duration,
		notice.Rights, notice.Complaint, notice.Obligation, notice.Automated, notice.Categories, notice.Source,
	}
	for _, lang := range []string{"fr", "en"} {
		for _, to := range registry.Readers() {
			for _, uai := range []person.UAI{ecole, college, lycee} {
				t.Run(fmt.Sprint(lang, " ", to, " ", uai), func(t *testing.T) {
					t.Parallel()
					n, lacks := write(t, uai, to, lang, nil)
					if len(lacks) > 0 || n.Declaration != "lire-1" || n.Version != 1 {
						t.Fatalf("%+v %+v", n, lacks)
					}
					for _, e := range always {
						i := slices.IndexFunc(n.Sections, func(s notice.Section) bool { return s.Element == e })
						if i < 0 || n.Sections[i].Heading == "" || len(n.Sections[i].Lines) == 0 {
							t.Errorf("%s is not told", e)
						}
					}
					for _, s := range n.Sections {
						for _, line := range s.Lines {
							if strings.TrimSpace(line) == "" || strings.Contains(line, "%!") || strings.Contains(line, "  ") {
								t.Errorf("%s says %q", s.Element, line)
							}
						}
					}
					text := n.Text()
					for _, want := range []string{"Académie d'Exemple", "rectorat@ac-exemple.fr", "dpd@ac-exemple.fr", "Éditions du Canal", "Hébergement du Midi", "CNIL", "annuaire-2026-1", "L. 131-2", "cnil.fr"} {
						if !strings.Contains(text, want) {
							t.Errorf("the text does not say %q: %s", want, text)
						}
					}
				})
			}
		}
	}
}

func says(t *testing.T, uai person.UAI, to registry.Reader, lang string, change func(*registry.Contents), want ...string) string {
	t.Helper()
	n, lacks := write(t, uai, to, lang, change)
	if len(lacks) > 0 {
		t.Fatalf("lacks: %+v", lacks)
	}
	text := n.Text()
	for _, w := range want {
		if !strings.Contains(text, w) {
			t.Errorf("the notice does not say %q: %s", w, text)
		}
	}
	return text
}

func TestEachReaderReadsWhatConcernsThem(t *testing.T) {
	t.Parallel()
	text := says(t, ecole, registry.ReadGuardians, "fr", nil, "LIRE : INFORMATION DES FAMILLES", "votre enfant", "inspection de la circonscription (IEN)", "(DASEN) décide", "service professionnel", "administré par le rectorat", "sous-traitant : il agit sur instruction", "quand un enseignant prescrit", "1er septembre 2026 au 15 juillet 2027")
	if strings.Contains(text, "Ailleurs") || strings.Contains(text, "chef d’établissement") {
		t.Errorf("what is not theirs: %s", text)
	}
	says(t, college, registry.ReadGuardians, "fr", nil, "cheffe ou au chef d’établissement")
	says(t, college, registry.ReadStaff, "fr", nil, "Des données qui vous concernent")
	says(t, college, registry.ReadStaff, "fr", func(c *registry.Contents) { of(c).Audience.Profiles = []person.Profile{person.Pupil} }, "n’est pas ouvert aux personnels")
	says(t, ecole, registry.ReadCouncil, "fr", nil, "conseil d’école")
	says(t, college, registry.ReadCouncil, "fr", nil, "conseil d’administration")
	says(t, lycee, registry.ReadCouncil, "fr", nil, "conseil d’établissement")
	says(t, ecole, registry.ReadAuthority, "fr", nil, "la commune")
	says(t, college, registry.ReadAuthority, "fr", nil, "Département d’Eure-et-Loir")
	says(t, ecole, registry.ReadGuardians, "fr", func(c *registry.Contents) {
		of(c).Scope = registry.Scope{Level: registry.ByDepartment, Departments: []string{"028"}}
	}, "administré par la direction académique (DASEN)")
	says(t, college, registry.ReadGuardians, "en", func(c *registry.Contents) {
		of(c).Scope = registry.Scope{Level: registry.ByEstablishment, UAIs: []person.UAI{college}}
	}, "administered by the school", "your child", "Hosting: France.", "the processing on grounds relating")
}

func TestTheSupplierTheTransfersAndTheBasisAreToldAsTheyAre(t *testing.T) {
	t.Parallel()
	says(t, college, registry.ReadGuardians, "fr", func(c *registry.Contents) {
		of(c).Hosting = []string{"FR", "US"}
		of(c).Transfers = []registry.Transfer{{Country: "US", Recipient: "Cloud Inc.", Instrument: registry.DPF, Remote: true}}
	}, "Cloud Inc., États-Unis (accès à distance)", "cadre de protection des données UE – États-Unis", "2023/1795", "copie des garanties")
	says(t, college, registry.ReadGuardians, "en", func(c *registry.Contents) {
		of(c).Transfers = []registry.Transfer{{Country: "US", Recipient: "Cloud Inc.", Instrument: registry.SCC, Reference: "SCC-7"}}
	}, "United States", "Standard contractual clauses (GDPR, Art. 46) (SCC-7)")
	joint := func(c *registry.Contents) {
		of(c).Supplier.Relation = registry.JointController
		of(c).Joint = []registry.Controller{{Name: "Région", Office: "présidence", Contact: "region@exemple.fr", DPO: "dpd@region.fr"}}
		of(c).Supplier.Essence = registry.Text{FR: "La région tient le service.", EN: "The region runs it."}
	}
	says(t, college, registry.ReadGuardians, "fr", joint, "responsable conjoint", "Région, représenté par sa fonction : présidence", "La région tient le service.", "L’accord entre les responsables conjoints")
	says(t, college, registry.ReadGuardians, "fr", func(c *registry.Contents) { of(c).Supplier = registry.Supplier{Relation: registry.Internal} }, "Aucun fournisseur extérieur")
	says(t, college, registry.ReadGuardians, "fr", func(c *registry.Contents) { of(c).Supplier.Relation = registry.PublicBody }, "organisme public, lui-même responsable")
	text := says(t, college, registry.ReadGuardians, "fr", func(c *registry.Contents) { of(c).Basis = registry.Basis{Kind: registry.Consent} }, "Retirer son accord", "Non. Sans accord", "portabilité, art. 20")
	if strings.Contains(text, "s’opposer") {
		t.Error("whoever consented withdraws, and does not object")
	}
	says(t, college, registry.ReadGuardians, "fr", func(c *registry.Contents) {
		of(c).Basis = registry.Basis{Kind: registry.LegitimateInterest, Text: "la sûreté des comptes", Prescribed: registry.AnswerNo}
	}, "L’intérêt poursuivi", "la sûreté des comptes", "Le service n’est pas prescrit", "s’opposer")
	says(t, college, registry.ReadGuardians, "fr", func(c *registry.Contents) { of(c).Erasure[0].Months = 0 }, "effacement dès la fin de l’année scolaire")
	if text := says(t, college, registry.ReadGuardians, "fr", func(c *registry.Contents) { of(c).Mode = registry.Nominative }); strings.Contains(text, "ne reçoit pas de nom") {
		t.Error("a service that names people is told to receive no name")
	}
}

func TestWhatTheDeclarationDoesNotSayIsNeverLeftBlank(t *testing.T) {
	t.Parallel()
	for where, change := range map[string]func(*registry.Declaration){
		"controller":         func(d *registry.Declaration) { d.Controller.Name = " " },
		"controller.contact": func(d *registry.Declaration) { d.Controller.Contact = "" },
		"controller.dpo":     func(d *registry.Declaration) { d.Controller.DPO = "" },
		"joint_controllers[0].contact": func(d *registry.Declaration) {
			d.Joint = []registry.Controller{{Name: "Région", Office: "présidence"}}
			d.Supplier.Essence = registry.Text{FR: "…"}
		},
		"supplier.essence":  func(d *registry.Declaration) { d.Supplier.Relation = registry.JointController },
		"purposes":          func(d *registry.Declaration) { d.Purposes = []registry.Text{{}} },
		"basis.kind":        func(d *registry.Declaration) { d.Basis.Kind = "" },
		"basis.text":        func(d *registry.Declaration) { d.Basis.Text = "" },
		"basis.prescribed":  func(d *registry.Declaration) { d.Basis.Prescribed = "" },
		"dpia.criteria":     func(d *registry.Declaration) { d.DPIA.Criteria = []string{"automated_decision"} },
		"items":             func(d *registry.Declaration) { d.Items, d.Data = nil, nil },
		"directory":         func(d *registry.Declaration) { d.Directory = "" },
		"retention":         func(d *registry.Declaration) { d.Retention, d.Erasure = registry.Text{}, nil },
		"recipients":        func(d *registry.Declaration) { d.Recipients = nil },
		"supplier.name":     func(d *registry.Declaration) { d.Supplier.Name = "" },
		"supplier.relation": func(d *registry.Declaration) { d.Supplier.Relation = registry.VendorController },
		"hosting":           func(d *registry.Declaration) { d.Hosting = nil },
		"transfers[0]": func(d *registry.Declaration) {
			d.Transfers = []registry.Transfer{{Country: "US", Instrument: registry.DPF}}
		},
		"transfers[0].instrument": func(d *registry.Declaration) {
			d.Transfers = []registry.Transfer{{Country: "US", Recipient: "x", Instrument: registry.Derogation}}
		},
		"transfers[0].reference": func(d *registry.Declaration) {
			d.Transfers = []registry.Transfer{{Country: "US", Recipient: "x", Instrument: registry.BCR}}
		},
		"audience.profiles": func(d *registry.Declaration) { d.Audience.Profiles = []person.Profile{person.Teacher} },
	} {
		t.Run(where, func(t *testing.T) {
			t.Parallel()
			n, lacks := write(t, college, registry.ReadGuardians, "fr", func(c *registry.Contents) { change(of(c)) })
			if len(n.Sections) > 0 || len(lacks) != 1 || lacks[0].Where != where || lacks[0].What.FR == "" || lacks[0].What.EN == "" || !strings.HasPrefix(lacks[0].Law, "RGPD art. ") {
				t.Errorf("%+v, a notice of %d sections", lacks, len(n.Sections))
			}
		})
	}
	_, lacks := write(t, college, registry.ReadGuardians, "fr", func(c *registry.Contents) { of(c).Purposes, of(c).Hosting, of(c).Directory = nil, nil, "" })
	if len(lacks) != 3 {
		t.Errorf("not all that lacks is said at once: %+v", lacks)
	}
	for name, change := range map[string]func(*registry.Contents){
		"a draft":               func(c *registry.Contents) { of(c).State = registry.Draft },
		"another academy":       func(c *registry.Contents) { of(c).Scope.Academies = []string{"ailleurs"} },
		"a suspended version":   func(c *registry.Contents) { of(c).State = registry.Suspended },
		"a version that ended":  func(c *registry.Contents) { of(c).Until = of(c).From },
		"no source":             func(c *registry.Contents) { c.Sources = c.Sources[1:] },
		"a source that stopped": func(c *registry.Contents) { c.Sources[0].Suspended = true },
	} {
		if n, lacks := write(t, college, registry.ReadGuardians, "fr", change); len(lacks) != 1 || len(n.Sections) > 0 {
			t.Errorf("%s: %+v", name, lacks)
		}
	}
}

func TestANoticeTellsOfWhatWillOpenBeforeItOpens(t *testing.T) {
	t.Parallel()
	says(t, college, registry.ReadStaff, "fr", func(c *registry.Contents) {
		of(c).Scope.All = false
		of(c).From = registry.Date{Year: 2026, Month: 12, Day: 1}
	}, "du 1er décembre 2026")
}
