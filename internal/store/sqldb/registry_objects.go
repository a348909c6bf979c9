package sqldb

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"

	"ecluse/internal/registry"
)

// The kinds of rows.
const (
	kindService       = "service"
	kindDeclaration   = "declaration"
	kindEstablishment = "establishment"
	kindSource        = "source"
	kindDelegation    = "delegation"
	kindEnabling      = "enabling"
	kindOpening       = "opening"
	kindWish          = "wish"
	kindInquiry       = "inquiry"
	kindAppointment   = "appointment"
	kindToken         = "token"
	kindRules         = "rules"
	kindFamily        = "family"
	kindHeadcount     = "headcount"
	kindCharter       = "charter"
	kindComment       = "comment"
	kindGiven         = "given"
	kindStop          = "stop"
	kindIncident      = "incident"
	kindModel         = "model"
	kindAssessed      = "assessed"
)

// aside begins a kind that a program which does not know it passes over: one that forbids nothing. Whatever else a newer
// version writes that this one has never heard of keeps it from deciding anything, rather than decide without.
const aside = "aside-"

// addObject reads one row.
func addObject(c *registry.Contents, kind string, body []byte) error {
	switch kind {
	case kindService:
		return appendObject(&c.Services, body)
	case kindDeclaration:
		return appendObject(&c.Declarations, body)
	case kindEstablishment:
		return appendObject(&c.Establishments, body)
	case kindSource:
		return appendObject(&c.Sources, body)
	case kindDelegation:
		return appendObject(&c.Delegations, body)
	case kindEnabling:
		return appendObject(&c.Enablings, body)
	case kindOpening:
		return appendObject(&c.Openings, body)
	case kindWish:
		return appendObject(&c.Wishes, body)
	case kindInquiry:
		return appendObject(&c.Inquiries, body)
	case kindAppointment:
		return appendObject(&c.Appointments, body)
	case kindToken:
		return appendObject(&c.Tokens, body)
	case kindRules:
		return appendObject(&c.RuleSets, body)
	case kindFamily:
		return appendObject(&c.Families, body)
	case kindHeadcount:
		return appendObject(&c.Headcounts, body)
	case kindCharter:
		return appendObject(&c.Charters, body)
	case kindComment:
		return appendObject(&c.Comments, body)
	case kindGiven:
		return appendObject(&c.Given, body)
	case kindStop:
		return appendObject(&c.Stops, body)
	case kindIncident:
		return appendObject(&c.Incidents, body)
	case kindModel:
		return appendObject(&c.Models, body)
	case kindAssessed:
		return appendObject(&c.Assessments, body)
	default:
		if strings.HasPrefix(kind, aside) {
			return nil
		}
		return fmt.Errorf("an object of unknown kind %q", kind)
	}
}

func appendObject[T any](list *[]T, body []byte) error {
	var object T
	if err := json.Unmarshal(body, &object); err != nil {
		return fmt.Errorf("%T: %w", object, err)
	}
	*list = append(*list, object)
	return nil
}

// key names a row.
type key struct {
	kind, id string
	version  int
}

func (k key) String() string {
	if k.version == 0 {
		return k.kind + " " + k.id
	}
	return fmt.Sprintf("%s %s version %d", k.kind, k.id, k.version)
}

// object is one row to write.
type object struct {
	key
	value any
	body  []byte
}

// written gives the rows of a change, or what is wrong with the first that cannot be one.
func written(c registry.Change) ([]object, error) {
	rows := listed(c)
	seen := make(map[key]bool, len(rows))
	for i := range rows {
		o := &rows[i]
		switch body, err := json.Marshal(o.value); {
		case err != nil:
			return nil, fmt.Errorf("%s: %w", o.key, err)
		case len(body) > registry.MaxObject:
			return nil, fmt.Errorf("%s: %w: it takes %d bytes, %d are allowed", o.key, registry.ErrUnfit, len(body), registry.MaxObject)
		default:
			o.body = body
		}
		if o.id == "" {
			return nil, fmt.Errorf("%w: a %s without a name", registry.ErrUnfit, o.kind)
		}
		if seen[o.key] {
			return nil, fmt.Errorf("%s: %w: it stands in the change twice", o.key, registry.ErrUnfit)
		}
		seen[o.key] = true
	}
	return rows, nil
}

