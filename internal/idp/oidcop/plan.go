package oidcop

import (
	"context"
	"crypto/rand"
	"errors"
	"reflect"
	"time"

	"ecluse/internal/store"
)

// plan is an access token whose record is written with the use of the code, in one wait for the disk, before verifier, key
// and gateway were asked. Nobody is told of the token unless all of them say yes, and without it the record is of no use.
type plan struct {
	token, signature string // the token, unless it is a JWT, which is signed at the end
	grant            grant  // of the record
	ends             time.Time
}

// plan makes the record that the access token of a code will most probably have. A grant that has ended gets none.
func (x *exchange) plan(g grant) ([]store.Op, error) {
	now := x.cfg.Now()
	p := plan{}
	life := x.life
	if !g.Ends.IsZero() {
		life = min(life, g.Ends.Sub(now))
	}
	if life < time.Millisecond {
		return nil, nil
	}
	if x.only.settings.AccessToken == accessJWT {
		p.signature, g.Audience = handlePrefix+rand.Text(), x.only.settings.AccessTokenAudience
	} else {
		p.token, p.signature = x.access.generate()
	}
	g.DPoPKeyThumbprint, g.Certificate, g.Issued = x.key, x.certificate, now
	p.grant, p.ends = g.bearer(), now.Add(life)
	op, err := creation(kindToken, p.signature, p.grant, p.ends)
	if err != nil {
		return nil, err
	}
	x.planned = p
	return []store.Op{op}, nil
}

// opaque is the token that was planned, or a new one where none was.
func (x *exchange) opaque() (token, signature string) {
	if x.planned.token != "" {
		return x.planned.token, x.planned.signature
	}
	return x.access.generate()
}

// record is what has to be written for the access token: nothing where the plan held, its record anew where the gateway
// gave the grant less time meanwhile.
func (x *exchange) record(signature string) ([]store.Op, error) {
	g, planned := x.grant.bearer(), x.planned.signature == signature
	if g.Issued = x.cfg.Now(); planned {
		g.Issued = x.planned.grant.Issued
	}
	ends := g.Issued.Add(x.life)
	if planned && ends.Equal(x.planned.ends) && reflect.DeepEqual(g, x.planned.grant) {
		return nil, nil
	}
	op, err := creation(kindToken, signature, g, ends)
	if err != nil {
		return nil, err
	}
	if planned {
		op.Do = store.Put
	}
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
