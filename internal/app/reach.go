package app

import (
	"context"
	"fmt"
	"io"
	"time"

	"ecluse/internal/policy"
	"ecluse/internal/registry"
	"ecluse/internal/store/sqldb"
)

// longestLook bounds how long a store that does not answer is waited for.
const longestLook = 10 * time.Second

// mostListed bounds how many establishments one answer names.
const mostListed = 20

// tellReach says whether the gateway's own register entry is in force, and which establishments it does not reach, and
// gives what is registered. The store is only looked at. That it is not there yet, or not reachable from here, or another
// version's, is no mistake of a configuration: it is said, and nothing is known then.
func (c Config) tellReach(out io.Writer) registry.Contents {
	ctx, cancel := context.WithTimeout(context.Background(), longestLook)
	defer cancel()
	contents, err := c.look(ctx)
	if err == nil {
		err = tellReach(contents, c.TimeZone, time.Now(), out)
	}
	if err != nil {
		fmt.Fprintf(out, "the registry was not looked at, so whom the gateway's own register entry reaches is not known: %v\n", err)
	}
	return contents
}

// look reads what is registered, and writes nothing.
func (c Config) look(ctx context.Context) (registry.Contents, error) {
	location, err := c.secretOr(c.Store.URL, c.Store.URLFile)
	if err != nil {
		return registry.Contents{}, err
	}
	db, err := sqldb.Look(ctx, c.sqlLocation(location))
	if err != nil {
		return registry.Contents{}, err
	}
	defer db.Close()
	return (&sqldb.Registry{DB: db}).Load(ctx)
}

func tellReach(stored registry.Contents, timeZone string, now time.Time, out io.Writer) error {
	zone, err := time.LoadLocation(timeZone)
	if err != nil {
		return err
	}
	b := &base{zone: zone}
	if b.shipped, err = shipped(); err != nil {
		return err
	}
	s := b.snapshot(stored)
	if err := policy.Open(s, now, registry.House); err != nil {
		fmt.Fprintln(out, "the gateway's own register entry is in force nowhere: outside the demo nothing leaves")
	}
	var missing []registry.Establishment
	open := 0
	for _, e := range s.Establishments() {
		if e.Closed {
			continue
		}
		if open++; !policy.Reached(s, now, e) {
			missing = append(missing, e)
		}
	}
	fmt.Fprintf(out, "the gateway's own register entry reaches %d of %d establishments\n", open-len(missing), open)
	for i, e := range missing {
		if i == mostListed {
			fmt.Fprintf(out, "  and %d more\n", len(missing)-i)
			break
		}
		fmt.Fprintf(out, "  not %s %s: nothing leaves there\n", e.UAI, e.Name)
	}
	return nil
}
