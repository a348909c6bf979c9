package sqldb

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"ecluse/internal/audit/audittest"
	"ecluse/internal/registry"
)

// everyKind is one object of each kind.
func everyKind() registry.Change {
	return registry.Change{
		Services:       []registry.Service{{ID: "o"}},
		Declarations:   []registry.Declaration{{ID: "o", ServiceID: "o", Version: 1, State: registry.Draft}},
		Establishments: []registry.Establishment{{UAI: "0280101H"}},
		Sources:        []registry.Source{{ID: "o"}},
		Delegations:    []registry.Delegation{{ID: "o"}},
		Enablings:      []registry.Enabling{{Service: "o", UAI: "0280101H"}},
		Openings:       []registry.Opening{{ID: "o"}},
		Wishes:         []registry.Wish{{ID: "o"}},
		Inquiries:      []registry.Inquiry{{ID: "o"}},
		Appointments:   []registry.Appointment{{ID: "o"}},
		Tokens:         []registry.Token{{ID: "o"}},
		RuleSets:       []registry.RuleSet{{Rules: registry.Rules{Version: 1}}},
		Families:       []registry.Family{{ID: "o"}},
		Headcounts:     []registry.Headcount{{UAI: "0280101H"}},
		Charters:       []registry.Charter{{UAI: "0280101H"}},
		Comments:       []registry.Comment{{ID: "o"}},
		Given:          []registry.Given{{ID: "o"}},
		Stops:          []registry.Stop{{Kind: registry.StopSource, ID: "o"}},
		Incidents:      []registry.Incident{{ID: "o"}},
		Models:         []registry.Model{{ID: "o"}},
		Assessments:    []registry.Assessed{{ID: "o"}},
	}
}

// TestWhatANewerVersionWroteOfAnObjectIsReadAndOutlivesAnActOfThisOne: two versions keep one registry while the newer is
// brought in. This one reads what it knows, and what it writes takes nothing back that it does not.
func TestWhatANewerVersionWroteOfAnObjectIsReadAndOutlivesAnActOfThisOne(t *testing.T) {
	t.Parallel()
	for name, location := range locations(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			unknownOutlives(t, openAt(t, location, Options{}))
		})
	}
}

func unknownOutlives(t *testing.T, d *DB) {
	t.Helper()
	s := &Registry{DB: d, Journal: audittest.Journal(t, d.Audit(), journalRing(t), "w", time.Now)}
	change := everyKind()
	mustApply(t, s, change)
	before, err := s.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	const later = `"later":{"a":[1,"é"]},"zz":false`
	_, err = d.engine.writer.ExecContext(t.Context(),
		`UPDATE registry_objects SET body = substr(body, 1, length(body) - 1) || CASE WHEN body = '{}' THEN '' ELSE ',' END || $1 || '}'`, later)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		after, err := s.Load(t.Context())
		after.Revision = before.Revision
		if err != nil || !reflect.DeepEqual(before, after) {
			t.Fatalf("another registry is read, %v", err)
		}
		mustApply(t, s, change)
	}
	kinds := map[string]bool{}
	rows, err := d.reader().QueryContext(t.Context(), `SELECT kind, body FROM registry_objects`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var kind, body string
		if err := rows.Scan(&kind, &body); err != nil {
			t.Fatal(err)
		}
		kinds[kind] = true
		if strings.Count(body, later) != 1 || !json.Valid([]byte(body)) {
			t.Errorf("%s lost it: %s", kind, body)
		}
	}
	if err := rows.Err(); err != nil || len(kinds) != reflect.TypeOf(change).NumField()-2 { // Base and Files are no objects
		t.Errorf("looked at %s, %v", fmt.Sprint(slices.Sorted(maps.Keys(kinds))), err)
	}
}

func TestAFieldThatThisVersionKnowsIsClearedByIt(t *testing.T) {
	t.Parallel()
	body, err := keepUnknown(registry.Service{}, []byte(`{"id":"lire","sector":"a","suspended":true,"later":1}`), []byte(`{}`))
	if err != nil || string(body) != `{"later":1}` {
		t.Errorf("%s, %v", body, err)
	}
}

// TestAKindThatThisVersionDoesNotKnowIsPassedOverOnlyWhereItForbidsNothing: otherwise this version decides nothing, rather than
// let in whom the newer one keeps out.
func TestAKindThatThisVersionDoesNotKnowIsPassedOverOnlyWhereItForbidsNothing(t *testing.T) {
	t.Parallel()
	for name, location := range locations(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := openAt(t, location, Options{})
			s := &Registry{DB: d, Journal: audittest.Journal(t, d.Audit(), journalRing(t), "w", time.Now)}
			mustApply(t, s, registry.Change{Services: []registry.Service{{ID: "lire"}}})
			for kind, read := range map[string]int{"aside-later": 1, "later": 0} {
				insert := `INSERT INTO registry_objects (kind, id, version, revision, body) VALUES ($1, 'o', 0, 1, '{"id":"o"}')`
				if _, err := d.engine.writer.ExecContext(t.Context(), insert, kind); err != nil {
					t.Fatal(err)
				}
				c, err := s.Load(t.Context())
				if len(c.Services) != read || (err == nil) != (read == 1) {
					t.Errorf("beside an object of the kind %s: %d services, %v", kind, len(c.Services), err)
				}
				if _, err := d.engine.writer.ExecContext(t.Context(), `DELETE FROM registry_objects WHERE kind = $1`, kind); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}
