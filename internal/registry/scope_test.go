package registry_test

import (
	"testing"

	"ecluse/internal/person"
	"ecluse/internal/registry"
)

func TestScopeCoversWhatItsLevelMayDecideAndNothingElse(t *testing.T) {
	t.Parallel()
	public := establishment()
	private := establishment()
	private.Private = true
	secondary := establishment()
	secondary.Kind, secondary.UAI = registry.College, college
	elsewhere := establishment()
	elsewhere.Academy, elsewhere.Department = "Autre", "035"
	academy := registry.Scope{Level: registry.ByAcademy, Academies: []string{"Exemple"}}
	department := registry.Scope{Level: registry.ByDepartment, Departments: []string{"028"}}
	local := registry.Scope{Level: registry.ByEstablishment, UAIs: []person.UAI{ecole}}
	everything := registry.Scope{Academies: []string{"Exemple"}, Departments: []string{"028"}, UAIs: []person.UAI{ecole}}
	unheard := everything
	unheard.Level = "region"
	for _, c := range []struct {
		name  string
		scope registry.Scope
		at    registry.Establishment
		want  bool
	}{
		{"an academy, its public école", academy, public, true},
		{"an academy, its private école", academy, private, true},
		{"an academy, its collège", academy, secondary, true},
		{"an academy, a school of another", academy, elsewhere, false},
		{"a department, its public école", department, public, true},
		{"a department, its private école", department, private, false},
		{"a department, its collège", department, secondary, false},
		{"a department, an école of another", department, elsewhere, false},
		{"an establishment, itself", local, public, true},
		{"an establishment, another", local, secondary, false},
		{"no level, whatever is listed", everything, public, false},
		{"an unknown level, whatever is listed", unheard, public, false},
		{"an empty scope", registry.Scope{}, registry.Establishment{}, false},
		{"an academy without a name, a school without one", registry.Scope{Level: registry.ByAcademy}, registry.Establishment{}, false},
	} {
		if got := c.scope.Covers(c.at); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestOnlyAnAcademysOrADepartmentsControllerDecidesForItsSchools(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		scope registry.Scope
		want  bool
	}{
		{"an academy that covers all", registry.Scope{Level: registry.ByAcademy, All: true}, true},
		{"an academy", registry.Scope{Level: registry.ByAcademy}, false},
		{"a department", registry.Scope{Level: registry.ByDepartment}, true},
		{"an establishment", registry.Scope{Level: registry.ByEstablishment}, false},
		{"an establishment that says all", registry.Scope{Level: registry.ByEstablishment, All: true}, false},
		{"no level", registry.Scope{All: true}, false},
	} {
		if got := c.scope.Alone(); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}
