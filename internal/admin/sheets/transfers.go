package sheets

import (
	"slices"

	"ecluse/internal/admin/frame"
	"ecluse/internal/registry"
	"ecluse/internal/web"
)

// instruments lists what allows data to leave the EEA, in the order of the law (RGPD art. 44 to 49).
func instruments() []registry.Instrument {
	return []registry.Instrument{registry.Adequacy, registry.DPF, registry.SCC, registry.BCR, registry.Derogation}
}

// restsOn tells whether a declaration of a service, among those that count, will count or are suspended, has data leave the
// EEA by an instrument: those for which somebody has to act on the day that it falls.
func restsOn(v *frame.Visit, service string, by registry.Instrument) bool {
	return slices.ContainsFunc(v.Snapshot.Declarations(service), func(d registry.Declaration) bool {
		return d.WasApproved() && slices.Contains([]string{open, upcoming, suspended}, standingOf(v, d)) &&
			slices.ContainsFunc(d.Transfers, func(t registry.Transfer) bool { return t.Instrument == by })
	})
}

// byInstrument is the choice among instruments on the list.
func byInstrument(v *frame.Visit, chosen registry.Instrument) web.Select {
	out := web.Select{Name: "transfert", Label: v.Say("list.transfer"), Options: []web.Option{{Label: v.Say("list.anywhere")}}}
	for _, one := range instruments() {
		out.Options = append(out.Options, web.Option{Value: string(one), Label: v.Say("instrument." + string(one)), Chosen: one == chosen})
	}
	return out
}
