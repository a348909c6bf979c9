package app

import (
	"fmt"
	"io"

	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/idp"
	"ecluse/internal/registry"
)

// tellNotes prints what the settings of registered services announce today: a certificate that was far from its end when it
// was registered may be near it now.
func tellNotes(configFile string, environ []string, services []registry.Service, out io.Writer) error {
	if len(services) == 0 {
		return nil
	}
	words, err := checkedWords(configFile, environ)
	if err != nil {
		return err
	}
	_, protocols, err := offline(words)
	if err != nil {
		return err
	}
	noteBindings(services, protocols, words, out)
	return nil
}

// noteBindings prints what is worth knowing about the settings of services, and is no mistake.
func noteBindings(services []registry.Service, protocols map[string]idp.Protocol, words *dictionary.Dictionary, out io.Writer) {
	for _, s := range services {
		for _, f := range checkBindings(s, protocols, words) {
			if f.Severity != registry.Blocking {
				fmt.Fprintf(out, "service %s: %s, %s\n", s.ID, f.Severity, f)
			}
		}
	}
}
