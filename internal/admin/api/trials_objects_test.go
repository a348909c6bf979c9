package api_test

import (
	"ecluse/internal/admin/beginnings"
	"ecluse/internal/admin/frame"
	asking "ecluse/internal/admin/inquiries"
	"ecluse/internal/admin/lists"
	"ecluse/internal/admin/numbers"
	"ecluse/internal/admin/offices"
	"ecluse/internal/admin/places"
	"ecluse/internal/admin/requests"
	"ecluse/internal/admin/rules"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/web"
)

// objectPages are those about what is registered beside services.
func objectPages() []web.Contribution {
	return []web.Contribution{places.Pages(), lists.Pages(), numbers.Pages(), offices.Pages(), rules.Pages(), requests.Pages(), asking.Pages(), beginnings.Pages()}
}

// mountObjects adds them: no source is connected.
func (f *front) mountObjects(around *frame.Frame) {
	places.Mount(f.mux, around, places.Config{})
	lists.Mount(f.mux, around)
	numbers.Mount(f.mux, around)
	offices.Mount(f.mux, around)
	rules.Mount(f.mux, around, rules.Config{})
	requests.Mount(f.mux, around)
	asking.Mount(f.mux, around)
	beginnings.Mount(f.mux, around)
}

func ofObjectPages() []trial {
	college := string(desktest.College)
	dates := "des=2026-11-22&jusque=2027-06-30"
	return []trial{
		{route: "GET /bureau/etablissements"},
		{route: "GET /bureau/etablissements/{uai}", path: "/bureau/etablissements/" + college},
		{route: "GET /bureau/sources"},
		{route: "GET /bureau/sources/{id}", path: "/bureau/sources/ent"},
		postTo("sources/{id}/decision", "sources/ent-seul/decision", "", "etat=approved"),
		{route: "GET /bureau/mandats"},
		{route: "GET /bureau/mandats/nouveau"},
		post("mandats/nouveau", "an assistant of the collège", "role=assistant&sur=uais&noms="+college+"&motif=essai&jusque=2027-06-30"),
		{route: "GET /bureau/mandats/{id}", path: "/bureau/mandats/p-1", note: "of the collège"},
		postTo("mandats/{id}/decision", "mandats/p-1/decision", "confirm", "etat=confirmed"),
		postTo("mandats/{id}/decision", "mandats/p-1/decision", "withdraw", "etat=revoked&motif=erreur"),
		{route: "GET /bureau/delegations"},
		{route: "GET /bureau/delegations/nouvelle"},
		post("delegations/nouvelle", "in the collège", "uai="+college+"&fonction=ADJ&acte=2026-11&"+dates),
		{route: "GET /bureau/delegations/{id}", path: "/bureau/delegations/g-1", note: "of the collège"},
		postTo("delegations/{id}", "delegations/g-1", "of the collège", dates),
		{route: "GET /bureau/regles"},
		{route: "GET /bureau/regles/proposer"},
		{route: "GET /bureau/regles/{version}", path: "/bureau/regles/0"},
		alone(post("regles/proposer", "", "consent_age=15&majority=18&terms_months=12&terms_grace_days=30&keep_months=6&small_group=5&dpia_from=2&note=essai&from=2027-01-01")),
		postTo("regles/{version}/signature", "regles/1/signature", "", "etat=signed"),
		{route: "GET /bureau/chartes"},
		{route: "GET /bureau/chartes/{level}/{of}", path: "/bureau/chartes/academy/exemple"},
		{route: "GET /bureau/etablissements/{uai}/charte", path: "/bureau/etablissements/" + college + "/charte"},
		postTo("etablissements/{uai}/charte", "etablissements/"+string(desktest.Ecole)+"/charte", "of the école", "classe=CE2&jour=2026-10-02&lus=20&signes=18&document=classeur"),
		{route: "GET /bureau/declarations"},
		{route: "GET /bureau/services/nouveau"},
		post("services/nouveau", "", "nom=Neuf&phrase=Pour+essayer.&fournisseur=Canal&id=neuf-lien&adresse=https://neuf.example/"),
		{route: "GET /bureau/cles"},
		{route: "GET /bureau/droits"},
		{route: "GET /bureau/droits/{ref}", path: "/bureau/droits/" + rightsRef, note: "of the collège", journal: true},
		{route: "GET /bureau/droits/{ref}/envois", path: "/bureau/droits/" + rightsRef + "/envois", note: "of the collège", journal: true},
		postTo("droits/{ref}/reponse", "droits/"+rightsRef+"/reponse", "of the collège", "issue=refused&reponse=non"),
		postTo("droits/{ref}/delai", "droits/"+rightsRef+"/delai", "of the collège", "delai=chercher"),
		postTo("droits/{ref}/remarque", "droits/"+rightsRef+"/remarque", "of the collège", "remarque=lu"),
		{route: "GET /bureau/reglages"},
	}
}
