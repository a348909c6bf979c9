package person

// educonnect begins the names of EduConnect's attributes.
const educonnect = "urn:oid:1.3.6.1.4.1.20326.10.999.1."

// EduConnect is the mapping of the national account of pupils and guardians. It gives a pupil one establishment and one
// level, as a code; a guardian it gives no child: whose guardian somebody is, a vector or a directory must say. authority
// names who guarantees FrEduCtId, which is EduConnect itself.
//
// The codes of levels are those that public programs name; the rest of that table is for whoever runs the gateway to
// write (level_by_code), and a code that is not in it is a level that nobody knows.
func EduConnect(authority string) Mapping {
	return Mapping{
		Authority: authority,
		ID:        educonnect + "57", // FrEduCtId
		Values:    map[Attr]string{FamilyName: "urn:oid:2.5.4.4", GivenName: "urn:oid:2.5.4.42", Title: educonnect + "76", BirthDate: educonnect + "67"},
		Local:     map[Attr]string{LevelStat4: educonnect + "73"}, // FrEduCtEleveNiveau
		Structure: educonnect + "72",                              // FrEduCtEleveUAI
		Profile:   educonnect + "7",                               // FrEduCtPersonAffiliation
		Profiles: map[string]string{
			"eleve1d": string(Pupil), "eleve2d": string(Pupil), "resp1d": string(Guardian), "resp2d": string(Guardian),
		},
		Born:    educonnect + "67", // FrEduCtDateNaissance
		ByCode:  map[string]string{"2115": "4EME", "2116": "3EME", "2211": "2NDE", "2212": "1ERE", "2213": "TERMINALE"},
		Also:    []Further{{Authority: NationalNumber, Attribute: educonnect + "64", Case: "lower"}}, // FrEduCtEleveINEHash
		Vectors: "FrEduVecteur",
	}
}
