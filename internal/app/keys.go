package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
	"unicode/utf8"

	"ecluse/internal/keys"
	"ecluse/internal/store/sqldb"
)

// KeyOptions are the flags of `gateway keys prepare`, `activate`, `retire` and `new-certificate`.
type KeyOptions struct {
	Use    string
	Reason string // why, for whoever asks later
	By     string // the function of whoever does it
	Now    bool   // before its time
	Next   bool   // retire the next key, which nobody uses yet
}

// rotation changes the keys of the base, each step with its journal entry.
func (b *base) rotation() (*keys.Rotation, error) {
	master, err := keys.ReadMaster(b.config.path(b.config.MasterSecretFile))
	if err != nil {
		return nil, fmt.Errorf("master_secret_file: %w", err)
	}
	store := &sqldb.Rotation{Keys: b.db.Keys(), Journal: b.journal}
	return keys.Rotate(keys.Config{Store: store, Master: master, Host: host(b.config.PublicURL), Now: b.now}, store)
}

// Keys prints every key pair: what it is for, where it stands, and what happens next with it.
func Keys(ctx context.Context, c Config, out, logTo io.Writer) error {
	return onBase(ctx, c, "keys", logTo, func(b *base) error {
		r, err := b.rotation()
		if err != nil {
			return err
		}
		list, err := r.List(ctx)
		if err != nil {
			return err
		}
		return b.printKeys(list, out)
	})
}

func (b *base) printKeys(list []keys.Key, out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "USE\tALGORITHM\tSTATE\tSINCE\tCERTIFICATE UNTIL\tKEY\tWHAT COMES NEXT")
	for _, k := range list {
		until := "-"
		if !k.Until.IsZero() {
			until = k.Until.In(b.zone).Format(time.DateOnly)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", k.Use, k.Algorithm, k.State, k.Since.In(b.zone).Format(time.DateOnly), until, k.ID, b.comesNext(k, list))
	}
	return w.Flush()
}

// comesNext says what can be done with a key.
func (b *base) comesNext(k keys.Key, list []keys.Key) string {
	from := k.Ready().In(b.zone).Format("2006-01-02 15:04 MST")
	switch k.State {
	case keys.Next:
		return "published, not used; activate from " + from
	case keys.Previous:
		return "published, not used any more; retire from " + from
	case keys.Retired:
		return "none; it is kept and not used"
	}
	for _, other := range list {
		if other.Use == k.Use && other.State == keys.Next {
			return "in use until the next one is activated"
		}
	}
	return "in use; prepare makes the next one"
}

// PrepareKey makes the next key of a use, which is published and not used.
func PrepareKey(ctx context.Context, c Config, o KeyOptions, out, logTo io.Writer) error {
	return stepKey(ctx, c, o, out, logTo, func(r *keys.Rotation) (keys.Key, error) {
		return r.Prepare(ctx, keys.Use(o.Use), o.asked())
	})
}

// ActivateKey begins to use the next key of a use.
func ActivateKey(ctx context.Context, c Config, o KeyOptions, out, logTo io.Writer) error {
	return stepKey(ctx, c, o, out, logTo, func(r *keys.Rotation) (keys.Key, error) {
		return r.Activate(ctx, keys.Use(o.Use), o.asked())
	})
}

// RetireKey takes a previous key of a use, or its next one, out of what is published.
func RetireKey(ctx context.Context, c Config, o KeyOptions, out, logTo io.Writer) error {
	state := keys.Previous
	if o.Next {
		state = keys.Next
	}
	return stepKey(ctx, c, o, out, logTo, func(r *keys.Rotation) (keys.Key, error) {
		return r.Retire(ctx, keys.Use(o.Use), state, o.asked())
	})
}

// CertifyKey gives the active key of a use another certificate.
func CertifyKey(ctx context.Context, c Config, o KeyOptions, out, logTo io.Writer) error {
	return stepKey(ctx, c, o, out, logTo, func(r *keys.Rotation) (keys.Key, error) {
		return r.Certify(ctx, keys.Use(o.Use), o.asked())
	})
}

func (o KeyOptions) asked() keys.Asked { return keys.Asked{By: o.By, Reason: o.Reason, Early: o.Now} }

// check wants to know why and by whom: the journal keeps both.
func (o *KeyOptions) check() error {
	for flag, text := range map[string]*string{"reason": &o.Reason, "by": &o.By} {
		if *text = strings.TrimSpace(*text); *text == "" || utf8.RuneCountInString(*text) > mostJoinText {
			return fmt.Errorf("--%s: in 1 to %d characters, without a name", flag, mostJoinText)
		}
	}
	for _, use := range keys.Rotating() {
		if string(use) == o.Use {
			return nil
		}
	}
	return fmt.Errorf("%q is no use of keys that rotate: one of %v", o.Use, keys.Rotating())
}

func stepKey(ctx context.Context, c Config, o KeyOptions, out, logTo io.Writer, step func(*keys.Rotation) (keys.Key, error)) error {
	if err := o.check(); err != nil {
		return err
	}
	return onBase(ctx, c, "keys", logTo, func(b *base) error {
		r, err := b.rotation()
		if err != nil {
			return err
		}
		k, err := step(r)
		var early *keys.Early
		if errors.As(err, &early) {
			return fmt.Errorf("%w, or with --now: %s", err, whoFails(early.Use))
		}
		if err != nil {
			return err
		}
		if o.Now && k.State != keys.Next {
			fmt.Fprintf(out, "before its time: %s\n", whoFails(k.Use))
		}
		return b.printStep(k, out)
	})
}

func (b *base) printStep(k keys.Key, out io.Writer) error {
	fmt.Fprintf(out, "%s key %s: %s\n", k.Use, k.ID, b.comesNext(k, nil))
	if !k.Until.IsZero() && k.State != keys.Retired {
		fmt.Fprintf(out, "its certificate is good until %s\n", k.Until.In(b.zone).Format(time.DateOnly))
	}
	_, err := fmt.Fprintln(out, "running gateways take it up within half a minute")
	return err
}

// whoFails says what a step before its time breaks.
func whoFails(use keys.Use) string {
	switch use {
	case keys.UseSAML, keys.UseSAMLECDSA:
		return "services and sources that have not read our metadata since then refuse what we sign until they read it; those who were given a copy need a new one"
	case keys.UseSAMLEncryption:
		return "what sources encrypt to the former key no longer opens once it is retired; they go on with it until they read our metadata again"
	}
	return "services that keep our key set refuse ID tokens until they read it again; those who were given a copy need a new one"
}
