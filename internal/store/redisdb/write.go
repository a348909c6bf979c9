package redisdb

import (
	"context"
	"errors"
	"fmt"

	"ecluse/internal/store"
)

// Write implements store.Tickets, by one script. All its keys must be on one
// server: Open refuses a cluster, where they would not be.
func (t *Tickets) Write(ctx context.Context, ops ...store.Op) error {
	if err := store.CheckWrite(ops, t.now()); err != nil {
		return err
	}
	keys, args := make([]string, 0, 2*len(ops)), make([]any, 0, 4*len(ops))
	for _, op := range ops {
		n := op.Ticket
		keys = append(keys, t.ticketKey(n.Kind, n.Name), t.counterKey(n.Kind, n.Name))
		if op.Do == store.Take || op.Do == store.Delete {
			args = append(args, string(op.Do), "", "", 0)
			continue
		}
		life, err := t.life(n)
		if err != nil {
			return err
		}
		version := firstVersion()
		if op.Do == store.Replace {
			version = n.Version + 1
		}
		args = append(args, string(op.Do), fmt.Sprintf("%016x", uint64(n.Version)), encode(n, version), life)
	}
	answer, err := t.scripts.write.Run(ctx, t.client, keys, args...).Slice()
	if err != nil {
		return fmt.Errorf("write %d tickets: %w", len(ops), err)
	}
	return outcome(ops, answer)
}

// outcome reads what the script says: a word, and the number of the change
// that it is about.
func outcome(ops []store.Op, answer []any) error {
	if len(answer) == 2 {
		word, _ := answer[0].(string)
		at, _ := answer[1].(int64)
		if word == "written" {
			return nil
		}
		why := map[string]error{"exists": store.ErrExists, "absent": store.ErrNotFound, "other": store.ErrConflict}[word]
		if why != nil && at >= 1 && int(at) <= len(ops) {
			return fmt.Errorf("%s: %w", ops[at-1], why)
		}
	}
	return errors.New("write tickets: the script's answer is not one of ours")
}
