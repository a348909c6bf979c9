package app

import (
	"cmp"
	"context"
	"errors"

	"ecluse/internal/audit"
	"ecluse/internal/keybook"
	"ecluse/internal/registry"
	"ecluse/internal/store/sqldb"
)

// forgetDaily has the key book, the acknowledgements of charters and the closings of guardians' views forget once a day, and
// gives the day on which it last did. Every replica does; who comes second finds nothing.
func (b *base) forgetDaily(ctx context.Context, last registry.Date) registry.Date {
	today := registry.DateOf(b.now().In(b.zone))
	if today == last {
		return last
	}
	if err := errors.Join(b.forget(ctx), b.forgetCharters(ctx), b.guardians().Forget(ctx)); err != nil {
		if ctx.Err() == nil {
			b.log.Error("what is over could not be forgotten", "error", err)
		}
		return last // tried again a minute later
	}
	return today
}

// favouritesLast is for how many school years a favourite is kept, that in which it was marked included.
const favouritesLast = 2

// forget removes what nobody used for as many whole school years as are configured, and favourites of former years.
func (b *base) forget(ctx context.Context) error {
	if _, err := (&sqldb.Favourites{DB: b.db}).Forget(ctx, keybook.SchoolYear(b.now().In(b.zone))-favouritesLast+1); err != nil {
		return err
	}
	keep := cmp.Or(b.config.Numbers.KeepYears, DefaultConfig().Numbers.KeepYears)
	store := &sqldb.Keybook{DB: b.db, Journal: b.journal}
	_, _, err := store.Purge(ctx, keybook.SchoolYear(b.now().In(b.zone))-keep, audit.Entry{
		Class: audit.ClassSystem, Action: "keybook_purge", Outcome: audit.Done,
	})
	return err
}
