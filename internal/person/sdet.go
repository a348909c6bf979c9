package person

// The words that the SDET mapping fills. The dictionary in package attrs explains each.
const (
	GivenName   Attr = "given_name"
	FamilyName  Attr = "family_name"
	DisplayName Attr = "display_name"
	Title       Attr = "title"
	Mail        Attr = "mail"
	Login       Attr = "login"
	BirthDate   Attr = "birth_date"
	Level       Attr = "level"
	LevelCode   Attr = "level_code"
	Subjects    Attr = "subjects"
	Anchor      Attr = "source_anchor"
	INE         Attr = "ine"
)

// NationalNumber is the authority under which a hash of a pupil's national number (INE) is a key, the hash being the one
// that EduConnect sends. The number itself is kept by nobody here.
const NationalNumber = "ine-hash"

// SDET is the mapping of an ENT's directory, with the attribute names of the SDET. authority names who guarantees
// ENTPersonJointure: as a rule the académie.
func SDET(authority string) Mapping {
	return Mapping{
		Authority: authority,
		ID:        "ENTPersonJointure",
		Values: map[Attr]string{
			GivenName: "givenName", FamilyName: "sn", DisplayName: "displayName", Title: "personalTitle",
			Mail: "mail", Login: "ENTPersonLogin", BirthDate: "ENTPersonDateNaissance", Anchor: "ENTPersonGARIdentifiant",
			OtherNames: "ENTPersonAutresPrenoms", BirthName: "ENTPersonNomPatro", BeforePupils: "PersEducNatPresenceDevantEleves",
		},
		Local: map[Attr]string{
			Level: "ENTEleveNivFormation", LevelCode: "ENTEleveMEF", LevelLabel: "ENTEleveLibelleMEF", Stream: "ENTEleveFiliere",
			Courses: "ENTEleveCodeEnseignements", SchoolLocalID: "ENTEleveStructRattachId",
			Subjects: "ENTAuxEnsCategoDiscipline", MainClasses: "ENTAuxEnsClassesPrincipal", TaughtLevelCodes: "ENTAuxEnsMEF",
		},
		Structure: "ENTPersonStructRattach",
		Profile:   "ENTPersonProfils",
		Functions: "ENTPersonFonctions",
		Classes:   []string{"ENTEleveClasses", "ENTAuxEnsClassesMatieres"},
		Groups:    []string{"ENTEleveGroupes", "ENTAuxEnsGroupesMatieres"},
		Taught:    []string{"ENTAuxEnsClassesMatieres", "ENTAuxEnsGroupesMatieres"},
		ByFunc:    functionProfiles(),
		Born:      "ENTPersonDateNaissance",
		Adult:     "ENTEleveMajeur",
		Wards:     "ecluseWard",
		Until:     "ecluseUntil",
		Mandates:  federation(),
		Also:      []Further{{Authority: NationalNumber, Attribute: "ENTEleveINE", Case: "upper", Digest: "md5"}},
		Levels:    "ecluseWardLevel",
		WardBorn:  "ecluseWardBorn",
	}
}

// functionProfiles is the usual reading of the directory's function codes; an academy may write its own.
func functionProfiles() map[string]string {
	m := map[string]string{
		"DIR": string(Head), "ADF": string(Head),
		"ENS": string(Teacher), "DOC": string(Librarian), "DCT": string(Librarian), "COL": string(LocalAuthority),
	}
	for _, code := range []string{"AED", "ASE", "ASH", "AVS", "BED", "CPE", "EDU", "SUR"} {
		m[code] = string(SchoolLife)
	}
	for _, code := range []string{"ADM", "LAB", "MDS", "OUV", "TEC"} {
		m[code] = string(SchoolStaff)
	}
	return m
}
