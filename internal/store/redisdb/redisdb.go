// Package redisdb keeps tickets in Redis, where several gateways share them.
// It owns nothing durable: Redis may be emptied at any time, which signs people
// out, and which Epoch tells to those who must know.
//
// A Redis that is away, slow or read-only is an error of every operation, never
// a success; operations are not tried again here, because a lost answer may
// have been a yes. A Redis that drops keys when its memory is full would forget
// replay marks without a word, so Open refuses one (maxmemory-policy must be
// noeviction, or maxmemory zero). It refuses a cluster too: Write needs all
// tickets of one write on one server.
//
// Existence follows the clock of the Redis server, which all replicas share; a
// ticket that has ended by our own clock is not returned either.
package redisdb

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"ecluse/internal/store"
)

// Options adjust Open. The zero value is usable.
type Options struct {
	// Prefix begins every key, so that several programs can share one Redis;
	// "ecluse:" when empty.
	Prefix string
	// Now is our clock; time.Now when nil.
	Now func() time.Time
}

// Tickets is a store.Tickets in Redis.
type Tickets struct {
	client  *redis.Client
	prefix  string
	now     func() time.Time
	scripts scripts
}

// Open connects to the Redis at location (redis://, rediss:// or unix://) and
// refuses it when it does not answer, may drop keys or is a cluster. Errors do not show the
// location, which may hold a password.
func Open(ctx context.Context, location string, opts Options) (*Tickets, error) {
	o, err := redis.ParseURL(location)
	if err != nil {
		return nil, errors.New("redis: its location cannot be read")
	}
	o.ContextTimeoutEnabled = true
	o.MaxRetries = -1
	o.DialerRetries = 1
	o.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	for _, d := range []*time.Duration{&o.DialTimeout, &o.ReadTimeout, &o.WriteTimeout, &o.PoolTimeout} {
		if *d == 0 {
			*d = 2 * time.Second
		}
	}
	if opts.Prefix == "" {
		opts.Prefix = "ecluse:"
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	t := &Tickets{client: redis.NewClient(o), prefix: opts.Prefix, now: opts.Now, scripts: newScripts()}
	if err := t.checkServer(ctx); err != nil {
		return nil, errors.Join(err, t.Close())
	}
	return t, nil
}

// Close closes the connections.
func (t *Tickets) Close() error { return t.client.Close() }

// Ping reports whether Redis answers, for the readiness check.
func (t *Tickets) Ping(ctx context.Context) error {
	if err := t.client.Ping(ctx).Err(); err != nil {
		return fmt.Errorf("redis: %w", err)
	}
	return nil
}

// checkServer refuses a server that forgets under pressure, and one that is
// part of a cluster.
func (t *Tickets) checkServer(ctx context.Context) error {
	settings, err := t.info(ctx, "memory")
	if err != nil {
		return err
	}
	if policy := settings["maxmemory_policy"]; settings["maxmemory"] != "0" && policy != "noeviction" {
		return fmt.Errorf("redis: its maxmemory-policy %q drops keys when memory is full; set noeviction", policy)
	}
	if settings, err = t.info(ctx, "cluster"); err != nil {
		return err
	}
	if settings["cluster_enabled"] == "1" {
		return errors.New("redis: it is part of a cluster, where several tickets cannot be written at one instant; " +
			"give a server of its own, with replicas of it if need be")
	}
	return nil
}

// info is one section of what the server says of itself.
func (t *Tickets) info(ctx context.Context, section string) (map[string]string, error) {
	text, err := t.client.Info(ctx, section).Result()
	if err != nil {
		return nil, fmt.Errorf("redis: ask for its %s settings: %w", section, err)
	}
	settings := map[string]string{}
	for line := range strings.Lines(text) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), ":"); ok {
			settings[name] = value
		}
	}
	return settings, nil
}

func (t *Tickets) ticketKey(kind store.Kind, name string) string {
	return t.prefix + "t:{" + string(kind) + ":" + name + "}"
}

func (t *Tickets) counterKey(kind store.Kind, name string) string {
	return t.prefix + "c:{" + string(kind) + ":" + name + "}"
}

// header is the version and the end, in hexadecimal, before every value: the
// scripts read the version as text, because their numbers are too coarse.
const header = 32

// encode is the Redis value of n under the given version.
func encode(n store.Ticket, version int64) []byte {
	var h [header / 2]byte
	binary.BigEndian.PutUint64(h[:8], uint64(version))
	binary.BigEndian.PutUint64(h[8:], uint64(n.Expires.UnixMilli()))
	return append(hex.AppendEncode(make([]byte, 0, header+len(n.Value)), h[:]), n.Value...)
}

// decode reads what encode wrote into a ticket of that kind and name.
func decode(kind store.Kind, name string, raw []byte) (store.Ticket, error) {
	if len(raw) < header {
		return store.Ticket{}, errors.New("stored value is cut short")
	}
	var h [header / 2]byte
	if _, err := hex.Decode(h[:], raw[:header]); err != nil {
		return store.Ticket{}, errors.New("stored value has no header")
	}
	return store.Ticket{
		Kind: kind, Name: name, Value: raw[header:],
		Version: int64(binary.BigEndian.Uint64(h[:8])),
		Expires: time.UnixMilli(int64(binary.BigEndian.Uint64(h[8:]))).UTC(),
	}, nil
}

