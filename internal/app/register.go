package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"

	"ecluse/internal/registry"
	"ecluse/internal/registry/register"
)

// RegisterOptions are the flags of `gateway register export`.
type RegisterOptions struct {
	Of   register.Of
	HTML bool // a page to print instead of CSV
}

// ErrNoRegister says that there is no such school, department or academy.
var ErrNoRegister = errors.New("no such school, department or academy is registered")

// ExportRegister prints the register of processing activities of a school, a department or an academy.
func ExportRegister(ctx context.Context, c Config, o RegisterOptions, out, logTo io.Writer) error {
	return onBase(ctx, c, "register", logTo, func(b *base) error { return exportRegister(ctx, b, o, out) })
}

func exportRegister(ctx context.Context, b *base, o RegisterOptions, out io.Writer) error {
	contents, err := b.store.Load(ctx)
	if err != nil {
		return err
	}
	r, ok := register.Make(registry.NewSnapshot(contents, b.zone), b.now(), o.Of)
	if !ok {
		return fmt.Errorf("%w: %s", ErrNoRegister, cmp.Or(string(o.Of.UAI), o.Of.Department, o.Of.Academy))
	}
	if o.HTML {
		return r.HTML(out, b.words)
	}
	return r.CSV(out, b.words)
}
