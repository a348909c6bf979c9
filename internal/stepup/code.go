package stepup

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"

	"ecluse/internal/audit"
	"ecluse/internal/store"
)

// How a code is made: what every telephone's application knows (RFC 6238: SHA-1, 30 seconds, 6 digits). A clock may be one
// step wrong, either way (section 5.2).
const (
	period  = 30
	drift   = 1
	secrets = 20 // bytes: as long as the hash (RFC 4226 section 4, R6)
)

// How many codes somebody may get wrong: each code has six digits, of which three are good at any time.
const (
	mostGuesses = 5
	guessesIn   = 10 * time.Minute
	mostInADay  = 40
	aDay        = 24 * time.Hour
)

// Enrolment is a code that is being enrolled: its secret, to be read by a camera or typed by hand. It prints nothing.
type Enrolment struct {
	ID     string
	Secret string // base32, in groups of four
	URI    string // otpauth://totp/…
}

// String shows nothing.
func (Enrolment) String() string { return "[enrolment]" }

// GoString shows nothing.
func (Enrolment) GoString() string { return "[enrolment]" }

// enrol is what is kept of a means while it is enrolled.
type enrol struct {
	Who    Who      `json:"who"`
	Secret string   `json:"secret"`
	Beside []string `json:"beside,omitempty"`
}

// beside lists the means that somebody has while another one is enrolled. Whoever has one confirms with it that another is
// begun, so that what was begun beside others than there are now is over: it was confirmed with none, or with one that was
// taken away since.
func (b *Book) beside(ctx context.Context, w Who) ([]string, error) {
	all, err := b.Store.Of(ctx, w.Handle)
	if err != nil {
		return nil, fmt.Errorf("step-up: %w", err)
	}
	var out []string
	for _, f := range all {
		out = append(out, f.ID)
	}
	slices.Sort(out)
	return out, nil
}

// still gives ErrOver for what was begun beside other means than there are now.
func (b *Book) still(ctx context.Context, w Who, beside []string) error {
	now, err := b.beside(ctx, w)
	if err == nil && !slices.Equal(now, beside) {
		err = ErrOver
	}
	return err
}

// BeginCode makes a secret for somebody's telephone. It counts for nothing before a first code of it was given.
func (b *Book) BeginCode(ctx context.Context, w Who) (Enrolment, error) {
	if !w.known() {
		return Enrolment{}, ErrOver
	}
	key, err := totp.Generate(totp.GenerateOpts{Issuer: b.Issuer, AccountName: "bureau", SecretSize: secrets, Rand: rand.Reader})
	if err != nil {
		return Enrolment{}, fmt.Errorf("step-up: %w", err)
	}
	beside, err := b.beside(ctx, w)
	if err != nil {
		return Enrolment{}, err
	}
	id := rand.Text()
	if err := b.put(ctx, kindEnrol, id, enrol{w, key.Secret(), beside}, enrolling); err != nil {
		return Enrolment{}, err
	}
	return b.enrolment(id, key.Secret()), nil
}

// Enrolling gives back what BeginCode began, to the same session.
func (b *Book) Enrolling(ctx context.Context, w Who, id string) (Enrolment, error) {
	var e enrol
	if err := b.get(ctx, kindEnrol, id, &e); err != nil {
		return Enrolment{}, err
	}
	if e.Who != w || e.Secret == "" {
		return Enrolment{}, ErrOver
	}
	return b.enrolment(id, e.Secret), nil
}

func (b *Book) enrolment(id, secret string) Enrolment {
	uri := "otpauth://totp/" + b.Issuer + ":bureau?secret=" + secret + "&issuer=" + b.Issuer
	var groups []string
	for rest := secret; rest != ""; {
		n := min(4, len(rest))
		groups, rest = append(groups, rest[:n]), rest[n:]
	}
	return Enrolment{ID: id, Secret: strings.Join(groups, " "), URI: uri}
}

