package login

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"ecluse/internal/attrs"
	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/registry"
)

// People is the key book: it knows which keys mean one person, and which of a person's numbers serves where.
type People interface {
	// Know files the keys that a source vouches for and gives the person's numbers, that of own first.
	Know(ctx context.Context, source string, own person.Key, also ...person.Key) ([]string, error)
	// Serving chooses the number whose pseudonym was released, and the same one each time where none was.
	Serving(ctx context.Context, numbers []string, pseudonym func(number string) string) (string, error)
}

// errNumbers is a key book that could not be asked. Nothing leaves then: it would leave under another number.
var errNumbers = errors.New("the key book does not answer")

// know asks the key book who has signed in, and who their children are. The session keeps the numbers and not the further
// keys, which nothing needs any more.
func (f *Flow) know(ctx context.Context, source string, who *person.Person) error {
	if f.People == nil {
		return nil
	}
	numbers, err := f.People.Know(ctx, source, who.Key, who.Also...)
	if err != nil {
		return errors.Join(errNumbers, err)
	}
	who.Numbers, who.Also = numbers, nil
	for i := range who.Wards {
		of, err := f.People.Know(ctx, source, who.Wards[i].Child)
		if err != nil {
			return errors.Join(errNumbers, err)
		}
		who.Wards[i].Number = of[0]
	}
	return nil
}

// serving fills in which numbers serve at a service. The book is asked again only of whoever has several.
type serving func(p person.Person, grant policy.Grant, request *attrs.Request) error

func (f *Flow) serving(ctx context.Context) serving {
	return func(p person.Person, grant policy.Grant, request *attrs.Request) error {
		if f.People == nil {
			return nil
		}
		if len(p.Numbers) > 1 {
			if err := f.serves(ctx, p, grant, request); err != nil {
				return errors.Join(errNumbers, err)
			}
		}
		if child := grant.Place().Child; !child.IsZero() && declares(grant, "child") {
			if err := f.servesChild(ctx, p, child, grant, request); err != nil {
				return errors.Join(errNumbers, err)
			}
		}
		return nil
	}
}

func (f *Flow) serves(ctx context.Context, p person.Person, grant policy.Grant, request *attrs.Request) (err error) {
	request.Number, err = f.People.Serving(ctx, p.Numbers, func(n string) string { return f.Engine.Pseudonym(p, grant, n) })
	if err == nil && declares(grant, "former_pseudonym") {
		request.Former, err = f.People.Serving(ctx, p.Numbers, func(n string) string { return f.Engine.Former(p, grant, n) })
	}
	return err
}

func (f *Flow) servesChild(ctx context.Context, p person.Person, child person.Key, grant policy.Grant, request *attrs.Request) error {
	numbers, err := f.People.Know(ctx, p.Authn.Source, child)
	if err == nil {
		request.Child, err = f.People.Serving(ctx, numbers, func(n string) string { return f.Engine.Child(p, grant, n) })
	}
	if err != nil {
		return fmt.Errorf("child: %w", err)
	}
	return nil
}

func declares(grant policy.Grant, word person.Attr) bool {
	return slices.ContainsFunc(grant.Items(), func(i registry.Item) bool { return i.Attr == word })
}
