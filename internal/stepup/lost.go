package stepup

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"ecluse/internal/registry"
)

// Lost is somebody who lost their means, and in which capacities they are at the desk: by these a second administrator
// recognises whom they speak with.
type Lost struct {
	Handle string          `json:"handle"`
	Held   []registry.Held `json:"held"`
}

// Report says that somebody lost their means, and gives the word that they tell a second administrator by another way. It
// works for a day, and each asks anew.
func (b *Book) Report(ctx context.Context, l Lost) (word string, err error) {
	raw := rand.Text()[:12]
	word = strings.Join([]string{raw[:4], raw[4:8], raw[8:]}, "-")
	return word, b.put(ctx, kindLost, lostName(word), l, lostFor)
}

// Reported finds who was given a word; ErrOver for none.
func (b *Book) Reported(ctx context.Context, word string) (Lost, error) {
	var l Lost
	err := b.get(ctx, kindLost, lostName(word), &l)
	return l, err
}

// Settled uses a word up.
func (b *Book) Settled(ctx context.Context, word string) error {
	var l Lost
	return b.take(ctx, kindLost, lostName(word), &l)
}

// lostName is what is kept of a word, however it was typed.
func lostName(word string) string {
	bare := strings.Map(func(r rune) rune {
		if r == '-' || r == ' ' {
			return -1
		}
		return r
	}, strings.ToUpper(word))
	sum := sha256.Sum256([]byte(bare))
	return hex.EncodeToString(sum[:])
}
