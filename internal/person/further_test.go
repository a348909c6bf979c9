package person_test

import (
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"time"

	"ecluse/internal/person"
)

func md5Of(s string) string {
	sum := md5.Sum([]byte(s))
	return hex.EncodeToString(sum[:])
}

func TestARawNumberAndItsHashAreOneKey(t *testing.T) {
	t.Parallel()
	ent := resolve(t, map[string][]string{"ENTEleveINE": {" 1234567890a "}})
	educonnect, err := person.Mapping{
		Authority: "educonnect", ID: "ctid",
		Also: []person.Further{{Authority: person.NationalNumber, Attribute: "hash", Case: "lower"}},
	}.Resolve(person.Raw{Attributes: map[string][]string{"ctid": {"c"}, "hash": {hexUpper(md5Of("1234567890A"))}}})
	if err != nil {
		t.Fatal(err)
	}
	if len(ent.Also) != 1 || len(educonnect.Also) != 1 || ent.Also[0] != educonnect.Also[0] {
		t.Error("the national number and the hash that EduConnect sends of it are two keys")
	}
	if ent.Also[0].Authority != "ine-hash" || ent.Also[0].ID != md5Of("1234567890A") {
		t.Error("the further key is not the hash in lower case")
	}
}

func hexUpper(s string) string {
	out := []byte(s)
	for i, b := range out {
		if b >= 'a' && b <= 'f' {
			out[i] = b - 'a' + 'A'
		}
	}
	return string(out)
}

func TestAFurtherKeyThatIsNotSureIsNone(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		how    person.Further
		values []string
	}{
		"no value":          {person.Further{Authority: "ine", Attribute: "n"}, nil},
		"blank":             {person.Further{Authority: "ine", Attribute: "n"}, []string{" "}},
		"two values":        {person.Further{Authority: "ine", Attribute: "n"}, []string{"1", "2"}},
		"nobody's":          {person.Further{Attribute: "n"}, []string{"1"}},
		"the source's own":  {person.Further{Authority: "own", Attribute: "n"}, []string{"1"}},
		"an unknown digest": {person.Further{Authority: "ine", Attribute: "n", Digest: "crc32"}, []string{"1"}},
		"an unknown case":   {person.Further{Authority: "ine", Attribute: "n", Case: "title"}, []string{"1"}},
	} {
		p, err := person.Mapping{Authority: "own", ID: "id", Also: []person.Further{c.how}}.
			Resolve(person.Raw{Attributes: map[string][]string{"id": {"me"}, "n": c.values}})
		if err != nil || len(p.Also) != 0 {
			t.Errorf("%s: %d further keys, %v", name, len(p.Also), err)
		}
	}
}

func TestWhatStandsWhereANationalNumberIsMissingIsNobodysKey(t *testing.T) {
	t.Parallel()
	raw := person.Further{Authority: person.NationalNumber, Attribute: "n", Case: "upper", Digest: "md5"}
	hashed := person.Further{Authority: person.NationalNumber, Attribute: "n", Case: "lower"}
	for value, how := range map[string]person.Further{
		"0": raw, "INCONNU": raw, "00000000000": raw, "0000000000A": raw, "99999999999": raw, "N/A": raw, "1234567890": raw,
		"1234567890AB": raw, "12345678901": raw, "A1234567890": raw, "123456789é": raw,
		"aabb": hashed, "unknown": hashed, md5Of(""): hashed, md5Of("0"): hashed, hexUpper(md5Of("00000000000")): hashed,
		md5Of("INCONNU"): hashed, "g" + md5Of("x")[1:]: hashed,
	} {
		for _, ent := range []string{"ent-a", "ent-b"} {
			p, err := person.Mapping{Authority: ent, ID: "id", Also: []person.Further{how}}.
				Resolve(person.Raw{Attributes: map[string][]string{"id": {"me"}, "n": {value}}})
			if err != nil || len(p.Also) != 0 {
				t.Errorf("%q: %d further keys by which two sources' pupils would be one, %v", value, len(p.Also), err)
			}
		}
	}
	for _, ine := range []string{"1234567890A", "012345678ab"} {
		p, err := person.Mapping{Authority: "ent-a", ID: "id", Also: []person.Further{raw}}.
			Resolve(person.Raw{Attributes: map[string][]string{"id": {"me"}, "n": {ine}}})
		if err != nil || len(p.Also) != 1 {
			t.Errorf("a national number gives %d further keys, %v", len(p.Also), err)
		}
	}
}

func TestEveryDigestIsOfItsLength(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for digest, want := range map[string]int{"": 3, "md5": 32, "sha1": 40, "sha256": 64, "sha512": 128} {
		p, err := person.Mapping{Authority: "own", ID: "id", Also: []person.Further{{Authority: "ine", Attribute: "n", Digest: digest}}}.
			Resolve(person.Raw{Attributes: map[string][]string{"id": {"me"}, "n": {"abc"}}})
		if err != nil || len(p.Also) != 1 || len(p.Also[0].ID) != want || seen[p.Also[0].ID] {
			t.Errorf("digest %q does not give %d characters of its own", digest, want)
			continue
		}
		seen[p.Also[0].ID] = true
	}
	if len(seen) != len(person.Digests()) {
		t.Errorf("%d digests are listed, %d were tried", len(person.Digests()), len(seen))
	}
}

func TestTheLevelOfAChildIsTakenWhereOneValueSaysIt(t *testing.T) {
	t.Parallel()
	p := resolve(t, map[string][]string{
		"ecluseWard":      {"AC$1$0280101H$1$Ada", "AC$1$0280202T$1$Ada", "c2$0280101H$1$Bo"},
		"ecluseWardLevel": {"AC$1$0280101H$CM2", "c2$0280101H$CP", "c2$0280101H$CE1", "garbage", "$"},
	})
	if len(p.Wards) != 3 || p.Wards[0].Level != "CM2" || p.Wards[1].Level != "" || p.Wards[2].Level != "" {
		t.Errorf("%d wards, or a level that is not the one said", len(p.Wards))
	}
}

func TestTheDayOnWhichAChildWasBornIsTakenWhereOneValueSaysIt(t *testing.T) {
	t.Parallel()
	p := resolve(t, map[string][]string{
		"ecluseWard": {"AC$1$0280101H$1$Ada", "AC$1$0280202T$1$Ada", "c2$0280101H$1$Bo", "c3$0280101H$1$Cy", "c4$0280101H$1$Di", "c5$0280101H$1$El"},
		"ecluseWardBorn": {
			"AC$1$02/04/2018", "c2$2018-04-02", "c2$2017-04-02", "c3$2018", "c4$2012-02-29", "c4$2012-02-29", "c5$", "garbage", "$2018-04-02",
		},
	})
	day := func(text string) time.Time {
		d, err := time.Parse(time.DateOnly, text)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	want := []time.Time{day("2018-04-02"), day("2018-04-02"), {}, {}, day("2012-02-29"), {}}
	if len(p.Wards) != len(want) {
		t.Fatalf("%d wards", len(p.Wards))
	}
	for i, w := range p.Wards {
		if !w.Age.Born.Equal(want[i]) || w.Age.Adult != person.Unknown {
			t.Errorf("ward %d has another age than the one said", i)
		}
		for _, said := range []string{fmt.Sprint(w), fmt.Sprintf("%+v", w), fmt.Sprintf("%#v", w), w.LogValue().String()} {
			if strings.Contains(said, "20") {
				t.Errorf("a ward prints %s", said)
			}
		}
	}
}
