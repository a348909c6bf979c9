package registry

import (
	"fmt"

	"ecluse/internal/person"
)

// Check says what is wrong with the opening itself; whether it may renew another is Holds' to say, and who may make it is
// package roles'.
func (o Opening) Check() []Finding {
	var c checker
	c.id("service", o.Service)
	c.id("declaration", o.Declaration)
	c.say(o.Version < 1, "version", "the examined version is missing", "versions are counted from 1")
	c.say(o.Academy == "", "academy", "the academy is missing", "")
	c.say(o.Act == "", "act", "the reference of the act is missing", "")
	c.say(o.Reason == "", "reason", "why it is opened is missing", "")
	c.span("", o.From, o.Until)
	last := o.From.Add(CrisisDays - 1)
	c.say(!o.From.IsZero() && o.long(), "until", fmt.Sprintf("an opening lasts %d days at most", CrisisDays), last.String())
	c.say(o.Renews != "" && o.Renews == o.ID, "renews", "an opening does not renew itself", "")
	c.say(o.Renews != "" && (o.Opinion == nil || !o.Opinion.Value.known()), "opinion", "a renewal needs the data-protection officer's opinion", "")
	return c
}

// Check says what is wrong with the wish. tenants are the UAIs of registered test tenants.
func (w Wish) Check(tenants ...person.UAI) []Finding {
	var c checker
	c.uai("uai", w.UAI, tenants...)
	c.id("about", w.About)
	c.say(w.Reason == "", "reason", "what it is wanted for is missing", "")
	c.say(len(w.By) == 0, "by", "nobody wishes it", "")
	c.oneOf("state", string(w.State), string(Wished), string(Granted), string(Declined))
	c.say(w.State == Declined && w.Answer == "", "answer", "why it is declined is missing", "")
	return c
}

// Check says what is wrong with the appointment: a role that is known, over something named, for a reason and until a
// day. Which roles may be given by hand, and by whom, is package roles' to say.
func (a Appointment) Check(tenants ...person.UAI) []Finding {
	var c checker
	names := make([]string, 0, len(Roles()))
	for _, r := range Roles() {
		names = append(names, string(r))
	}
	c.oneOf("role", string(a.Role), names...)
	o := a.Over
	named := len(o.Academies) + len(o.Departments) + len(o.Circonscriptions) + len(o.UAIs) + len(o.Services) + len(o.Sources)
	c.say(named == 0, "over", "over what is missing: nothing named is nothing held", "")
	for i, uai := range o.UAIs {
		c.uai(fmt.Sprintf("over.uais[%d]", i), uai, tenants...)
	}
	c.say(a.Reason == "", "reason", "why it is given by hand is missing", "")
	c.say(a.Role == Deputy && a.Act == "", "act", "a deputy acts under an act of delegation", "its reference")
	c.span("", a.From, a.Until)
	c.oneOf("state", string(a.State), string(Proposed), string(ConfirmedApp), string(Revoked))
	return c
}

// Check says what is wrong with the set: its rules, and the day from which they would hold.
func (s RuleSet) Check() []Finding {
	c := checker(s.Rules.Check())
	for i := range c {
		c[i].Where = "rules." + c[i].Where
	}
	c.say(s.Rules.Version < 1, "rules.version", "version 0 comes with the program: a change is a later one", "")
	c.say(s.Rules.Note == "", "rules.note", "what changed and why is missing", "")
	c.say(s.From.IsZero(), "from", "the day from which they hold is missing", "yyyy-mm-dd")
	c.say(s.Author == "", "author", "who proposes them is missing", "")
	return c
}
