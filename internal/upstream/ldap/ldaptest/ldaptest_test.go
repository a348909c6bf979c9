package ldaptest_test

import (
	"testing"

	ldapv3 "github.com/go-ldap/ldap/v3"

	"ecluse/internal/upstream/ldap/ldaptest"
)

func TestDirectoryKnowsItsPeopleAndComesBackAfterAStop(t *testing.T) {
	t.Parallel()
	s := ldaptest.Start(t)
	for range 2 {
		conn, err := ldapv3.DialURL(s.PlainURL())
		if err != nil {
			t.Fatal(err)
		}
		if err := conn.Bind("uid=eleve1,"+ldaptest.Base, ldaptest.Password); err != nil {
			t.Errorf("bind: %v", err)
		}
		_ = conn.Close()
		s.Stop()
		if _, err := ldapv3.DialURL(s.PlainURL()); err == nil {
			t.Error("a stopped directory answers")
		}
		s.Restart(t)
	}
}
