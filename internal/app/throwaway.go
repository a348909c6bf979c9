package app

import (
	"context"
	"crypto/rand"
	"sync"
	"time"

	"ecluse/internal/keys"
)

// throwawayRing is keys that nothing is signed with and nobody keeps, for commands that only look at files. They are made
// once in a process.
var throwawayRing = sync.OnceValues(func() (*keys.Ring, error) {
	secret := make([]byte, 64)
	if _, err := rand.Read(secret); err != nil {
		return nil, err
	}
	master, err := keys.NewMaster(secret)
	if err != nil {
		return nil, err
	}
	return keys.Open(context.Background(), keys.Config{Store: &unkept{}, Master: master, Host: "throwaway.invalid", Now: time.Now})
})

// unkept is a keys.Store that goes with the process.
type unkept struct{ rows []keys.Row }

func (u *unkept) Load(context.Context) ([]keys.Row, error) { return u.rows, nil }

func (u *unkept) Create(_ context.Context, rows []keys.Row) error {
	u.rows = append(u.rows, rows...)
	return nil
}
