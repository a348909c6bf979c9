package register_test

import (
	"fmt"
	"maps"
	"testing"
	"time"

	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/registry/register"
	"ecluse/internal/registry/registrytest"
)

func TestAnAcademyCountsEachServiceWhereItsSchoolsShowIt(t *testing.T) {
	t.Parallel()
	s := world(t, func(c *registry.Contents) {
		kinds := []registry.Kind{registry.Ecole, registry.College, registry.Lycee}
		states := []registry.EnablingState{registry.Enabled, registry.RefusedHere, registry.SuspendedHere, registry.Withdrawn}
		for i := range 60 {
			uai := person.UAI(fmt.Sprintf("028%04dA", i+1000))
			c.Establishments = append(c.Establishments, registry.Establishment{
				UAI: uai, Name: "Essai", Kind: kinds[i%3], Private: i%5 == 0, Closed: i%11 == 0, Test: i%13 == 0, Academy: "exemple", Department: []string{"028", "041"}[i%2],
			})
			if i%7 == 0 {
				c.Stops = append(c.Stops, registry.Stop{Kind: registry.StopEstablishment, ID: string(uai), Suspended: true})
			}
			for n, service := range []string{"partout", "offert", "ecoles"} {
				if (i+n)%4 == 0 {
					registrytest.Say(c, registry.Enabling{Service: service, UAI: uai, State: states[(i/4)%4], Declaration: service + "-1", Version: 1, Since: noon().Add(-time.Hour)})
				}
			}
		}
		registrytest.Cover(c)
	})
	key := func(l register.PublicLine) string { return fmt.Sprint(l.Service, " ", l.Stopped) }
	want, got := map[string]int{}, map[string]int{}
	for _, e := range s.Establishments() {
		told, ok := register.OfSchool(s, words(t), noon(), e.UAI)
		if !ok || e.Academy != "exemple" || e.ClosedAt(noon(), s.Zone()) {
			continue
		}
		for _, l := range append(told.Lines, told.House...) {
			want[key(l)]++
		}
	}
	all, _ := register.OfAcademy(s, words(t), noon(), "exemple")
	for _, l := range append(all.Lines, all.House...) {
		got[key(l)] += l.Schools
	}
	if len(want) < 4 || !maps.Equal(got, want) {
		t.Errorf("the academy counts %v, its schools show %v", got, want)
	}
}
