package local

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"runtime"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"ecluse/internal/upstream"
)

// How a password is kept: argon2id with the least that OWASP's Password Storage Cheat Sheet asks for (19 MiB, two passes,
// one lane). Each computation takes that memory, so only so many run at once; whoever waits longer is told to come back.
const (
	argonMemory = 19 << 10 // KiB
	argonPasses = 2
	argonLanes  = 1
	argonKey    = 32
	argonSalt   = 16
	mostWait    = 5 * time.Second
)

// How long a password is, in characters. Nothing else is asked of it (NIST SP 800-63B 3.1.1.2).
const (
	leastPassword = 12
	mostPassword  = 256
)

// passwords keeps and compares passwords. It is safe for concurrent use.
type passwords struct {
	turns chan struct{}
	decoy string // what a login without a password is compared with: nobody knows its password
}

func newPasswords() *passwords {
	p := &passwords{turns: make(chan struct{}, max(2, runtime.GOMAXPROCS(0)))}
	p.decoy = encode(rand.Text())
	return p
}

// keep makes what is stored of a password.
func (p *passwords) keep(ctx context.Context, password string) (string, error) {
	done, err := p.turn(ctx)
	if err != nil {
		return "", err
	}
	defer done()
	return encode(password), nil
}

// same tells whether a password is the one that was kept. With nothing kept it is not, after as much work. The error says
// that nothing was compared.
func (p *passwords) same(ctx context.Context, kept, password string) (bool, error) {
	done, err := p.turn(ctx)
	if err != nil {
		return false, err
	}
	defer done()
	against := kept
	if against == "" {
		against = p.decoy
	}
	salt, key, ok := decode(against)
	if !ok {
		return false, fmt.Errorf("%w: a password is kept in a form that is not known", upstream.ErrUnavailable)
	}
	right := subtle.ConstantTimeCompare(key, derive(password, salt)) == 1
	return right && kept != "", nil
}

// turn waits for a turn to compute.
func (p *passwords) turn(ctx context.Context) (done func(), err error) {
	ctx, cancel := context.WithTimeout(ctx, mostWait)
	defer cancel()
	select {
	case p.turns <- struct{}{}:
		return func() { <-p.turns }, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("%w: too many passwords are compared at once", upstream.ErrUnavailable)
	}
}

// form is how every kept password begins; another form is not read, so that nobody who writes the table chooses the work.
func form() string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$", argon2.Version, argonMemory, argonPasses, argonLanes)
}

func encode(password string) string {
	salt := make([]byte, argonSalt)
	_, _ = rand.Read(salt) // it never fails, or the program ends
	return form() + base64.RawStdEncoding.EncodeToString(salt) + "$" + base64.RawStdEncoding.EncodeToString(derive(password, salt))
}

func decode(kept string) (salt, key []byte, ok bool) {
	rest, ok := strings.CutPrefix(kept, form())
	first, second, both := strings.Cut(rest, "$")
	salt, err := base64.RawStdEncoding.DecodeString(first)
	key, err2 := base64.RawStdEncoding.DecodeString(second)
	return salt, key, ok && both && err == nil && err2 == nil && len(salt) == argonSalt && len(key) == argonKey
}

// derive takes all spellings of one text for one, as keyboards differ (NIST SP 800-63B 3.1.1.2, RFC 8265).
func derive(password string, salt []byte) []byte {
	return argon2.IDKey([]byte(norm.NFKC.String(password)), salt, argonPasses, argonMemory, argonLanes, argonKey)
}

// fits tells whether a password may be chosen.
func fits(password string) bool {
	n := utf8.RuneCountInString(norm.NFKC.String(password))
	return utf8.ValidString(password) && n >= leastPassword && n <= mostPassword
}
