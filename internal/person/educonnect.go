package person

// educonnect begins the names of EduConnect's attributes.
const educonnect = "urn:oid:1.3.6.1.4.1.20326.10.999.1."

// EduConnect is the mapping of the national account of pupils and guardians. It gives a pupil one establishment and one
// level, as a code; a guardian it gives no child: whose guardian somebody is, a vector or a directory must say. authority
// names who guarantees FrEduCtId, which is EduConnect itself.
//
// The codes of levels are those of the ministry's table N_MEF_STAT_4 that public programs name: CP to CM2, 6e and 5e are
// in vittascience/vuser (src/Gar/GarIagEligibility.php), 4e, 3e and 2de in betagouv/monstage (Services::Omogen::Sygne). We
// have not seen the table itself. The rest of it is for whoever runs the gateway to write (level_by_code), the SEGPA
// among it: a code that is not here is a level that nobody knows, and gives a pseudonym of one school year.
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
		Born: educonnect + "67", // FrEduCtDateNaissance
		ByCode: map[string]string{
			"1121": "CP", "1122": "CE1", "1123": "CE2", "1124": "CM1", "1125": "CM2",
			"2111": "6EME", "2112": "5EME", "2115": "4EME", "2116": "3EME",
			"2211": "2NDE", "2212": "1ERE", "2213": "TERMINALE",
		},
		Also:    []Further{{Authority: NationalNumber, Attribute: educonnect + "64", Case: "lower"}}, // FrEduCtEleveINEHash
		Vectors: "FrEduVecteur",
	}
}
