package app

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"

	"ecluse/internal/keybook"
	"ecluse/internal/registry"
	"ecluse/internal/store/sqldb"
)

// alias is a number that a sector had of somebody, and the one in its place.
type alias struct{ former, now [64]byte }

// pageOfPeople is how many numbers of the key book are looked at together.
const pageOfPeople = 200

// aliases lists the numbers of a sector that were released before its present generation, each with the one that the same
// person has, or will have, in its place. They stand in the order of the former ones, which says nothing: in the key book's
// order, two numbers of one person would stand side by side.
func (b *base) aliases(ctx context.Context, f registry.Family) ([]alias, error) {
	a := aliasing{base: b, family: f, store: &sqldb.Keybook{DB: b.db, Journal: b.journal}, book: b.people()}
	years, err := a.store.Years(ctx)
	if err != nil || len(years) == 0 {
		return nil, err
	}
	a.first, a.last = years[0], years[len(years)-1]
	links, err := a.store.Links(ctx)
	if err != nil {
		return nil, err
	}
	a.together = keybook.Together(links)
	for after := ""; ; {
		page, err := a.store.Numbers(ctx, after, pageOfPeople)
		if err == nil {
			err = a.page(ctx, page)
		}
		if err != nil {
			return nil, err
		}
		if len(page) < pageOfPeople {
			break
		}
		after = page[len(page)-1]
	}
	slices.SortFunc(a.found, func(x, y alias) int { return bytes.Compare(x.former[:], y.former[:]) })
	return a.found, nil
}

// aliasing is the making of one list.
type aliasing struct {
	*base
	family      registry.Family
	store       *sqldb.Keybook
	book        *keybook.Book
	first, last int
	together    map[string][]string // of numbers that were found to mean one person: all of them
	found       []alias
}

func (a *aliasing) spans(number string, generation int) []string {
	return a.engine.Spans(number, a.family.ID, generation, a.first, a.last)
}

func (a *aliasing) page(ctx context.Context, numbers []string) error {
	formers := make([][]string, len(numbers))
	var marks []string
	for i, n := range numbers {
		formers[i] = a.spans(n, a.family.Generation-1)
		for _, p := range formers[i] {
			marks = append(marks, keybook.Mark(a.ring, p))
		}
	}
	released, err := a.store.Released(ctx, marks)
	if err != nil {
		return err
	}
	for i, n := range numbers {
		for span, former := range formers[i] {
			known := released[marks[0]]
			marks = marks[1:]
			if !known {
				continue
			}
			if err := a.add(ctx, n, span, former); err != nil {
				return err
			}
		}
	}
	return nil
}

// add finds the number in the place of a former one as a sign-in does: of somebody with several, the one that serves there.
func (a *aliasing) add(ctx context.Context, number string, span int, former string) error {
	present := func(n string) string { return a.spans(n, a.family.Generation)[span] }
	all := a.together[number]
	if len(all) == 0 {
		all = []string{number}
	}
	serving, err := a.book.Serving(ctx, all, present)
	if err != nil {
		return err
	}
	var made alias
	_, err = hex.Decode(made.former[:], []byte(former))
	_, worse := hex.Decode(made.now[:], []byte(present(serving)))
	a.found = append(a.found, made)
	return errors.Join(err, worse)
}

// giveOut remembers the new numbers of a list as released, for the service has them from it: whoever is found later to be
// somebody with another number keeps the one that stands there.
func (b *base) giveOut(ctx context.Context, list []alias) error {
	marks := make([]string, len(list))
	for i, a := range list {
		marks[i] = keybook.Mark(b.ring, hex.EncodeToString(a.now[:]))
	}
	slices.Sort(marks)
	store := &sqldb.Keybook{DB: b.db, Journal: b.journal}
	return store.GiveOut(ctx, slices.Compact(marks), keybook.SchoolYear(b.now().In(b.zone)))
}

// writeAliases writes a list as CSV, once in each shape.
func (b *base) writeAliases(w io.Writer, list []alias, shapes []registry.Shape) error {
	out := bufio.NewWriter(w)
	fmt.Fprint(out, "former;new\n")
	for _, s := range shapes {
		for _, a := range list {
			former, now := b.engine.Shaped(hex.EncodeToString(a.former[:]), s), b.engine.Shaped(hex.EncodeToString(a.now[:]), s)
			if former == "" || now == "" {
				return fmt.Errorf("numbers cannot be written in the shape %q", cmp.Or(string(s), hexShape))
			}
			fmt.Fprintf(out, "%s;%s\n", former, now)
		}
	}
	return out.Flush()
}

// shapesOf lists the shapes in which the services of a sector get its numbers, by their bindings and by the words of their
// declarations; the plain one when nothing says otherwise.
func shapesOf(c registry.Contents, family string) []registry.Shape {
	var out []registry.Shape
	members := map[string]bool{}
	for _, s := range c.Services {
		if s.Family() != family {
			continue
		}
		members[s.ID] = true
		for _, b := range s.Bindings {
			out = append(out, b.Shape)
		}
	}
	for _, d := range c.Declarations {
		if !members[d.ServiceID] {
			continue
		}
		for _, item := range d.Items {
			switch item.Attr {
			case "pairwise_id":
				out = append(out, registry.Pairwise)
			case "short_code":
				out = append(out, registry.Code)
			case "pseudonym", "former_pseudonym", "child":
				out = append(out, registry.Hex128)
			}
		}
	}
	if len(out) == 0 {
		out = append(out, registry.Hex128)
	}
	slices.Sort(out)
	return slices.Compact(out)
}
