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

// Numbering is what a sign-in asks the key book. Without People nothing is asked, and numbers are those of the keys alone.
type Numbering struct {
	People People
	Engine *attrs.Engine
}

func (f *Flow) numbering() Numbering { return Numbering{f.People, f.Engine} }

// Know asks who has signed in, and who their children are. It leaves the numbers in who and not the further keys, which
// nothing needs any more.
func (n Numbering) Know(ctx context.Context, source string, who *person.Person) error {
	if n.People == nil {
		return nil
	}
	numbers, err := n.People.Know(ctx, source, who.Key, who.Also...)
	if err != nil {
		return errors.Join(errNumbers, err)
	}
	who.Numbers, who.Also = numbers, nil
	for i := range who.Wards {
		of, err := n.People.Know(ctx, source, who.Wards[i].Child)
		if err != nil {
			return errors.Join(errNumbers, err)
		}
		who.Wards[i].Number = of[0]
	}
	return nil
}

// serving fills in which numbers serve at a service.
type serving func(p person.Person, grant policy.Grant, request *attrs.Request) error

func (f *Flow) serving(ctx context.Context) serving {
	return func(p person.Person, grant policy.Grant, request *attrs.Request) error {
		return f.numbering().Serve(ctx, p, grant, request)
	}
}

// Serve fills in which numbers serve at a service. The book is asked again only of whoever has several.
func (n Numbering) Serve(ctx context.Context, p person.Person, grant policy.Grant, request *attrs.Request) error {
	if n.People == nil {
		return nil
	}
	if len(p.Numbers) > 1 {
		if err := n.serves(ctx, p, grant, request); err != nil {
			return errors.Join(errNumbers, err)
		}
	}
	if child := grant.Place().Child; !child.IsZero() && declares(grant, "child") {
		if err := n.servesChild(ctx, p, child, grant, request); err != nil {
			return errors.Join(errNumbers, err)
		}
	}
	return nil
}

func (n Numbering) serves(ctx context.Context, p person.Person, grant policy.Grant, request *attrs.Request) (err error) {
	request.Number, err = n.People.Serving(ctx, p.Numbers, func(number string) string { return n.Engine.Pseudonym(p, grant, number) })
	if err == nil && declares(grant, "former_pseudonym") {
		request.Former, err = n.People.Serving(ctx, p.Numbers, func(number string) string { return n.Engine.Former(p, grant, number) })
	}
	return err
}

func (n Numbering) servesChild(ctx context.Context, p person.Person, child person.Key, grant policy.Grant, request *attrs.Request) error {
	numbers, err := n.People.Know(ctx, p.Authn.Source, child)
	if err == nil {
		request.Child, err = n.People.Serving(ctx, numbers, func(number string) string { return n.Engine.Child(p, grant, number) })
	}
	if err != nil {
		return fmt.Errorf("child: %w", err)
	}
	return nil
}

func declares(grant policy.Grant, word person.Attr) bool {
	return slices.ContainsFunc(grant.Items(), func(i registry.Item) bool { return i.Attr == word })
}
