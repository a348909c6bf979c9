package roles_test

import (
	"slices"
	"testing"

	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// everywhere is an approved declaration in academy exemple, at one of the three levels.
func everywhere() map[registry.Level]*registry.Declaration {
	all := map[registry.Level]*registry.Declaration{
		registry.ByAcademy:       declared(registry.ByAcademy, "exemple"),
		registry.ByDepartment:    declared(registry.ByDepartment, "028"),
		registry.ByEstablishment: declared(registry.ByEstablishment, string(college)),
	}
	for _, d := range all {
		d.State = registry.Approved
	}
	return all
}

func TestPapersAreForThoseWhomADeclarationBindsAndThoseWhoLookAfterIt(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.appoint("h-provider", registry.Provider, registry.Over{Services: []string{"lecture"}})
	w.appoint("h-dasen", registry.DASEN, registry.Over{Departments: []string{"028"}})
	w.appoint("h-assistant", registry.Assistant, at(college))
	w.appoint("h-ct", registry.Collectivite, at(college))
	w.appoint("h-owndpo", registry.DPO, at(private))
	for _, role := range []registry.Role{registry.Recteur, registry.DRANE, registry.DPO, registry.Auditor} {
		w.appoint("h-"+string(role), role, inAcademy("exemple"))
	}
	s, all := w.snapshot(), everywhere()
	read := func(c roles.Caller, levels ...registry.Level) {
		t.Helper()
		for level, d := range all {
			if slices.Contains(levels, level) {
				may(t, s, c, roles.ReadPapers, about(d))
			} else {
				mayNot(t, s, c, roles.ReadPapers, about(d), "perimeter")
			}
		}
	}
	read(roles.Caller{Handle: "h-provider"}, registry.ByAcademy, registry.ByDepartment, registry.ByEstablishment)
	for _, handle := range []string{"h-dasen", "h-recteur", "h-drane", "h-dpo", "h-auditor"} {
		read(roles.Caller{Handle: handle}, registry.ByAcademy, registry.ByDepartment, registry.ByEstablishment)
	}
	for _, c := range []roles.Caller{
		by(registry.HeadOfSchool, college), by(registry.Deputy, college), {Handle: "h-assistant"}, {Handle: "h-ct"},
	} {
		read(c, registry.ByAcademy, registry.ByEstablishment)
	}
	read(roles.Caller{Handle: "h-owndpo"}, registry.ByAcademy)
	read(by(registry.HeadOfSchool, college2), registry.ByAcademy)
	read(by(registry.HeadOfSchool, far))
}

func TestNobodyElseReadsThePapersOfWhatEverybodyMayRead(t *testing.T) {
	t.Parallel()
	w := newWorld()
	for _, role := range []registry.Role{registry.Support, registry.OnCall, registry.Admin} {
		w.appoint("h-"+string(role), role, inAcademy("exemple"))
	}
	w.appoint("h-ien", registry.IEN, registry.Over{Circonscriptions: []string{string(inspects)}})
	w.appoint("h-far", registry.DPO, inAcademy("ailleurs"))
	w.appoint("h-otherprovider", registry.Provider, registry.Over{Services: []string{"calcul"}})
	s := w.snapshot()
	for _, d := range everywhere() {
		for _, c := range []roles.Caller{
			by(registry.Staff, college), by(registry.Directeur, ecole),
			{Handle: "h-ien"},
			{Handle: "h-support"},
			{Handle: "h-oncall"},
			{Handle: "h-admin"},
		} {
			may(t, s, c, roles.Read, about(d))
			mayNot(t, s, c, roles.ReadPapers, about(d), "role")
		}
		mayNot(t, s, roles.Caller{Handle: "h-far"}, roles.ReadPapers, about(d), "perimeter")
		mayNot(t, s, roles.Caller{Handle: "h-otherprovider"}, roles.ReadPapers, about(d), "perimeter")
	}
}

func TestThePapersOfADraftAreForThoseWhoMayReadIt(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.appoint("h-auditor", registry.Auditor, inAcademy("exemple"))
	w.appoint("h-dasen", registry.DASEN, registry.Over{Departments: []string{"028"}})
	s := w.snapshot()
	ofSchool := func(uai person.UAI) *registry.Declaration { return declared(registry.ByEstablishment, string(uai)) }
	may(t, s, by(registry.Directeur, ecole), roles.ReadPapers, about(ofSchool(ecole)))
	may(t, s, roles.Caller{Handle: "h-auditor"}, roles.ReadPapers, about(ofSchool(college)))
	may(t, s, by(registry.HeadOfSchool, college), roles.ReadPapers, about(ofSchool(college)))
	mayNotRead(t, s, by(registry.HeadOfSchool, college2), ofSchool(college), "perimeter")
	mayNotRead(t, s, roles.Caller{Handle: "h-dasen"}, ofSchool(college), "perimeter")
	mayNotRead(t, s, by(registry.HeadOfSchool, college), declared(registry.ByAcademy, "exemple"), "perimeter")
	mayNotRead(t, s, by(registry.Staff, college), ofSchool(college), "role")
}

func mayNotRead(t *testing.T, s *registry.Snapshot, c roles.Caller, d *registry.Declaration, why string) {
	t.Helper()
	mayNot(t, s, c, roles.ReadPapers, about(d), why)
}
