package roles_test

import (
	"testing"

	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

func TestAnInquiryWantsTwoPersonsAndNoToken(t *testing.T) {
	t.Parallel()
	w := newWorld()
	for _, role := range registry.Roles() {
		w.appoint("h-"+string(role), role, registry.Over{Academies: []string{"exemple"}, Departments: []string{"028"}, UAIs: at(college).UAIs, Services: []string{"lecture"}})
	}
	w.appoint("h-school", registry.DPO, at(private))
	s, here := w.snapshot(), roles.Target{Academy: "exemple"}
	confirmed := roles.Target{Academy: "exemple", Author: "h-dpo"}
	for _, role := range registry.Roles() {
		c := roles.Caller{Handle: "h-" + string(role)}
		if role != registry.DPO {
			mayNot(t, s, c, roles.Inquire, here, "role")
		}
		switch role {
		case registry.DPO:
			may(t, s, c, roles.Inquire, here)
			mayNot(t, s, c, roles.Inquire, roles.Target{Academy: "ailleurs"}, "perimeter")
			mayNot(t, s, c, roles.ConfirmInquiry, confirmed, "own_act")
			may(t, s, c, roles.ConfirmInquiry, roles.Target{Academy: "exemple", Author: "h-another-dpo"})
		case registry.Recteur, registry.Auditor:
			may(t, s, c, roles.ConfirmInquiry, confirmed)
			mayNot(t, s, c, roles.ConfirmInquiry, roles.Target{Academy: "ailleurs", Author: "h-dpo"}, "perimeter")
		default:
			mayNot(t, s, c, roles.ConfirmInquiry, confirmed, "role")
		}
	}
	mayNot(t, s, roles.Caller{Handle: "h-school"}, roles.Inquire, here, "perimeter")
	for _, act := range []roles.Act{roles.Inquire, roles.ConfirmInquiry} {
		if roles.KnownScope(string(act)) {
			t.Errorf("a token may be made for %s", act)
		}
		mayNot(t, s, roles.Caller{Handle: "h-dpo", Scopes: append(roles.Scopes(), string(act))}, act, here, "token")
	}
}
