package desk_test

import (
	"errors"
	"testing"

	"ecluse/internal/desk"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

func headcount(uai person.UAI) registry.Headcount {
	return registry.Headcount{UAI: uai, On: day("2026-09-15"), Classes: map[string]int{"6E 1": 25, "6E 2": 3}}
}

func TestHeadcountsAreTheAdministratorsInTheirAcademy(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	list := []registry.Headcount{headcount(right(veil))}
	for _, c := range []roles.Caller{in("recteur"), in("dpo"), in("drane"), headOfVeil(), teacher()} {
		_, err := p.ImportHeadcounts(t.Context(), c, list, "effectifs.csv")
		wantDenied(t, err, "role")
		_, err = p.ImportHeadcounts(t.Context(), c, nil, "effectifs.csv")
		wantDenied(t, err, "role")
	}
	foreign := newSchool(right("0281212A"))
	foreign.Academy = "ailleurs"
	p.given(registry.Change{Establishments: []registry.Establishment{foreign}})
	_, err := p.ImportHeadcounts(t.Context(), in("admin"), append(list, headcount(foreign.UAI)), "effectifs.csv")
	wantDenied(t, err, "perimeter")
	if _, there := p.snapshot().Headcount(right(veil)); there {
		t.Error("half a list was written")
	}
}

func TestHeadcountsAreWrittenOnceAndReadByWhoKeepsTheRegister(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	list := []registry.Headcount{headcount(right(veil))}
	if r := ok[desk.Report](t)(p.ImportHeadcounts(t.Context(), in("admin"), list, "effectifs.csv")); r.Done != 1 {
		t.Errorf("%+v", r)
	}
	if r := ok[desk.Report](t)(p.ImportHeadcounts(t.Context(), in("admin"), list, "effectifs.csv")); r.Done != 0 || r.Unchanged != 1 {
		t.Errorf("%+v", r)
	}
	if kept := p.kept("headcount_import"); len(kept) != 1 || kept[0].Detail["list"] != "effectifs.csv" || kept[0].UAI != string(right(veil)) {
		t.Errorf("%+v", kept)
	}
	for _, c := range []roles.Caller{in("admin"), in("dpo"), headOfVeil()} {
		if h := ok[registry.Headcount](t)(p.Headcount(t.Context(), c, right(veil))); h.Classes["6E 2"] != 3 {
			t.Errorf("%+v", h)
		}
	}
	_, err := p.Headcount(t.Context(), teacher(), right(veil))
	if denied := (*roles.Denied)(nil); !errors.As(err, &denied) {
		t.Errorf("a teacher reads how many pupils are in each class: %v", err)
	}
	_, err = p.Headcount(t.Context(), in("admin"), right(private))
	if none := (*desk.NotFound)(nil); !errors.As(err, &none) {
		t.Errorf("nobody counted there: %v", err)
	}
}

func TestAHeadcountThatAFileManagesStaysAsItIs(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	managed := headcount(right(veil))
	managed.ManagedBy, managed.Classes = "a.yaml", map[string]int{"6E 1": 1}
	p.given(registry.Change{Headcounts: []registry.Headcount{managed}})
	if r := ok[desk.Report](t)(p.ImportHeadcounts(t.Context(), in("admin"), []registry.Headcount{headcount(right(veil))}, "effectifs.csv")); r.Done != 0 || r.Unchanged != 1 {
		t.Errorf("%+v", r)
	}
}

func TestEveryMistakeOfHeadcountsIsToldAtOnce(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	old, negative, unknown, gone := headcount(right(veil)), headcount(right(veil)), headcount(right("0281212A")), headcount(right(gone))
	old.On, negative.Classes = day("2025-09-15"), map[string]int{"6E": -1}
	_, err := p.ImportHeadcounts(t.Context(), in("admin"), []registry.Headcount{old, negative, unknown, gone}, "effectifs.csv")
	wantInvalid(t, err, "headcounts[0].on", "headcounts[1].classes[0]", "headcounts[1].uai", "headcounts[2].uai", "headcounts[3].uai")
	for source, list := range map[string][]registry.Headcount{"": {headcount(right(veil))}, "effectifs.csv": nil} {
		_, err := p.ImportHeadcounts(t.Context(), in("admin"), list, source)
		if invalid := (*desk.Invalid)(nil); !errors.As(err, &invalid) {
			t.Errorf("%q, %d: %v", source, len(list), err)
		}
	}
	_, err = p.ImportHeadcounts(t.Context(), in("admin"), []registry.Headcount{unknown}, "effectifs.csv")
	wantInvalid(t, err, "headcounts[0].uai")
}