func listed(c registry.Change) []object {
	var out []object
	out = list(out, c.Services, func(o registry.Service) key { return key{kindService, o.ID, 0} })
	out = list(out, c.Declarations, func(o registry.Declaration) key { return key{kindDeclaration, o.ID, o.Version} })
	out = list(out, c.Establishments, func(o registry.Establishment) key { return key{kindEstablishment, string(o.UAI), 0} })
	out = list(out, c.Sources, func(o registry.Source) key { return key{kindSource, o.ID, 0} })
	out = list(out, c.Delegations, func(o registry.Delegation) key { return key{kindDelegation, o.ID, 0} })
	out = list(out, c.Enablings, func(o registry.Enabling) key { return key{kindEnabling, enablingID(o), 0} })
	out = list(out, c.Openings, func(o registry.Opening) key { return key{kindOpening, o.ID, 0} })
	out = list(out, c.Wishes, func(o registry.Wish) key { return key{kindWish, o.ID, 0} })
	out = list(out, c.Inquiries, func(o registry.Inquiry) key { return key{kindInquiry, o.ID, 0} })
	out = list(out, c.Appointments, func(o registry.Appointment) key { return key{kindAppointment, o.ID, 0} })
	out = list(out, c.Tokens, func(o registry.Token) key { return key{kindToken, o.ID, 0} })
	out = list(out, c.RuleSets, func(o registry.RuleSet) key { return key{kindRules, rulesID(o), o.Rules.Version} })
	out = list(out, c.Families, func(o registry.Family) key { return key{kindFamily, o.ID, 0} })
	out = list(out, c.Headcounts, func(o registry.Headcount) key { return key{kindHeadcount, string(o.UAI), 0} })
	out = list(out, c.Charters, func(o registry.Charter) key { return key{kindCharter, o.Name(), 0} })
	out = list(out, c.Comments, func(o registry.Comment) key { return key{kindComment, o.ID, 0} })
	out = list(out, c.Given, func(o registry.Given) key { return key{kindGiven, o.ID, 0} })
	out = list(out, c.Stops, func(o registry.Stop) key { return key{kindStop, o.Name(), 0} })
	out = list(out, c.Incidents, func(o registry.Incident) key { return key{kindIncident, o.ID, 0} })
	out = list(out, c.Models, func(o registry.Model) key { return key{kindModel, o.ID, 0} })
	return list(out, c.Assessments, func(o registry.Assessed) key { return key{kindAssessed, o.ID, 0} })
}

func list[T any](out []object, values []T, name func(T) key) []object {
	for _, v := range values {
		out = append(out, object{key: name(v), value: v})
	}
	return out
}

// enablingID is empty unless both halves are there.
func enablingID(e registry.Enabling) string {
	if e.Service == "" || e.UAI == "" {
		return ""
	}
	return e.Service + "@" + string(e.UAI)
}

// rulesID is empty for version 0: the program's own rules need no signature, so nobody may write them.
func rulesID(r registry.RuleSet) string {
	if r.Rules.Version <= 0 {
		return ""
	}
	return "rules"
}

// putObjects writes the rows, many in one statement: PostgreSQL answers each of them over the network.
func putObjects(ctx context.Context, tx *sql.Tx, rows []object, revision int64) error {
	return inChunks(rows, func(chunk []object) error {
		args := make([]any, 0, 5*len(chunk))
		for _, o := range chunk {
			args = append(args, o.kind, o.id, o.version, revision, string(o.body))
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO registry_objects (kind, id, version, revision, body) VALUES `+places(len(chunk), 5)+`
ON CONFLICT (kind, id, version) DO UPDATE SET revision = excluded.revision, body = excluded.body`, args...)
		return err
	})
}

// inChunks calls do with 100 of the list at a time and the rest one by one, so that a connection has two texts to prepare.
func inChunks[T any](list []T, do func([]T) error) error {
	for len(list) > 0 {
		n := 1
		if len(list) >= 100 {
			n = 100
		}
		if err := do(list[:n]); err != nil {
			return err
		}
		list = list[n:]
	}
	return nil
}

// places is "($1,$2),($3,$4)" for two rows of two columns.
func places(rows, columns int) string {
	var b strings.Builder
	for i := range rows * columns {
		switch {
		case i == 0:
			b.WriteByte('(')
		case i%columns == 0:
			b.WriteString("),(")
		default:
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "$%d", i+1)
	}
	b.WriteByte(')')
	return b.String()
}
