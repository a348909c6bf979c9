package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"ecluse/internal/desk"
	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// AdminLinkOptions are the flags of `gateway admin-link`.
type AdminLinkOptions struct {
	Role   string
	Over   []string // kind=name: academy, department, circonscription, uai, service, source
	Reason string
	Act    string // the act of delegation, for roles that decide in an authority's name
	Until  string // yyyy-mm-dd
}

// AdminLink appoints somebody from the command line, for the first day and for bad days, and prints the one-time word with
// which the appointment is claimed. No role that decides is given so. It is journaled, the data-protection officer is told,
// and every auditor sees it.
func AdminLink(ctx context.Context, c Config, o AdminLinkOptions, out, logTo io.Writer) error {
	a, err := o.appointment()
	if err != nil {
		return err
	}
	return onBase(ctx, c, "admin-link", logTo, func(b *base) error { return adminLink(ctx, b, a, out) })
}

func adminLink(ctx context.Context, b *base, a registry.Appointment, out io.Writer) error {
	d := desk.Desk{
		Store: b.store, Words: b.words, Now: b.now, Journal: b.journal,
		Live: &registry.Live{Store: b.store, Zone: b.zone, Now: b.now, Shipped: b.shipped},
	}
	made, word, err := d.AppointByLink(ctx, a)
	var invalid *desk.Invalid
	if errors.As(err, &invalid) {
		for _, f := range invalid.Findings {
			fmt.Fprintln(out, f)
		}
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%s, until %s\n\n  word   %s\n  where  %s/bureau/moi after a sign-in, to keep the appointment until its end;\n"+
		"         %s/bureau/lien without one, for one session of eight hours at most\n\n"+
		"It works once. Hand it over by a way that you trust; it is nowhere kept.\n",
		made.Role, made.Until, word, b.config.PublicURL, b.config.PublicURL)
	return err
}

func (o AdminLinkOptions) appointment() (registry.Appointment, error) {
	a := registry.Appointment{Role: registry.Role(o.Role), Reason: o.Reason, Act: o.Act}
	var problems []error
	var err error
	if a.Until, err = registry.ParseDate(o.Until); err != nil {
		problems = append(problems, fmt.Errorf("--until: %w", err))
	}
	for _, text := range o.Over {
		if err := addOver(&a.Over, text); err != nil {
			problems = append(problems, fmt.Errorf("--over %q: %w", text, err))
		}
	}
	return a, errors.Join(problems...)
}

func addOver(over *registry.Over, text string) error {
	kind, name, _ := strings.Cut(text, "=")
	if name == "" {
		return errors.New("kind=name is expected, as in academy=exemple")
	}
	switch kind {
	case "academy":
		over.Academies = append(over.Academies, name)
	case "department":
		over.Departments = append(over.Departments, name)
	case "circonscription":
		over.Circonscriptions = append(over.Circonscriptions, name)
	case "uai":
		uai, err := person.ParseUAI(name)
		if err != nil {
			return err
		}
		over.UAIs = append(over.UAIs, uai)
	case "service":
		over.Services = append(over.Services, name)
	case "source":
		over.Sources = append(over.Sources, name)
	default:
		return errors.New("one of academy, department, circonscription, uai, service, source")
	}
	return nil
}
