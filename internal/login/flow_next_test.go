package login

import (
	"testing"
	"time"

	"ecluse/internal/idp"
	"ecluse/internal/person"
	"ecluse/internal/policy"
)

// TestNextNamesTheStep looks at every state that a transaction can be in.
func TestNextNamesTheStep(t *testing.T) {
	t.Parallel()
	created := time.Date(2026, 10, 5, 9, 0, 0, 0, time.UTC)
	now := created.Add(2 * time.Minute)
	f := &Flow{Now: func() time.Time { return now }}
	place := &policy.Place{UAI: "0010001W", Profile: person.Teacher}
	minute, hour := time.Minute, time.Hour
	signedIn := func(source string, ago time.Duration) *session {
		return &session{Person: person.Person{Authn: person.Authn{Source: source, At: now.Add(-ago)}}}
	}
	early, late := signedIn("ent", 30*time.Minute), signedIn("ent", time.Minute)
	for name, c := range map[string]struct {
		t       transaction
		session *session
		want    step
	}{
		"nothing yet":                             {transaction{}, nil, stepSource},
		"a source is chosen":                      {transaction{Source: "ent"}, nil, stepBegin},
		"the last source failed":                  {transaction{Trouble: "unavailable", Failed: "ent"}, nil, stepSource},
		"passive and nobody there":                {transaction{Request: idp.Request{Passive: true}}, nil, stepPassive},
		"passive and a source is chosen":          {transaction{Request: idp.Request{Passive: true}, Source: "ent"}, nil, stepPassive},
		"somebody there":                          {transaction{}, early, stepPlace},
		"somebody there and a source chosen":      {transaction{Source: "guichet"}, early, stepPlace},
		"a place is chosen":                       {transaction{Place: place}, early, stepDecide},
		"a place is chosen and nobody there":      {transaction{Place: place}, nil, stepSource},
		"passive and somebody there":              {transaction{Request: idp.Request{Passive: true}}, early, stepPlace},
		"passive, a place, somebody there":        {transaction{Request: idp.Request{Passive: true}, Place: place}, early, stepDecide},
		"fresh and signed in before":              {transaction{Request: idp.Request{Fresh: true}, Place: place}, early, stepSource},
		"fresh and signed in since":               {transaction{Request: idp.Request{Fresh: true}}, late, stepPlace},
		"fresh and passive, signed in before":     {transaction{Request: idp.Request{Fresh: true, Passive: true}}, early, stepPassive},
		"fresh, before, a source chosen":          {transaction{Request: idp.Request{Fresh: true}, Source: "ent"}, early, stepBegin},
		"young enough":                            {transaction{Request: idp.Request{MaxAge: &hour}}, early, stepPlace},
		"too old":                                 {transaction{Request: idp.Request{MaxAge: &minute}}, early, stepSource},
		"older than allowed, but of this request": {transaction{Request: idp.Request{MaxAge: new(time.Duration)}}, late, stepPlace},
		"too old and passive":                     {transaction{Request: idp.Request{MaxAge: &minute, Passive: true}}, early, stepPassive},
		"of the source that a tile names":         {transaction{Entry: entry{Source: "ent"}}, early, stepPlace},
		"of another source than a tile names":     {transaction{Entry: entry{Source: "guichet"}, Place: place}, early, stepSource},
		"of another source than a request names":  {transaction{Request: idp.Request{Hints: idp.Hints{Source: "guichet"}}}, early, stepSource},
		"a tile goes before the request":          {transaction{Entry: entry{Source: "ent"}, Request: idp.Request{Hints: idp.Hints{Source: "x"}}}, early, stepPlace},
		"failed":                                  {transaction{Failure: &failure{}, Place: place}, early, stepRefuse},
		"failed and passive":                      {transaction{Failure: &failure{}, Request: idp.Request{Passive: true}}, nil, stepRefuse},
		"failed and a source is chosen":           {transaction{Failure: &failure{}, Source: "ent"}, nil, stepRefuse},
	} {
		c.t.Created = created
		if got := f.next(&c.t, view{session: c.session}); got != c.want {
			t.Errorf("%s: step %d, want %d", name, got, c.want)
		}
	}
}

// TestNextRecognisesBeforeAnythingElseOnASharedDevice looks at the same states where the device is shared.
func TestNextRecognisesBeforeAnythingElseOnASharedDevice(t *testing.T) {
	t.Parallel()
	created := time.Date(2026, 10, 5, 9, 0, 0, 0, time.UTC)
	now := created.Add(2 * time.Minute)
	f := &Flow{Now: func() time.Time { return now }}
	place := &policy.Place{UAI: "0010001W", Profile: person.Teacher}
	early := &session{ID: "s-1", Person: person.Person{Authn: person.Authn{Source: "ent", At: created.Add(-time.Minute)}}}
	for name, c := range map[string]struct {
		t       transaction
		session *session
		want    step
	}{
		"nobody there":                      {transaction{}, nil, stepSource},
		"somebody there":                    {transaction{}, early, stepRecognise},
		"somebody there, a place chosen":    {transaction{Place: place}, early, stepRecognise},
		"for a page of ours":                {transaction{Page: "/historique"}, early, stepRecognise},
		"recognised":                        {transaction{Recognised: "s-1"}, early, stepPlace},
		"recognised, a place chosen":        {transaction{Recognised: "s-1", Place: place}, early, stepDecide},
		"another was recognised":            {transaction{Recognised: "s-2", Place: place}, early, stepRecognise},
		"passive":                           {transaction{Request: idp.Request{Passive: true}, Place: place}, early, stepRecognise},
		"failed":                            {transaction{Failure: &failure{}}, early, stepRefuse},
		"somebody said it was not them":     {transaction{Renewed: created, Recognised: "s-1"}, early, stepSource},
		"it was not them, the source known": {transaction{Renewed: created, Source: "ent"}, early, stepBegin},
		"proved since":                      {transaction{Renewed: created.Add(-time.Hour), Recognised: "s-1"}, early, stepPlace},
	} {
		c.t.Created = created
		if got := f.next(&c.t, view{session: c.session, shared: true}); got != c.want {
			t.Errorf("%s: step %d, want %d", name, got, c.want)
		}
	}
}