// EnrolCode adds the code that BeginCode began, when a first one is right. That one is used by it. entry is what the
// journal keeps. ErrWrong leaves what was begun, so that another code can be tried.
func (b *Book) EnrolCode(ctx context.Context, w Who, id, code, name string, entry audit.Entry) (Factor, error) {
	var e enrol
	if err := b.get(ctx, kindEnrol, id, &e); err != nil {
		return Factor{}, err
	}
	if e.Who != w || e.Secret == "" {
		return Factor{}, ErrOver
	}
	if err := b.still(ctx, w, e.Beside); err != nil {
		return Factor{}, err
	}
	if err := b.guess(ctx, w.Handle); err != nil {
		return Factor{}, err
	}
	step := b.step(e.Secret, code, 0)
	if step == 0 {
		return Factor{}, ErrWrong
	}
	if err := b.take(ctx, kindEnrol, id, &e); err != nil {
		return Factor{}, err
	}
	if err := b.forgive(ctx, w.Handle); err != nil {
		return Factor{}, err
	}
	f := Factor{ID: strings.ToLower(rand.Text()[:16]), Handle: w.Handle, Means: TOTP, Name: name, Made: b.Now().UTC(), Step: step}
	return b.add(ctx, f, []byte(e.Secret), entry)
}

// add seals a factor's secret and enrols it.
func (b *Book) add(ctx context.Context, f Factor, secret []byte, entry audit.Entry) (Factor, error) {
	sealed, err := b.Keys.Seal(ad(f.Handle, f.ID), secret)
	if err != nil {
		return Factor{}, fmt.Errorf("step-up: %w", err)
	}
	f.Sealed = sealed
	if err := b.Store.Add(ctx, f, entry); err != nil {
		return Factor{}, err
	}
	f.Sealed = nil
	return f, nil
}

// ShowCode takes a code for one act, which key names. ErrWrong for one that is not right or was used, ErrTooMany after too
// many, ErrNone where the handle has no code.
func (b *Book) ShowCode(ctx context.Context, w Who, key, code string) error {
	if !w.known() {
		return ErrOver
	}
	all, err := b.Store.Of(ctx, w.Handle)
	if err != nil {
		return fmt.Errorf("step-up: %w", err)
	}
	var codes []Factor
	for _, f := range all {
		if f.Means == TOTP {
			codes = append(codes, f)
		}
	}
	if len(codes) == 0 {
		return ErrNone
	}
	if err := b.guess(ctx, w.Handle); err != nil {
		return err
	}
	for _, f := range codes {
		secret, err := b.Keys.Open(ad(f.Handle, f.ID), f.Sealed)
		if err != nil {
			return fmt.Errorf("step-up: %w", err)
		}
		step := b.step(string(secret), code, f.Step)
		if step == 0 {
			continue
		}
		used, err := b.Store.Use(ctx, f.Handle, f.ID, step, b.Now())
		if err != nil {
			return fmt.Errorf("step-up: %w", err)
		}
		if !used {
			continue // another replica had it
		}
		if err := b.forgive(ctx, w.Handle); err != nil {
			return err
		}
		return b.Grant(ctx, w, key, TOTP)
	}
	return ErrWrong
}

// step is the time step whose code it is, one after a step that was used; 0 for none. Spaces do not count.
func (b *Book) step(secret, code string, used int64) int64 {
	code = strings.ReplaceAll(code, " ", "")
	now := b.Now().Unix() / period
	for step := now + drift; step >= now-drift; step-- {
		if step <= max(used, 0) {
			continue
		}
		right, err := hotp.ValidateCustom(code, uint64(step), secret, hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
		if err == nil && right {
			return step
		}
	}
	return 0
}

// guess counts one more, before it is looked at: however many replicas are asked at once, no more are looked at.
func (b *Book) guess(ctx context.Context, handle string) error {
	short, err := b.Tickets.Increment(ctx, kindGuess, handle, guessesIn)
	if err != nil {
		return fmt.Errorf("step-up: %w", err)
	}
	long, err := b.Tickets.Increment(ctx, kindGuess, handle+"\x00day", aDay)
	if err != nil {
		return fmt.Errorf("step-up: %w", err)
	}
	if short <= mostGuesses && long <= mostInADay {
		return nil
	}
	if short == mostGuesses+1 || long == mostInADay+1 {
		_, err = b.Journal.Append(ctx, audit.Entry{
			Class: audit.ClassAdmin, Action: "step_up_guesses", Outcome: audit.Refused, Reason: "too_many", Actor: handle,
		})
	}
	return errors.Join(ErrTooMany, err)
}

// forgive begins the short count anew after a right one. That of the day goes on.
func (b *Book) forgive(ctx context.Context, handle string) error {
	if err := b.Tickets.Delete(ctx, kindGuess, handle); err != nil && !errors.Is(err, store.ErrNotFound) {
		return fmt.Errorf("step-up: %w", err)
	}
	return nil
}
