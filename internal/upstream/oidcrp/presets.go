package oidcrp

// presets are what is known of some providers: defaults that settings may change one by one. None holds an issuer or a
// client; those are agreed with each provider. What a comment calls not verified was not published where we could read it,
// and is to be tried against the provider's test platform before people come through it.
//
// The attributes are those that the mappings of package person read: educonnect's for EduConnect (mapping: {like:
// educonnect}), the SDET's for the others, which need no mapping.
func presets() map[string]func(*Settings) {
	return map[string]func(*Settings){
		"educonnect": eduConnect, "proconnect": proConnect, "franceconnect": franceConnect, "keycloak": keycloak, "entcore": entcore,
	}
}

// eduConnect is the national account of pupils and guardians. betagouv/monstage (Services::EduconnectConnection) shows an
// address below /idp/profile/oidc, which is how Shibboleth's provider names it, client_secret_post, the scopes openid,
// profile, email and one agreed for the service, and the claims FrEduCtPersonAffiliation (a list), FrEduCtEleveUAI and
// FrEduCtEleveINE. That the other attributes keep their SAML names is not verified, nor are acr values, whether the clear
// number (INE) can be left out (it is not read here), and the algorithms. Sign-out needs an id_token_hint there (see
// signout.go), so none is begun.
func eduConnect(s *Settings) {
	const oid = "urn:oid:1.3.6.1.4.1.20326.10.999.1."
	s.ClientAuth, s.Scopes = authPost, []string{scopeOpenID, "profile"}
	s.EndSession = endNone
	s.Attributes = map[string]Pick{
		oid + "57":         {Claim: []string{"FrEduCtId"}},
		oid + "7":          {Claim: []string{"FrEduCtPersonAffiliation"}},
		oid + "64":         {Claim: []string{"FrEduCtEleveINEHash"}},
		oid + "67":         {Claim: []string{"FrEduCtDateNaissance", "birthdate"}},
		oid + "72":         {Claim: []string{"FrEduCtEleveUAI"}},
		oid + "73":         {Claim: []string{"FrEduCtEleveNiveau"}},
		"urn:oid:2.5.4.4":  {Claim: []string{"sn", "family_name"}},
		"urn:oid:2.5.4.42": {Claim: []string{"givenName", "given_name"}},
	}
}

// proConnect is the State's federation of agents (numerique-gouv/proconnect-documentation, doc_fs): client_secret_post, state
// and nonce of 32 characters at least, userinfo as a signed JWT (RS256 or ES256, as agreed at registration; HS256 is not
// taken here), and an error for every parameter that it does not know, max_age and ui_locales among them. login_hint must be
// a mail address there, which a hint of ours need not be. PKCE is in its published tests, though not in that page. prompt=none is
// not documented. Sign-out needs an id_token_hint. A ProConnect identity says nothing of establishments: without more, it
// gives nobody a function.
func proConnect(s *Settings) {
	s.ClientAuth, s.Userinfo, s.EndSession, s.Passive = authPost, userinfoSigned, endNone, false
	s.Scopes = []string{scopeOpenID, "given_name", "usual_name", "email", "uid"}
	s.Omit = []string{omitMaxAge, omitLocales, omitHint}
	s.Algorithms = []string{"RS256", "ES256"}
	s.Attributes = map[string]Pick{
		"ENTPersonJointure": {Claim: []string{"sub"}},
		"givenName":         {Claim: []string{"given_name"}},
		"sn":                {Claim: []string{"usual_name"}},
		"mail":              {Claim: []string{"email"}},
		"ENTPersonLogin":    {Claim: []string{"uid"}},
	}
}

// franceConnect is version 2 of the State's federation of citizens (docs.partenaires.franceconnect.gouv.fr, and its published
// sources): acr_values is required, tokens and userinfo are signed with ES256 or RS256, sub differs for each service.
// The list of parameters that its authorization endpoint takes, as published (AuthorizeParamsDto), holds neither max_age nor
// login_hint nor ui_locales nor code_challenge, and another one is an error; prompt=none is not served. Without PKCE it is
// the nonce alone that ties a code to the browser (RFC 9700 section 2.1.1 allows it to a confidential client): take
// pkce out of omit once the test platform answers. auth_time is asked for by the claims parameter, which is not verified there.
func franceConnect(s *Settings) {
	s.ClientAuth, s.Userinfo, s.EndSession, s.Passive = authPost, userinfoSigned, endNone, false
	s.Scopes = []string{scopeOpenID, "given_name", "family_name", "preferred_username", "birthdate"}
	s.ACRValues, s.Assurance = []string{"eidas1"}, map[string]string{"eidas1": "eidas1", "eidas2": "eidas2", "eidas3": "eidas3"}
	s.Omit = []string{omitMaxAge, omitLocales, omitHint, omitPKCE}
	s.Algorithms = []string{"ES256", "RS256"}
	s.Attributes = map[string]Pick{
		"ENTPersonJointure":      {Claim: []string{"sub"}},
		"givenName":              {Claim: []string{"given_name"}},
		"sn":                     {Claim: []string{"preferred_username", "family_name"}}, // the name in use, then the birth name
		"ENTPersonNomPatro":      {Claim: []string{"family_name"}},
		"ENTPersonDateNaissance": {Claim: []string{"birthdate"}},
		"mail":                   {Claim: []string{"email"}},
	}
}

// keycloak is a realm of one's own as it comes: sub is its stable identifier of a person, and attributes of the directory
// behind it arrive under whatever names its mappers give them, the SDET's where they are kept.
func keycloak(s *Settings) {
	s.Scopes = []string{scopeOpenID, "profile", "email"}
	s.Attributes = map[string]Pick{
		"ENTPersonJointure": {Claim: []string{"sub"}},
		"givenName":         {Claim: []string{"given_name"}},
		"sn":                {Claim: []string{"family_name"}},
		"displayName":       {Claim: []string{"name"}},
		"mail":              {Claim: []string{"email"}},
		"ENTPersonLogin":    {Claim: []string{"preferred_username"}},
	}
}

// entcore is the ENT of Edifice (One, NEO). Its adapter for OpenID Connect (UserInfoAdapterOpenIdConnectV1_0) tells sub,
// which is the person's externalId, names, mail, birthdate and login; its older ones tell type, and the CAS envelope tells
// schools with their UAI. Which of them answers, whether a discovery document is there, auth_time, prompt=none and the
// algorithms are not verified. Classes are left out: how they are written differs from one adapter to the other.
func entcore(s *Settings) {
	s.Scopes = []string{scopeOpenID, "userinfo"}
	s.Passive, s.AuthTime, s.EndSession = false, timeAssumed, endNone
	s.Attributes = map[string]Pick{
		"ENTPersonJointure":      {Claim: []string{"sub"}},
		"givenName":              {Claim: []string{"given_name", "firstName"}},
		"sn":                     {Claim: []string{"family_name", "lastName"}},
		"displayName":            {Claim: []string{"displayName"}},
		"mail":                   {Claim: []string{"email"}},
		"ENTPersonLogin":         {Claim: []string{"preferred_username", "login"}},
		"ENTPersonDateNaissance": {Claim: []string{"birthdate", "birthDate"}},
		"ENTPersonStructRattach": {Claim: []string{"uai", "schools.externalId"}},
		"ENTPersonProfils": {Claim: []string{"type", "profile"}, Words: map[string]string{
			"ELEVE": "National_ELV", "Student": "National_ELV", "PERSRELELEVE": "National_TUT", "Relative": "National_TUT",
			"ENSEIGNANT": "National_ENS", "Teacher": "National_ENS",
		}},
	}
}
