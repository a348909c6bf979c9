package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"ecluse/internal/desk"
	"ecluse/internal/registry"
)

// AliasesOptions are the flags of `gateway pseudonyms aliases`.
type AliasesOptions struct {
	Family string
	Out    string // a file that is not there yet
	Shape  string // hex, pairwise, compact, uuid or code; those that the sector's services use when empty
	By     string // the function of whoever takes the list
}

// hexShape is what the plain shape is called at the command line.
const hexShape = "hex"

// ErrNotTaken says that no list was handed out.
var ErrNotTaken = errors.New("no list was taken")

// TakeAliases writes the list of former and new numbers of a sector that was given new ones, once for each generation.
func TakeAliases(ctx context.Context, c Config, o AliasesOptions, out, logTo io.Writer) error {
	return onBase(ctx, c, "pseudonyms", logTo, func(b *base) error { return takeAliases(ctx, b, o, out) })
}

func takeAliases(ctx context.Context, b *base, o AliasesOptions, out io.Writer) (err error) {
	shapes, err := b.shapes(ctx, o)
	if err != nil {
		return err
	}
	if _, err := os.Lstat(o.Out); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: %s is there already, or its folder cannot be read", ErrNotTaken, o.Out)
	}
	d := &desk.Desk{
		Store: b.store, Words: b.words, Now: b.now, Journal: b.journal,
		Live: &registry.Live{Store: b.store, Zone: b.zone, Now: b.now, Shipped: b.shipped},
	}
	f, err := d.Renewed(ctx, o.Family)
	if err != nil {
		return fmt.Errorf("%w: %s: %w", ErrNotTaken, o.Family, err)
	}
	list, err := b.aliases(ctx, f)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return fmt.Errorf("%w: no number of %s left before its generation %d", ErrNotTaken, o.Family, f.Generation)
	}
	draft, err := b.draft(o.Out, list, shapes)
	if err != nil {
		return err
	}
	if err := b.giveOut(ctx, list); err != nil {
		return errors.Join(err, removed(draft))
	}
	if _, err := d.TakeList(ctx, o.Family, f.Generation, len(list), o.By); err != nil {
		return errors.Join(fmt.Errorf("%w: %s: %w", ErrNotTaken, o.Family, err), removed(draft))
	}
	if err := name(draft, o.Out); err != nil {
		return fmt.Errorf("the list is taken and stands in %s, because it could not be given its name: %w", draft, err)
	}
	_, err = fmt.Fprintf(out, "%d numbers of %s, before and after its generation %d, in %s\n"+
		"It is handed out once. Send it to the service by a way that you trust, and remove it.\n", len(list), o.Family, f.Generation, o.Out)
	return err
}

// shapes are those asked for, or those that the sector's services use.
func (b *base) shapes(ctx context.Context, o AliasesOptions) ([]registry.Shape, error) {
	switch s := registry.Shape(o.Shape); s {
	case hexShape:
		return []registry.Shape{registry.Hex128}, nil
	case registry.Pairwise, registry.Compact, registry.UUID, registry.Code:
		return []registry.Shape{s}, nil
	case "":
		contents, err := b.store.Load(ctx)
		return shapesOf(contents, o.Family), err
	default:
		return nil, fmt.Errorf("--shape %q: hex, pairwise, compact, uuid or code", o.Shape)
	}
}

// draft writes a list beside the place that it is for, readable by its owner alone.
func (b *base) draft(out string, list []alias, shapes []registry.Shape) (string, error) {
	f, err := os.CreateTemp(filepath.Dir(out), ".pseudonyms-*")
	if err != nil {
		return "", err
	}
	err = errors.Join(f.Chmod(0o600), b.writeAliases(f, list, shapes), f.Sync(), f.Close())
	if err != nil {
		return "", errors.Join(err, removed(f.Name()))
	}
	return f.Name(), nil
}

// name gives a finished file its name and replaces nothing. Where a file cannot have two names for a moment, it is moved.
func name(draft, out string) error {
	err := os.Link(draft, out)
	switch {
	case err == nil:
		return removed(draft)
	case errors.Is(err, fs.ErrExist):
		return err
	default:
		return os.Rename(draft, out)
	}
}
