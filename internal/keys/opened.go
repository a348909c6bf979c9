package keys

import (
	"cmp"
	"crypto"
	"fmt"
	"slices"

	"ecluse/internal/keys/libcrypto"
)

// opened is every row with what it seals.
type opened struct {
	rows    []openRow
	secrets map[Use][]byte
}

// openRow is the row of a key pair, opened.
type openRow struct {
	Row
	kind   kind
	signer crypto.Signer
}

// openRows opens every row. Rows of a use that only a later version knows are
// checked and left aside, so that an older one goes on beside it.
func openRows(rows []Row, seals *sealer) (*opened, error) {
	private := make([][]byte, len(rows))
	count := 0
	for i, row := range rows {
		var err error
		if private[i], err = seals.open(row.name(), row.Sealed); err == nil {
			count++
		}
	}
	if len(rows) > 0 && count == 0 {
		return nil, ErrMaster
	}
	o := &opened{secrets: map[Use][]byte{}}
	for i, row := range rows {
		if private[i] == nil {
			return nil, fmt.Errorf("%w: %s key %s was altered", ErrDamaged, row.Use, row.ID)
		}
		if err := o.take(row, private[i]); err != nil {
			return nil, err
		}
	}
	return o, o.check()
}

func (o *opened) take(row Row, private []byte) error {
	if row.Algorithm == Secret {
		if row.State == Active {
			o.secrets[row.Use] = private
		}
		return nil
	}
	if _, known := kindOf(row.Use); !known {
		return nil
	}
	signer, k, err := pair(row, private)
	if err != nil {
		return err
	}
	o.rows = append(o.rows, openRow{row, k, signer})
	return nil
}

// check refuses what lacks a use of the first set, or the active key of another
// one that has keys.
func (o *opened) check() error {
	for _, k := range kinds() {
		if _, ok := o.active(k.use); !ok && (k.first || o.has(k.use)) {
			return fmt.Errorf("%w: there is no active %s key", ErrDamaged, k.use)
		}
	}
	for _, use := range []Use{UseDerivation, UseTickets} {
		if len(o.secrets[use]) != secretSize {
			return fmt.Errorf("%w: there is no active %s secret", ErrDamaged, use)
		}
	}
	return nil
}

func (o *opened) has(use Use) bool {
	return slices.ContainsFunc(o.rows, func(r openRow) bool { return r.Use == use })
}

func (o *opened) active(use Use) (openRow, bool) { return o.in(use, Active) }

// in gives the row of a use in a state, the newest when there are several.
func (o *opened) in(use Use, state State) (found openRow, ok bool) {
	for _, r := range o.rows {
		if r.Use == use && r.State == state && (!ok || r.Changed.After(found.Changed)) {
			found, ok = r, true
		}
	}
	return found, ok
}

// oldest gives the row of a use that has been in a state for longest.
func (o *opened) oldest(use Use, state State) (found openRow, ok bool) {
	for _, r := range o.rows {
		if r.Use == use && r.State == state && (!ok || r.Changed.Before(found.Changed)) {
			found, ok = r, true
		}
	}
	return found, ok
}

// lacking are the uses that came after this set was made.
func (o *opened) lacking() []kind {
	return slices.DeleteFunc(kinds(), func(k kind) bool { return o.has(k.use) })
}

// pairs is what a ring holds of it.
func (o *opened) pairs() *pairs {
	p := &pairs{told: o.list(func(s State) bool { return s != Retired })}
	for _, r := range o.rows {
		if r.State == Retired {
			continue
		}
		signer := libcrypto.Signer(r.signer)
		if r.kind.algorithm != RSAOAEP {
			p.signing = append(p.signing, SigningKey{
				signer: func() crypto.Signer { return signer }, id: r.ID, use: r.Use, algorithm: r.Algorithm,
				state: r.State, mark: markOf(r.Row), certificate: r.Certificate,
			})
		} else if d, ok := signer.(crypto.Decrypter); ok {
			p.decrypting = append(p.decrypting, DecryptionKey{
				decrypter: func() crypto.Decrypter { return d }, id: r.ID, state: r.State, mark: markOf(r.Row),
				certificate: r.Certificate,
			})
		}
	}
	slices.SortStableFunc(p.decrypting, func(a, b DecryptionKey) int { return cmp.Compare(turn(a.state), turn(b.state)) })
	return p
}

// turn is when a key is tried.
func turn(s State) int { return slices.Index([]State{Active, Previous, Next}, s) }
