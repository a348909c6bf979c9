package ldap

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// neverImported lists what no purpose of the gateway needs and what is therefore never asked of a directory: grants,
// boarding, transport, addresses, telephones, professions, the NUMEN and the grade.
func neverImported() []string {
	return []string{
		"ENTEleveBoursier", "ENTEleveRegime", "ENTEleveTransport",
		"ENTPersonAdresse", "ENTPersonCodePostal", "ENTPersonVille", "ENTPersonPays", "ENTPersonTelPerso",
		"ENTEleveAdresse", "ENTAuxPersRelEleveAdresse", "ENTAuxPersRelEleveProfession",
		"homePhone", "homePostalAddress", "mobile", "telephoneNumber", "facsimileTelephoneNumber", "pager",
		"postalAddress", "postalCode", "street", "userPassword",
		"ENTPersonNumen", "ENTAuxEnsNumen", "PersEducNatNumen", "NUMEN",
		"ENTPersonGrade", "ENTAuxEnsGrade", "PersEducNatGrade",
	}
}

// checkMapping refuses a mapping that would import what is never imported.
func checkMapping(m person.Mapping) []registry.Finding {
	var findings []registry.Finding
	for _, name := range wanted(m) {
		if slices.ContainsFunc(neverImported(), func(never string) bool { return strings.EqualFold(never, name) }) {
			findings = append(findings, registry.Finding{
				Where: "mapping", What: fmt.Sprintf("%s is never imported", name), Mend: "leave it out",
			})
		}
	}
	if m.ID == "" {
		findings = append(findings, registry.Finding{Where: "mapping.id", What: "the identifier's attribute is missing"})
	}
	return findings
}

// wanted lists the attributes that a mapping reads, each once and sorted: all that is asked of the directory.
func wanted(m person.Mapping) []string {
	names := []string{m.ID, m.Born, m.Adult}
	names = slices.AppendSeq(names, maps.Values(m.Values))
	names = append(names, structured(m)...)
	names = append(names, m.Mandates.Names()...)
	for _, further := range m.Also {
		names = append(names, further.Attribute)
	}
	slices.Sort(names)
	names = slices.Compact(names)
	return slices.DeleteFunc(names, func(name string) bool { return name == "" || name == m.Wards })
}

// structured lists the attributes whose values name a structure, alone or before the first $.
func structured(m person.Mapping) []string {
	names := []string{m.Structure, m.Profile, m.Functions}
	names = append(names, m.Classes...)
	names = append(names, m.Groups...)
	names = append(names, m.Taught...)
	return slices.AppendSeq(names, maps.Values(m.Local))
}
