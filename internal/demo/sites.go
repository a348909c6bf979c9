package demo

import "net"

// Protocol is what a site speaks with the gateway.
type Protocol string

// The protocols of the demonstration; the start page and the ENT have none.
const (
	SAML Protocol = "SAML 2.0"
	OIDC Protocol = "OpenID Connect"
	CAS  Protocol = "CAS 3.0"
)

const (
	suffix  = ".localhost"
	startID = "demo"
	entID   = "ent"
)

// Site describes one site of the demonstration: what to print, what to show,
// and what the gateway must have registered for it.
type Site struct {
	// ID is the service id in the gateway's demo data, and the host's label.
	ID   string
	Name string
	// URL is the front page; Launch starts a sign-in at once, without a page.
	URL    string
	Launch string
	// What says in one sentence what the site is; Release says what its
	// declaration lets it learn. Both in French and in English.
	What, WhatEN       string
	Release, ReleaseEN string
	// Protocol is empty for the start page and the ENT.
	Protocol Protocol
	// EntityID is set for SAML, ClientID for OpenID Connect.
	EntityID string
	ClientID string
	// Callback is the assertion consumer service, the redirect URI, or the
	// address that a CAS site's tickets are for.
	Callback string
	// Confidential is true for the OpenID Connect client that has a secret.
	Confidential bool
	// NameIDFormat is what a SAML site asks for in its requests.
	NameIDFormat string
	// Attributes are what a SAML site's metadata asks for.
	Attributes []string
	// Scopes are what an OpenID Connect site asks for.
	Scopes []string
	// Welcome is what the site offers to those who are in.
	Welcome, WelcomeEN string
}

func (s Site) host() string { return s.ID + suffix }

const (
	persistent   = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
	emailAddress = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
	transient    = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
)

// describe returns the sites at the addresses of the configuration.
func describe(cfg Config) []Site {
	base := func(id string) string {
		host := id + suffix
		if cfg.Port != "" {
			host = net.JoinHostPort(host, cfg.Port)
		}
		return cfg.Scheme + "://" + host
	}
	sites := append(append(samlSites(base), oidcSites(base)...), casSites(base)...)
	ordered := append([]Site{{
		ID: startID, Name: "Départ", URL: base(startID) + "/",
		What: "La page de départ de la démonstration.", WhatEN: "The start page of the demonstration.",
	}}, pick(sites, "lire", "calcul", "suite", "classe", "discute", "ancien", "carte", "chorale")...)
	return append(ordered, Site{
		ID: entID, Name: "ENT des Tilleuls", URL: base(entID) + "/",
		What:   "L’espace numérique de travail d’une école, avec sa propre connexion.",
		WhatEN: "The portal of a school, with a sign-in of its own.",
	})
}

func pick(sites []Site, ids ...string) []Site {
	var out []Site
	for _, id := range ids {
		for _, s := range sites {
			if s.ID == id {
				out = append(out, s)
			}
		}
	}
	return out
}

func samlSites(base func(string) string) []Site {
	at := func(s Site, metadata, acs string) Site {
		b := base(s.ID)
		s.Protocol, s.URL, s.Launch = SAML, b+"/", b+"/connexion"
		s.EntityID, s.Callback = b+metadata, b+acs
		return s
	}
	return []Site{
		at(Site{
			ID: "lire", Name: "Lire",
			What: "Un site pour lire des histoires.", WhatEN: "A site for reading stories.",
			Release: "Pseudonyme seulement", ReleaseEN: "Pseudonymous", NameIDFormat: persistent,
			Attributes: []string{"UAI", "PRO", "ENTEleveNivFormation", "child"},
			Welcome:    "Aujourd’hui : « Le renard qui comptait les étoiles », chapitre 3.",
			WelcomeEN:  "Today: “The fox who counted the stars”, chapter 3.",
		}, "/saml/metadata", "/saml/acs"),
		at(Site{
			ID: "suite", Name: "Suite",
			What: "Des documents, un agenda et une messagerie.", WhatEN: "Documents, a calendar and mail.",
			Release: "Nom et adresse", ReleaseEN: "Name and mail", NameIDFormat: emailAddress,
			Welcome:   "Tes documents partagés et ton agenda sont à ton nom.",
			WelcomeEN: "Your shared documents and calendar carry your name.",
		}, "/metadata", "/acs"),
		at(Site{
			ID: "ancien", Name: "Ancien",
			What: "Un vieux site d’exercices.", WhatEN: "An old site with exercises.",
			Release: "Déclaration expirée hier", ReleaseEN: "Declaration expired yesterday", NameIDFormat: persistent,
			Welcome: "Les exercices de l’an dernier sont toujours là.", WelcomeEN: "Last year’s exercises are still here.",
		}, "/metadata", "/acs"),
	}
}

func oidcSites(base func(string) string) []Site {
	at := func(s Site) Site {
		b := base(s.ID)
		s.Protocol, s.URL, s.Launch = OIDC, b+"/", b+"/connexion"
		s.ClientID, s.Callback = s.ID, b+"/cb"
		return s
	}
	return []Site{
		at(Site{
			ID: "calcul", Name: "Calcul",
			What: "Un site pour s’entraîner au calcul.", WhatEN: "A site for practising maths.",
			Release: "Pseudonyme seulement", ReleaseEN: "Pseudonymous", Scopes: []string{"openid", "school"},
			Welcome: "Défi du jour : 7 × 8, sans les doigts.", WelcomeEN: "Today’s challenge: 7 × 8, no fingers.",
		}),
		at(Site{
			ID: "classe", Name: "Classe",
			What: "Le cahier de la classe, avec les prénoms.", WhatEN: "The class notebook, with first names.",
			Release: "Nom et adresse", ReleaseEN: "Name and mail",
			Scopes: []string{"openid", "profile", "email", "school"}, Confidential: true,
			Welcome: "Le cahier est ouvert à la page de cette semaine.", WelcomeEN: "The notebook is open at this week’s page.",
		}),
		at(Site{
			ID: "chorale", Name: "Chorale",
			What: "Un site pour enregistrer sa voix et chanter.", WhatEN: "A site for recording one’s voice and singing.",
			Release: "Initiales, avec l’accord des parents", ReleaseEN: "Initials, if parents agree",
			Scopes:  []string{"openid", "school", "profile", "age"},
			Welcome: "Le chant du jour : « À la claire fontaine », à deux voix.", WelcomeEN: "Today’s song: “À la claire fontaine”, in two voices.",
		}),
		at(Site{
			ID: "discute", Name: "Discute",
			What: "Une messagerie instantanée.", WhatEN: "A chat.",
			Release: "Aucune déclaration valable", ReleaseEN: "No valid declaration", Scopes: []string{"openid", "profile"},
			Welcome: "Personne ne devrait pouvoir entrer ici.", WelcomeEN: "Nobody should be able to get in here.",
		}),
	}
}

func casSites(base func(string) string) []Site {
	b := base("carte")
	return []Site{{
		ID: "carte", Name: "Carte", Protocol: CAS, URL: b + "/", Launch: b + "/connexion", Callback: b + "/cas",
		What: "Un site pour explorer des cartes.", WhatEN: "A site for exploring maps.",
		Release: "Pseudonyme seulement", ReleaseEN: "Pseudonymous",
		Welcome: "La carte du jour : les rivières autour de l’école.", WelcomeEN: "Today’s map: the rivers around the school.",
	}}
}
