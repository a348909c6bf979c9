package oidcop

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"time"

	"ecluse/internal/store"
)

// plan is an access token whose record is written with the use of the code, in one wait for the disk, before verifier, key
// and gateway were asked. Nobody is told of the token unless all of them say yes, and without it the record is of no use.
type plan struct {
	token, signature string // the token, unless it is a JWT, which is signed at the end
	ticket           store.Ticket
	issued           time.Time
}

// plan makes the record that the access token of a code will most probably have. A grant that has ended gets none.
func (x *exchange) plan(g grant) ([]store.Op, error) {
	p := plan{issued: x.cfg.Now()}
	life := x.life
	if !g.Ends.IsZero() {
		life = min(life, g.Ends.Sub(p.issued))
	}
	if life < time.Millisecond {
		return nil, nil
	}
	var err error
	if x.only.settings.AccessToken == accessJWT {
		p.signature, g.Audience = handlePrefix+rand.Text(), x.only.settings.AccessTokenAudience
	} else if p.token, p.signature, err = x.access.enigma.Generate(context.Background()); err != nil {
		return nil, err
	}
	g.DPoPKeyThumbprint, g.Certificate, g.Issued = x.key, x.certificate, p.issued
	op, err := creation(kindToken, p.signature, g.bearer(), p.issued.Add(life))
	if err != nil {
		return nil, err
	}
	p.ticket = op.Ticket
	x.planned = p
	return []store.Op{op}, nil
}

// opaque is the token that was planned, or a new one where none was.
func (x *exchange) opaque(ctx context.Context) (token, signature string, err error) {
	if x.planned.token != "" {
		return x.planned.token, x.planned.signature, nil
	}
	return x.access.enigma.Generate(ctx)
}

// record is what has to be written for the access token: nothing where the plan held, its record anew where the gateway
// gave the grant less time meanwhile.
func (x *exchange) record(signature string) ([]store.Op, error) {
	g, planned := x.grant.bearer(), x.planned.signature == signature
	if g.Issued = x.cfg.Now(); planned {
		g.Issued = x.planned.issued
	}
	op, err := creation(kindToken, signature, g, g.Issued.Add(x.life))
	switch {
	case err != nil:
		return nil, err
	case !planned:
		return []store.Op{op}, nil
	case bytes.Equal(op.Ticket.Value, x.planned.ticket.Value) && op.Ticket.Expires.Equal(x.planned.ticket.Expires):
		return nil, nil
	}
	op.Do = store.Put
	return []store.Op{op}, nil
}

// write writes what was made, all of it before any of it leaves.
func (x *exchange) write(ctx context.Context) error {
	if len(x.before) == 0 {
		return nil
	}
	err := x.grants.tickets.Write(ctx, x.before...)
	if x.asks == grantRefresh && (errors.Is(err, store.ErrConflict) || errors.Is(err, store.ErrNotFound)) {
		err = x.rotated(ctx)
	}
	return x.fail(err)
}
