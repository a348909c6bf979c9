package app

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"ecluse/internal/audit"
	"ecluse/internal/keybook"
	"ecluse/internal/keybook/pairs"
)

// PeopleOptions are the flags of `gateway people join`.
type PeopleOptions struct {
	File    string
	Reason  string // why, for whoever asks later
	By      string // the function of whoever does it
	SkipBad bool   // leave out the people of whom a line is refused; without it one refusal keeps the whole list back
	Report  string // a file for the report, line by line; none when empty
	DryRun  bool
}

// ErrNotJoined says that a list was left aside as a whole; what was printed says why.
var ErrNotJoined = errors.New("nobody was joined")

// joinTries is how often a list is planned again because somebody of it signed in meanwhile.
const joinTries = 5

// mostJoinText bounds what the journal keeps of why and by whom, in characters.
const mostJoinText = 500

// JoinPeople reads which keys mean one person into the key book, all or nothing.
func JoinPeople(ctx context.Context, c Config, o PeopleOptions, out, logTo io.Writer) error {
	return onBase(ctx, c, "people", logTo, func(b *base) error { return joinPeople(ctx, b, o, out) })
}

func joinPeople(ctx context.Context, b *base, o PeopleOptions, out io.Writer) error {
	if err := o.check(); err != nil {
		return err
	}
	data, err := os.ReadFile(o.File)
	if err != nil {
		return err
	}
	list, err := pairs.Read(bytes.NewReader(data))
	if err != nil {
		return fmt.Errorf("%w: %s: %w", ErrNotJoined, o.File, err)
	}
	l := joinList{base: b, PeopleOptions: o, List: list, digest: b.listDigest(data)}
	fmt.Fprintf(out, "list %s: %d lines, separated by %q\n", l.digest, len(list.Pairs), list.Separator)
	if len(list.Problems) > 0 {
		tellMistakes(list.Problems, out)
		return errors.Join(fmt.Errorf("%w: %d mistakes", ErrNotJoined, len(list.Problems)), l.report(keybook.Join{}, nil))
	}
	if err := l.tellAuthorities(ctx, out); err != nil {
		return err
	}
	return l.join(ctx, out)
}

// check wants to know why and by whom: the journal keeps both.
func (o PeopleOptions) check() error {
	for flag, text := range map[string]string{"reason": o.Reason, "by": o.By} {
		text = strings.TrimSpace(text)
		if text == "" && !o.DryRun || utf8.RuneCountInString(text) > mostJoinText {
			return fmt.Errorf("%w: --%s: in 1 to %d characters, without naming any of the people", ErrNotJoined, flag, mostJoinText)
		}
	}
	return nil
}

// listDigest tells lists apart. It is keyed: a plain one of a short list could be searched for the identifiers in it.
func (b *base) listDigest(data []byte) string {
	return hex.EncodeToString(b.ring.Derive("list of people to join", string(data))[:16])
}

// joinList is one list under way.
type joinList struct {
	*base
	PeopleOptions
	pairs.List
	digest string
}

// join plans the list, writes it and tells what became of it.
func (l joinList) join(ctx context.Context, out io.Writer) error {
	plan, err := l.people().PlanJoin(ctx, l.Pairs)
	if err != nil {
		return err
	}
	doubles, err := l.doubles(ctx, plan.Merged)
	if err != nil {
		return err
	}
	if err := l.report(plan, doubles); err != nil {
		return err
	}
	if l.mayWrite(plan) {
		if plan, err = l.write(ctx, doubles); err != nil {
			return err
		}
	}
	l.tell(plan, doubles, out)
	switch apart := plan.Count(keybook.Apart); {
	case apart > 0 && !l.SkipBad:
		return fmt.Errorf("%w: %d lines are refused", ErrNotJoined, apart)
	case l.DryRun:
		fmt.Fprintln(out, "the key book is as it was (--dry-run)")
	case plan.Empty():
		fmt.Fprintln(out, "nothing to change")
	}
	return nil
}

func (l joinList) mayWrite(plan keybook.Join) bool {
	return !l.DryRun && !plan.Empty() && (l.SkipBad || plan.Count(keybook.Apart) == 0)
}

// write carries out what the list comes to on the book as it is at that moment. It gives the plan that it carried out, or
// one that may not be.
func (l joinList) write(ctx context.Context, doubles map[int]bool) (keybook.Join, error) {
	for range joinTries {
		plan, err := l.people().PlanJoin(ctx, l.Pairs)
		if err != nil || !l.mayWrite(plan) {
			return plan, err
		}
		if err = l.people().CarryOut(ctx, plan, l.entry(plan, doubles)); err == nil || !errors.Is(err, keybook.ErrChanged) {
			return plan, err
		}
	}
	return keybook.Join{}, fmt.Errorf("%w: people of the list keep signing in: try again at a quieter hour", ErrNotJoined)
}

// entry counts. Whom the list was about is in the list, which its digest tells.
func (l joinList) entry(plan keybook.Join, doubles map[int]bool) audit.Entry {
	return audit.Entry{
		Class: audit.ClassAdmin, Action: "people_join", Outcome: audit.Done, Actor: "command:people", Detail: map[string]string{
			"list": l.digest, "lines": fmt.Sprint(len(l.Pairs)), "joined": fmt.Sprint(plan.Count(keybook.Joined)),
			"one_already": fmt.Sprint(plan.Count(keybook.Already)), "never_seen": fmt.Sprint(plan.Count(keybook.Unseen)),
			"kept_apart": fmt.Sprint(plan.Count(keybook.Apart)), "settled": fmt.Sprint(plan.Settled), "merged": fmt.Sprint(len(plan.Merged)),
			"known_twice": fmt.Sprint(len(doubles)), "reason": strings.TrimSpace(l.Reason), "by": strings.TrimSpace(l.By),
		},
	}
}
