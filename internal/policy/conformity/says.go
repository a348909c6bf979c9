package conformity

import "fmt"

// serviceSays shows what the service's metadata says it keeps to: entity categories and certifications of federations. It
// is the service's own word and decides nothing: what leaves follows from the items alone, and no rule asks for less
// because of it.
func serviceSays(e *exam) {
	for _, words := range e.c.Says {
		e.note("service-says", "service", fmt.Sprintf("the service's metadata says: %s", words),
			"nothing: it is the service's own word, and opens nothing by itself", "RGPD art. 5(2), 24")
	}
}
