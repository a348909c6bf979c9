package sqldb

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"ecluse/internal/registry"
)

// keepHistory compares each row to write with the one it would replace, and keeps of that one what this program does not know.
func keepHistory(ctx context.Context, tx *sql.Tx, rows []object) error {
	next, ids := map[key]*object{}, map[string][]string{}
	for i := range rows {
		o := &rows[i]
		next[o.key], ids[o.kind] = o, append(ids[o.kind], o.id)
	}
	for _, kind := range slices.Sorted(maps.Keys(ids)) {
		err := eachStored(ctx, tx, kind, ids[kind], func(k key, body []byte) (err error) {
			o, ok := next[k]
			if !ok {
				return nil // another version
			}
			if err = keeps(o.value, body); err == nil {
				o.body, err = keepUnknown(o.value, body, o.body)
			}
			if err != nil {
				return fmt.Errorf("%s: %w", k, err)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// eachStored reads every version of the objects of one kind.
func eachStored(ctx context.Context, tx *sql.Tx, kind string, ids []string, do func(key, []byte) error) error {
	return inChunks(ids, func(chunk []string) error {
		args := make([]any, 0, 2*len(chunk))
		for _, id := range chunk {
			args = append(args, kind, id)
		}
		// CROSS JOIN has SQLite look each name up; it would read the whole table for IN (VALUES ...).
		rows, err := tx.QueryContext(ctx, `WITH wanted (kind, id) AS (VALUES `+places(len(chunk), 2)+`)
SELECT o.id, o.version, o.body FROM wanted CROSS JOIN registry_objects AS o WHERE o.kind = wanted.kind AND o.id = wanted.id`, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			k, body := key{kind: kind}, sql.RawBytes(nil)
			if err := rows.Scan(&k.id, &k.version, &body); err != nil {
				return err
			}
			if err := do(k, body); err != nil {
				return err
			}
		}
		return rows.Err()
	})
}

// keeps refuses a next state of an object that takes back what was decided about it.
func keeps(next any, stored []byte) error {
	switch next := next.(type) {
	case registry.Service:
		return compared(next, stored, func(last, next registry.Service) error {
			return extends(last.Decisions, next.Decisions)
		})
	case registry.Source:
		return compared(next, stored, keepsSource)
	case registry.Declaration:
		return compared(next, stored, keepsDeclaration)
	case registry.Enabling:
		return compared(next, stored, func(last, next registry.Enabling) error {
			return extends(last.Decisions, next.Decisions)
		})
	case registry.Opening:
		return compared(next, stored, func(last, next registry.Opening) error {
			return extends(last.Decisions, next.Decisions)
		})
	case registry.Appointment:
		return compared(next, stored, func(last, next registry.Appointment) error {
			return extends(last.Decisions, next.Decisions)
		})
	case registry.Inquiry:
		return compared(next, stored, keepsInquiry)
	case registry.Family:
		return compared(next, stored, keepsFamily)
	case registry.RuleSet:
		return compared(next, stored, keepsRules)
	case registry.Comment:
		return compared(next, stored, keepsAll[registry.Comment])
	case registry.Given:
		return compared(next, stored, keepsAll[registry.Given])
	case registry.Stop:
		return compared(next, stored, func(last, next registry.Stop) error {
			return extends(last.Decisions, next.Decisions)
		})
	case registry.Incident:
		return compared(next, stored, keepsIncident)
	}
	return nil
}

func compared[T any](next T, stored []byte, check func(last, next T) error) error {
	var last T
	if err := json.Unmarshal(stored, &last); err != nil {
		return err
	}
	return check(last, next)
}

// keepsDeclaration lets the state change and what was decided grow; the text of a version that was ever approved stays,
// and so does under which rules it was judged.
func keepsDeclaration(last, next registry.Declaration) error {
	if last.WasApproved() && !last.SameText(next) {
		return registry.ErrApproved
	}
	if last.WasApproved() && last.Judged != nil && !same(last.Judged, next.Judged) {
		return registry.ErrApproved
	}
	if err := extends(last.Decisions, next.Decisions); err != nil {
		return err
	}
	if err := extends(last.Opinions, next.Opinions); err != nil {
		return err
	}
	return extends(last.Terms, next.Terms)
}

// keepsInquiry lets what is sealed be erased, and never be replaced: the second person confirmed this question and no other.
func keepsInquiry(last, next registry.Inquiry) error {
	is, was := next, last
	if is.Person == "" {
		was.Person = ""
	}
	if is.Match == "" {
		was.Match = ""
	}
	if is.Person != was.Person || is.Match != was.Match || is.Candidates != was.Candidates || is.Source != was.Source || is.Academy != was.Academy {
		return registry.ErrHistory
	}
	return extends(last.Decisions, next.Decisions)
}

// keepsSource lets a source's declaration change with what was decided about it; one that was decided on does not go away.
func keepsSource(last, next registry.Source) error {
	if err := extends(last.Decisions, next.Decisions); err != nil {
		return err
	}
	var was, is registry.SourceDeclaration
	if last.Declaration != nil {
		was = *last.Declaration
	}
	if next.Declaration != nil {
		is = *next.Declaration
	}
	return extends(was.Decisions, is.Decisions)
}

// keepsFamily lets a generation be followed by the next and by nothing else: an earlier one would bring back the numbers
// that got out.
func keepsFamily(last, next registry.Family) error {
	if next.Generation < last.Generation || next.Generation > last.Generation+1 {
		return registry.ErrHistory
	}
	if next.Generation == last.Generation && !last.Taken.IsZero() && !next.Taken.Equal(last.Taken) {
		return registry.ErrHistory // the list is taken once
	}
	return extends(last.Decisions, next.Decisions)
}

// keepsRules holds signed rules to what the signatories saw.
func keepsRules(last, next registry.RuleSet) error {
	signed := len(last.Signatures) > 0
	if signed && (!same(last.Rules, next.Rules) || last.From != next.From || last.Author != next.Author) {
		return registry.ErrApproved
	}
	if last.Dropped && !next.Dropped {
		return registry.ErrHistory
	}
	return extends(last.Signatures, next.Signatures)
}

// keepsAll keeps what somebody said as they said it.
func keepsAll[T any](last, next T) error {
	if !same(last, next) {
		return registry.ErrHistory
	}
	return nil
}

// keepsIncident lets a record be revised while it is open, and what was done about it only grow: the authority may ask for it
// years later (RGPD art. 33(5)).
func keepsIncident(last, next registry.Incident) error {
	if last.State == registry.IncidentClosed && !same(last, next) || !last.Opened.Equal(next.Opened) {
		return registry.ErrHistory
	}
	return extends(last.Steps, next.Steps)
}

// extends wants every act of last at the beginning of next, word for word.
func extends[T any](last, next []T) error {
	if len(next) < len(last) || len(last) > 0 && !same(last, next[:len(last)]) {
		return registry.ErrHistory
	}
	return nil
}

// same compares what would be stored.
func same(a, b any) bool {
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && bytes.Equal(x, y)
}