// firstVersion is where the versions of a new value begin: at random, so that
// a ticket deleted and made again is not taken for the one before.
func firstVersion() int64 { return 1 + rand.Int64N(1<<62) }

// life checks n and returns how many milliseconds it has left.
func (t *Tickets) life(n store.Ticket) (int64, error) {
	now := t.now()
	if err := n.Check(now); err != nil {
		return 0, err
	}
	return n.Expires.UnixMilli() - now.UnixMilli(), nil
}

// set runs SET with the given condition and reports whether it was stored.
func (t *Tickets) set(ctx context.Context, n store.Ticket, condition ...any) (bool, error) {
	life, err := t.life(n)
	if err != nil {
		return false, err
	}
	command := append([]any{"SET", t.ticketKey(n.Kind, n.Name), encode(n, firstVersion()), "PX", life}, condition...)
	err = t.client.Do(ctx, command...).Err()
	if errors.Is(err, redis.Nil) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("write %s: %w", n, err)
	}
	return true, nil
}

// Put implements store.Tickets.
func (t *Tickets) Put(ctx context.Context, n store.Ticket) error {
	_, err := t.set(ctx, n)
	return err
}

// Create implements store.Tickets.
func (t *Tickets) Create(ctx context.Context, n store.Ticket) error {
	stored, err := t.set(ctx, n, "NX")
	if err == nil && !stored {
		return fmt.Errorf("create %s: %w", n, store.ErrExists)
	}
	return err
}

// Get implements store.Tickets.
func (t *Tickets) Get(ctx context.Context, kind store.Kind, name string) (store.Ticket, error) {
	return t.read(ctx, kind, name, t.client.Get)
}

// Take implements store.Tickets.
func (t *Tickets) Take(ctx context.Context, kind store.Kind, name string) (store.Ticket, error) {
	return t.read(ctx, kind, name, t.client.GetDel)
}

func (t *Tickets) read(ctx context.Context, kind store.Kind, name string,
	command func(context.Context, string) *redis.StringCmd,
) (store.Ticket, error) {
	if err := store.CheckName(kind, name); err != nil {
		return store.Ticket{}, err
	}
	n := store.Ticket{Kind: kind, Name: name}
	raw, err := command(ctx, t.ticketKey(kind, name)).Bytes()
	if errors.Is(err, redis.Nil) {
		err = store.ErrNotFound
	}
	if err == nil {
		n, err = decode(kind, name, raw)
	}
	if err == nil && n.Expires.UnixMilli() <= t.now().UnixMilli() {
		err = store.ErrNotFound
	}
	if err != nil {
		return store.Ticket{}, fmt.Errorf("read ticket of kind %s: %w", kind, err)
	}
	return n, nil
}

// Replace implements store.Tickets.
func (t *Tickets) Replace(ctx context.Context, n store.Ticket) error {
	life, err := t.life(n)
	if err != nil {
		return err
	}
	answer, err := t.scripts.replace.Run(ctx, t.client, []string{t.ticketKey(n.Kind, n.Name)},
		fmt.Sprintf("%016x", uint64(n.Version)), encode(n, n.Version+1), life).Text()
	if err != nil {
		return fmt.Errorf("replace %s: %w", n, err)
	}
	switch answer {
	case "replaced":
		return nil
	case "absent":
		return fmt.Errorf("replace %s: %w", n, store.ErrNotFound)
	default:
		return fmt.Errorf("replace %s: %w", n, store.ErrConflict)
	}
}

// Increment implements store.Tickets.
func (t *Tickets) Increment(ctx context.Context, kind store.Kind, name string, ttl time.Duration) (int64, error) {
	if err := store.CheckCounter(kind, name, ttl); err != nil {
		return 0, err
	}
	sum, err := t.scripts.increment.Run(ctx, t.client, []string{t.counterKey(kind, name)}, ttl.Milliseconds()).Int64()
	if err != nil {
		return 0, fmt.Errorf("increment counter of kind %s: %w", kind, err)
	}
	return sum, nil
}

// Delete implements store.Tickets.
func (t *Tickets) Delete(ctx context.Context, kind store.Kind, name string) error {
	if err := store.CheckName(kind, name); err != nil {
		return err
	}
	if err := t.client.Del(ctx, t.ticketKey(kind, name), t.counterKey(kind, name)).Err(); err != nil {
		return fmt.Errorf("delete ticket of kind %s: %w", kind, err)
	}
	return nil
}

// Epoch implements store.Tickets. A flush of Redis removes the mark.
func (t *Tickets) Epoch(ctx context.Context) (time.Time, error) {
	text, err := t.scripts.epoch.Run(ctx, t.client, []string{t.prefix + "epoch"}, t.now().UnixMilli()).Text()
	if err != nil {
		return time.Time{}, fmt.Errorf("read the epoch: %w", err)
	}
	ms, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return time.Time{}, errors.New("read the epoch: the mark is not a number")
	}
	return time.UnixMilli(ms).UTC(), nil
}
