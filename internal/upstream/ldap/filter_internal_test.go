package ldap

import (
	"testing"

	ldapv3 "github.com/go-ldap/ldap/v3"
)

func FuzzLoginStaysAValueOfTheFilter(f *testing.F) {
	for _, login := range []string{"lea.martin", "*", ")(uid=*", "x)(|(uid=*", `\2a`, "a\x00b", "{login}", "é\xff", " "} {
		f.Add(login)
	}
	s := Settings{PeopleFilter: DefaultPeopleFilter}
	f.Fuzz(func(t *testing.T, login string) {
		packet, err := ldapv3.CompileFilter(s.personFilter(login))
		if err != nil {
			t.Fatalf("%q breaks the filter: %v", login, err)
		}
		if packet.Tag != ldapv3.FilterAnd || len(packet.Children) != 2 {
			t.Fatalf("%q changes the filter", login)
		}
		match := packet.Children[1]
		if match.Tag != ldapv3.FilterEqualityMatch && login != "" {
			t.Fatalf("%q is no value to be equal to", login)
		}
		if len(match.Children) == 2 && match.Children[1].Data.String() != login {
			t.Fatalf("%q is looked for as %q", login, match.Children[1].Data.String())
		}
	})
}
