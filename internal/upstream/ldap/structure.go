package ldap

import (
	"context"
	"strings"
	"sync"
	"time"

	ldapv3 "github.com/go-ldap/ldap/v3"

	"ecluse/internal/person"
)

// How long the name of a structure is remembered, and one that leads nowhere; and bounds on what one person may make
// us ask and on what is remembered.
const (
	structureKept   = 10 * time.Minute
	structureMissed = time.Minute
	structuresAsked = 64
	structuresKept  = 10_000
)

// structures turns the names that a directory uses for structures into UAIs: the name of an entry, or its
// ENTStructureJointure.
type structures struct {
	directory *directory
	base      *ldapv3.DN
	now       func() time.Time

	mu    sync.Mutex
	known map[string]structure
}

type structure struct {
	uai   person.UAI // empty when the name leads nowhere
	until time.Time
}

func newStructures(d *directory, now func() time.Time) (*structures, error) {
	base, err := ldapv3.ParseDN(d.settings.StructuresBaseDN)
	if err != nil {
		return nil, err
	}
	return &structures{directory: d, base: base, now: now, known: map[string]structure{}}, nil
}

// resolution is what one person's values may ask.
type resolution struct {
	*structures
	left int
}

func (s *structures) begin() *resolution { return &resolution{s, structuresAsked} }

// values replaces the structure in each value: the whole of it, or what stands before a $. Values of which the
// structure is not known are dropped, because nobody can say where they hold.
func (r *resolution) values(ctx context.Context, in []string, whole bool) ([]string, error) {
	var out []string
	for _, v := range in {
		if !whole && !strings.Contains(v, "$") {
			out = append(out, v) // a bare value: what it holds for is for the mapping to say
			continue
		}
		resolved, err := r.value(ctx, v, whole)
		if err != nil {
			return nil, err
		}
		if resolved != "" {
			out = append(out, resolved)
		}
	}
	return out, nil
}

// value resolves one value. A key may hold a $ itself (AC-RENNES$1234), and so may the name of an entry; when what
// stands before the first $ is no structure, what stands before the second may be.
func (r *resolution) value(ctx context.Context, v string, whole bool) (string, error) {
	if whole {
		uai, err := r.uai(ctx, v)
		return string(uai), err
	}
	end := 0
	for range 2 {
		next := strings.IndexByte(v[end:], '$')
		if next < 0 {
			break
		}
		end += next
		uai, err := r.uai(ctx, v[:end])
		if err != nil {
			return "", err
		}
		if uai != "" {
			return string(uai) + v[end:], nil
		}
		end++
	}
	return "", nil
}

// uai gives the UAI that a name stands for, or nothing. A directory that is away is an error: what it would have said
// is not known, and a person without establishments would be told a wrong reason.
func (r *resolution) uai(ctx context.Context, name string) (person.UAI, error) {
	name = strings.TrimSpace(name)
	if uai, err := person.ParseUAI(name); err == nil || name == "" {
		return uai, nil
	}
	key := strings.ToLower(name)
	if s, ok := r.remembered(key); ok {
		return s.uai, nil
	}
	if r.left--; r.left < 0 {
		return "", nil
	}
	uai, err := r.ask(ctx, name)
	if err != nil {
		return "", err
	}
	r.remember(key, uai)
	return uai, nil
}

func (s *structures) remembered(key string) (structure, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	at, ok := s.known[key]
	return at, ok && s.now().Before(at.until)
}

func (s *structures) remember(key string, uai person.UAI) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.known) >= structuresKept {
		clear(s.known)
	}
	kept := structureKept
	if uai == "" {
		kept = structureMissed
	}
	s.known[key] = structure{uai: uai, until: s.now().Add(kept)}
}

func (s *structures) ask(ctx context.Context, name string) (person.UAI, error) {
	const attribute, doing = "ENTStructureUAI", "find a structure"
	var entry *ldapv3.Entry
	var err error
	if dn, bad := ldapv3.ParseDN(name); bad == nil && len(dn.RDNs) > 0 {
		if !s.base.AncestorOfFold(dn) && !s.base.EqualFold(dn) {
			return "", nil
		}
		entry, err = s.directory.read(ctx, doing, name, []string{attribute})
	} else {
		entry, err = s.byKey(ctx, doing, name, attribute)
	}
	if err != nil || entry == nil {
		return "", err
	}
	said := entry.GetEqualFoldAttributeValues(attribute)
	if len(said) != 1 {
		return "", nil
	}
	uai, bad := person.ParseUAI(said[0])
	if bad != nil {
		return "", nil
	}
	return uai, nil
}

func (s *structures) byKey(ctx context.Context, doing, key, attribute string) (*ldapv3.Entry, error) {
	entries, tooMany, err := s.directory.search(ctx, doing, query{
		base: s.directory.settings.StructuresBaseDN, scope: ldapv3.ScopeWholeSubtree,
		filter:     "(ENTStructureJointure=" + ldapv3.EscapeFilter(key) + ")",
		attributes: []string{attribute}, most: 1,
	})
	if err != nil || tooMany || len(entries) != 1 {
		return nil, err
	}
	return entries[0], nil
}
