package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"ecluse/internal/registry"
	"ecluse/internal/strictyaml"
)

// ApplyOptions are the flags of `gateway apply` and `gateway diff`.
type ApplyOptions struct {
	Dir      string
	TakeOver bool // objects that the console manages may become a file's
	DryRun   bool
}

// ErrDiffers says that files would change the registry.
var ErrDiffers = errors.New("the files say something else than the registry")

// Apply prints what a folder of files would change in the registry of a configuration, and then changes it, all or
// nothing. A second time changes and writes nothing. A file never approves: declarations are left submitted, and what was
// signed on paper waits for its controller. Every mistake is told, and nothing is written when there is one.
func Apply(ctx context.Context, c Config, o ApplyOptions, out, logTo io.Writer) error {
	return onBase(ctx, c, "apply", logTo, func(b *base) error { return b.apply(ctx, o, out) })
}

// Diff prints what Apply would change, writes nothing, and gives ErrDiffers when it would change something.
func Diff(ctx context.Context, c Config, o ApplyOptions, out, logTo io.Writer) error {
	return onBase(ctx, c, "diff", logTo, func(b *base) error {
		p, err := b.planOf(ctx, o)
		if err != nil {
			return err
		}
		if p.print(out); !p.idle() {
			return ErrDiffers
		}
		return nil
	})
}

// onBase runs a command on an open base.
func onBase(ctx context.Context, c Config, role string, logTo io.Writer, run func(*base) error) error {
	log, err := newLogger(c.Log, logTo)
	if err != nil {
		return err
	}
	b, err := openBase(ctx, c, role, time.Now, log)
	if err != nil {
		return err
	}
	return errors.Join(run(b), b.closers.close())
}

// planOf says what a folder would change in the registry as it is now.
func (b *base) planOf(ctx context.Context, o ApplyOptions) (plan, error) {
	protocols, err := checkingProtocols(b, false)
	if err != nil {
		return plan{}, err
	}
	files, err := folder(o.Dir)
	if err != nil {
		return plan{}, err
	}
	before, err := b.store.Load(ctx)
	if err != nil {
		return plan{}, err
	}
	loaded, problems := b.examine(files, protocols, before)
	for _, doc := range loaded.People {
		problems = append(problems, doc.At("kind", "people are invented in the demo only", ""))
	}
	p, bad := planFor(files, loaded, before, intent{takeOver: o.TakeOver}, b.now())
	return p, sortedProblems(append(problems, bad...)).Or()
}

func (b *base) apply(ctx context.Context, o ApplyOptions, out io.Writer) error {
	p, err := b.planOf(ctx, o)
	if err != nil {
		return err
	}
	p.print(out)
	switch {
	case p.idle():
		fmt.Fprintln(out, "nothing to change")
		return nil
	case o.DryRun:
		fmt.Fprintln(out, "the registry is as it was (--dry-run)")
		return nil
	}
	revision, err := b.applied(ctx, p.change, "command:apply")
	if errors.Is(err, registry.ErrConflict) {
		return fmt.Errorf("%w: nothing was written; apply again", err)
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "registry revision %d\n", revision)
	return nil
}

// sortedProblems puts problems in the order in which people read files.
func sortedProblems(problems strictyaml.Problems) strictyaml.Problems {
	slices.SortStableFunc(problems, func(a, b strictyaml.Problem) int {
		return cmp.Or(strings.Compare(a.File, b.File), a.Line-b.Line, a.Column-b.Column)
	})
	return problems
}
