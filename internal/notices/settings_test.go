package notices

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func today() time.Time { return time.Date(2026, time.September, 7, 8, 42, 0, 0, time.UTC) }

func wheres(found []Mistake) []string {
	var out []string
	for _, m := range found {
		out = append(out, m.Where)
	}
	return out
}

func TestALevelOfAccessibilityStandsOnAnAuditOrIsRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		said Accessibility
		want []string
	}{
		"nothing":            {Accessibility{Level: None}, nil},
		"partial":            {full().Accessibility, nil},
		"total":              {Accessibility{Level: Total, Audited: "2026-06-01", Auditor: "x"}, nil},
		"total, no audit":    {Accessibility{Level: Total}, []string{"audited"}},
		"partial, no audit":  {Accessibility{Level: Partial}, []string{"audited"}},
		"no level":           {Accessibility{}, []string{"level"}},
		"another level":      {Accessibility{Level: "full"}, []string{"level"}},
		"no day":             {Accessibility{Level: Total, Audited: "juin 2026", Auditor: "x"}, []string{"audited"}},
		"a day to come":      {Accessibility{Level: Total, Audited: "2026-09-08", Auditor: "x"}, []string{"audited"}},
		"today":              {Accessibility{Level: Total, Audited: "2026-09-07", Auditor: "x"}, nil},
		"nobody":             {Accessibility{Level: None, Audited: "2026-06-01"}, []string{"auditor"}},
		"total, but":         {Accessibility{Level: Total, Audited: "2026-06-01", Auditor: "x", Failures: []string{"y"}}, []string{"failures"}},
		"an empty line":      {Accessibility{Level: None, Failures: []string{"y", ""}, Exemptions: []string{""}}, []string{"failures.1", "exemptions.0"}},
		"several at once":    {Accessibility{Level: Total, Contact: "http://x.example/", Failures: []string{"a\nb"}}, []string{"audited", "failures", "contact", "failures.0"}},
		"a contact too long": {Accessibility{Level: None, Contact: strings.Repeat("é", 501)}, []string{"contact"}},
	} {
		found := c.said.Check(today())
		if got := wheres(found); !slices.Equal(got, c.want) {
			t.Errorf("%s: told of %v, want %v", name, got, c.want)
		}
		for _, m := range found {
			if m.What == "" {
				t.Errorf("%s: %s: nothing is said", name, m.Where)
			}
		}
	}
}

func TestTheWordsOfANoticeAreLinesThatCanBeShown(t *testing.T) {
	t.Parallel()
	if found := full().Notice.Check(); len(found) > 0 {
		t.Errorf("refused: %v", found)
	}
	if found := (Notice{}).Check(); len(found) > 0 {
		t.Errorf("nothing said is refused: %v", found)
	}
	bad := Notice{
		Controller: "a\nb", Address: " ", DPO: "http://dpd.example/", Basis: strings.Repeat("é", 501), Publisher: "a\tb", Director: "a\x00", Host: "\r", Support: "http://x",
	}
	want := []string{"controller", "address", "dpo", "basis", "publisher", "director", "host", "support"}
	if got := wheres(bad.Check()); !slices.Equal(got, want) {
		t.Errorf("told of %v, want %v", got, want)
	}
	if found := (Notice{Basis: strings.Repeat("é", 500)}).Check(); len(found) > 0 {
		t.Errorf("the longest text is refused: %v", found)
	}
}

func TestWhatIsNotFilledInIsListed(t *testing.T) {
	t.Parallel()
	want := []string{"controller", "address", "dpo", "basis", "publisher", "director", "host", "support"}
	if got := (Notice{}).Unsaid(); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if got := full().Notice.Unsaid(); len(got) > 0 {
		t.Errorf("filled in and listed: %v", got)
	}
	if got := (Accessibility{Level: None}).Unsaid(); !slices.Equal(got, []string{"audited", "contact"}) {
		t.Errorf("%v", got)
	}
}
