package browsertest_test

import (
	"database/sql"
	"path/filepath"
	"time"

	"ecluse/internal/registry"
)

// circumstances are walks on stages that were prepared.
func circumstances() []walk {
	return append(askedWalks(), refusedWalks()...)
}

// askedWalks come by what is asked of people where the register says so.
func askedWalks() []walk {
	return []walk{{
		name: "charter-teen", who: "Hugo, dont le collège demande que la charte soit lue", stage: withCharters,
		stops: []stop{
			{"required", "login/charter", []string{"visit classe/connexion", "as hugo"}},
			{"question", "login/charter", []string{"press [value=question]"}},
			{"unread", "portal/charter", []string{"go /charte"}},
			{"read", "portal/charter", []string{"visit classe/connexion", "press [value=read]", "go /charte"}},
		},
	}, {
		name: "charter-teacher", who: "Claire, à qui un collège rappelle la charte", stage: withCharters,
		stops: []stop{
			{"reminded", "login/charter", []string{"visit suite/connexion", "as claire", "press .columns > div:nth-of-type(2) button"}},
			{"question", "login/charter", []string{"press [value=question]"}},
			{"inform", "login/inform", []string{"press [value=later]"}},
		},
	}, {
		name: "agreement-child", who: "Lina, puis sa mère, pour un service qui demande un accord", stage: withConsent,
		stops: []stop{
			{"parents-first", "login/refusal", []string{"visit carte/connexion", "as lina"}},
			{"sites", "portal/sites", []string{"go /mes-sites"}},
			{"list", "login/agreements", []string{"forget", "go /entrer?vers=agreements", "as nadia"}},
			{"asked", "login/agreement", []string{"press main .list a"}},
			{"agreed", "login/agreement", []string{"press [value=agreed]", "go /accords", "press main .list a"}},
			{"withdraw", "login/agreement", []string{"press a[href$='/retirer']"}},
			{"withdrawn", "login/agreement", []string{"press [value=withdrawn]", "go /accords", "press main .list a"}},
			{"list-after", "login/agreements", []string{"go /accords"}},
			{"rights", "rights/home", []string{"go /mes-droits"}},
		},
	}, {
		name: "agreement-teacher", who: "Claire, pour un service qui demande son accord", stage: withConsent,
		stops: []stop{
			{"asked", "login/inform", []string{"visit carte/connexion", "as claire", "press [name=place]"}},
			{"no", "login/refusal", []string{"press [value=refused]"}},
			{"no-again", "login/declined", []string{"visit carte/connexion", "press [name=place]"}},
			{"asked-again", "login/inform", []string{"press [value=again]"}},
			{"data", "data/home", []string{"press [value=agreed]", "go /mes-donnees"}},
			{"withdraw", "data/withdraw", []string{"press a[href$='/retirer']"}},
			{"withdrawn", "data/withdraw", []string{"press main form .button-primary"}},
			{"data-after", "data/home", []string{"go /mes-donnees"}},
		},
	}}
}

// refusedWalks come by what is closed, and by what does not work.
func refusedWalks() []walk {
	return []walk{{
		name: "stopped-teen", who: "Hugo, devant des services arrêtés", stage: withStops,
		stops: []stop{
			{"declaration", "login/refusal", []string{"visit lire/connexion"}},
			{"service", "login/refusal", []string{"visit calcul/connexion"}},
			{"sites", "portal/sites", []string{"go /entrer?vers=sites", "as hugo"}},
		},
	}, {
		name: "stopped-child", who: "Lina, devant des services arrêtés", stage: withStops,
		stops: []stop{
			{"sites", "portal/sites", []string{"go /entrer?vers=sites", "as lina"}},
			{"declaration", "login/refusal", []string{"visit lire/connexion"}},
			{"service", "login/refusal", []string{"visit calcul/connexion"}},
		},
	}, {
		name: "stopped-teacher", who: "Claire, devant des services arrêtés", stage: withStops,
		stops: []stop{
			{"sites", "portal/sites", []string{"go /entrer?vers=sites", "as claire"}},
			{"declaration", "login/refusal", []string{"visit lire/connexion"}},
		},
	}, {
		name: "two-sources", who: "Personne n'est connecté, et il y a deux comptes possibles", stage: withSources,
		stops: []stop{
			{"source", "login/source", []string{"visit lire/connexion"}},
			{"people", "people/choose", []string{"press [name=source]"}},
			{"cancelled", "login/source", []string{"press [name=cancel]"}},
		},
	}, {
		name: "without-store", who: "Personne, et la base de données ne répond plus", stage: withoutStore,
		stops: []stop{
			{"step", "web/error", []string{"go /flow/inconnu"}},
			{"begin", "web/error", []string{"go /entrer?vers=sites"}},
			{"refused", "login/refusal", []string{"go /go/discute"}},
		},
	}}
}

// withCharters has one collège require its charter and another remind of it.
func withCharters(s *stage) {
	s.file("charters.yaml", "kind: Charter\nuai: 0280202T\nmode: require\n---\nkind: Charter\nuai: 0280303C\nmode: remind\n")
}

// withConsent makes of Carte a service that nobody has to use, and that asks.
func withConsent(s *stage) {
	s.later(func(s *stage) {
		declared(s, "2026-005", func(d *registry.Declaration) {
			d.Basis = registry.Basis{Kind: registry.Consent, Text: "RGPD art. 6(1)(a)", Prescribed: registry.AnswerNo, Parents: registry.AnswerYes}
		})
	})
}

// withStops suspends a declaration and a service.
func withStops(s *stage) {
	s.later(func(s *stage) {
		s.change(func(c registry.Contents) registry.Change {
			d, err := newest(c, "2026-001").Move(registry.Decision{At: time.Now(), State: registry.Suspended, Office: "recteur", Reason: "incident"})
			d.Message = registry.Text{FR: "Le fournisseur vérifie un incident. Retour prévu lundi.", EN: "The supplier looks into an incident. Back on Monday."}
			if err != nil {
				s.Fatal(err)
			}
			change := registry.Change{Declarations: []registry.Declaration{d}}
			for _, service := range c.Services {
				if service.ID == "calcul" {
					service.Suspended = true
					change.Services = append(change.Services, service)
				}
			}
			return change
		})
	})
}

// withSources gives people two places to sign in.
func withSources(s *stage) {
	s.file("source.yaml", `kind: Source
id: academie
name: {fr: "Comptes de l'académie", en: "Accounts of the academy"}
connector: demo
authority: demo
declaration:
  reference: DEMO-ACADEMIE
  controller: {name: "Académie d'Exemple", office: recteur, dpo: dpd@ac-exemple.fr}
  covers: "Annuaire inventé de l'académie, interconnexion avec la passerelle comprise"
  from: 2020-01-01
  until: 2099-12-31
`)
}

// withoutStore takes the store away from under the gateway.
func withoutStore(s *stage) {
	s.broken = true
	s.afterwards = func(s *stage) {
		db, err := sql.Open("sqlite", filepath.Join(s.dir, "ecluse.db"))
		if err != nil {
			s.Fatal(err)
		}
		defer db.Close()
		if _, err := db.Exec(`ALTER TABLE tickets RENAME TO lost_tickets; ALTER TABLE audit_entries RENAME TO lost_entries`); err != nil {
			s.Fatal(err)
		}
	}
}
