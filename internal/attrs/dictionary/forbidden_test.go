package dictionary_test

import (
	"errors"
	"testing"

	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/registry"
)

func TestForbiddenNamesAreFoundInEverySpelling(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"nir", "NIR", " Nir ", "N.I.R.", "n_i_r", "n-i-r", "id_nir", "nirEleve", "userNIR", "NIRCode", "codeNIR2", "NÍR", "ＮＩＲ", "n\u200bir", "ENTPersonNIR", "urn:x:nir",
		"num_insee", "insee", "numeroINSEE", "numéro de sécurité sociale", "NumeroSecuriteSociale", "numerosecuritesociale", "numsecu", "no_secu", "carteVitale",
		"social_security_number", "socialsecuritynumber", "socialSecurityNumber", "SSN", "s.s.n", "user_ssn", "nss", "NIRPP", "NIA",
		"https://example.org/claims/ssn", "urn:oid:1.2.250.1.213.1.4.8", "1.2.250.1.213.1.4.9", "URN:OID:1.2.250.1.213.1.4.10",
		"urn:oid:1.3.6.1.4.1.25178.1.2.15", "schacPersonalUniqueID", "norEduPersonNIN", "urn:oid:1.3.6.1.4.1.2428.90.1.5",
		"biometrics", "biometric_template", "donneesBiometriques", "données biométriques", "biométrie", "isbiometricuser",
		"fingerprint", "finger_print", "FingerPrints", "userfingerprinthash", "empreinte digitale", "empreintes_digitales", "empreinteVocale",
		"face", "FaceID", "face_id", "facial", "facialRecognition", "reconnaissance-faciale", "iris", "irisScan", "retina", "rétine", "voiceprint",
		"voice_print", "reconnaissanceVocale", "palmPrint", "adn", "DNA",
	} {
		if !dictionary.Forbidden(name) {
			t.Errorf("%q would be a name like any other", name)
		}
	}
}

func TestNamesThatOnlyLookForbiddenAreLeftAlone(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"", "animateur", "interface", "userInterface", "surface", "avenir", "souvenir", "tenir", "niveau", "reunir_les_groupes", "UAI", "uai",
		"secure", "security", "securite", "sociale", "empreinte", "print", "voice", "assnat", "classname", "missnumber", "facette", "prefacer", "airs", "tiaras",
		"ENTEleveNivFormation", "PersEducNatPresenceDevantEleves", "urn:oid:2.5.4.42", "urn:oid:1.2.250.1.213.1.4", "INE", "ine", "https://nirvana.example/claims",
		"Niro", "a_b_c", "E_MS1", "nom-prenom", "un-irlandais",
	} {
		if dictionary.Forbidden(name) {
			t.Errorf("%q is refused", name)
		}
	}
}

func TestForbiddenWordsAreNoWords(t *testing.T) {
	t.Parallel()
	right, _ := words(t).Entry("uai")
	right.Instead = nil
	for name, change := range map[string]func(*dictionary.Entry){
		"the word":        func(e *dictionary.Entry) { e.Attr = "nir" },
		"a spelling":      func(e *dictionary.Entry) { e.Attr = " Nir " },
		"biometrics":      func(e *dictionary.Entry) { e.Attr = "biometrics" },
		"a SAML name":     func(e *dictionary.Entry) { e.SAML.Name = "urn:oid:1.2.250.1.213.1.4.8" },
		"a friendly name": func(e *dictionary.Entry) { e.SAML.Friendly = "NumeroSecuriteSociale" },
		"a claim":         func(e *dictionary.Entry) { e.OIDC.Name = "ssn" },
		"a CAS name":      func(e *dictionary.Entry) { e.CAS = "faceId" },
		"a GAR name":      func(e *dictionary.Entry) { e.GAR = "NIR" },
		"an SDET name":    func(e *dictionary.Entry) { e.SDET = "ENTPersonLogin, ENTPersonNIR" },
		"a further name":  func(e *dictionary.Entry) { e.Also = []string{"fingerprint"} },
	} {
		e := right
		change(&e)
		d, err := dictionary.New([]dictionary.Entry{e})
		if !errors.Is(err, dictionary.ErrForbidden) {
			t.Errorf("%s: %v, want ErrForbidden", name, err)
		}
		if _, ok := d.Entry(e.Attr); ok {
			t.Errorf("%s: the word is in the dictionary", name)
		}
	}
}

// TestHardCase42TheNIRAndBiometricsAreRefusedWhereverTheyAreDeclared holds for every spelling.
func TestHardCase42TheNIRAndBiometricsAreRefusedWhereverTheyAreDeclared(t *testing.T) {
	t.Parallel()
	for _, word := range []dictionary.Name{"nir", " NIR ", "numero_securite_sociale", "social_security_number", "ssn", "biometrics", "fingerprint", "face", "iris"} {
		f := words(t).Check([]registry.Item{{Attr: word}}, registry.Rules{INE: "un texte"})
		if len(f) != 1 || f[0].Law == "" || f[0].Where != "items[0].attribute" || !registry.Blocks(f) {
			t.Errorf("%q in a declaration: %v, want one finding with its law", word, f)
		}
	}
}
