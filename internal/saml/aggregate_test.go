package saml_test

import (
	"bytes"
	"crypto"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"ecluse/internal/saml"
	"ecluse/internal/saml/samltest"
)

func signers(t testing.TB, list ...samltest.Signer) []saml.Certificate {
	t.Helper()
	var out []saml.Certificate
	for _, s := range list {
		certs, err := saml.ReadCertificates(s.Cert)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, certs...)
	}
	return out
}

func aggregateRules(t testing.TB, list ...samltest.Signer) saml.AggregateRules {
	t.Helper()
	return saml.AggregateRules{
		Signers: signers(t, list...), Bytes: 200 << 20, Ends: true, Longest: 30 * 24 * time.Hour, Now: now(),
	}
}

func readAll(doc []byte, rules saml.AggregateRules) (saml.Aggregate, []saml.EntityAt, error) {
	return readFrom(bytes.NewReader(doc), rules)
}

func readFrom(src io.Reader, rules saml.AggregateRules) (saml.Aggregate, []saml.EntityAt, error) {
	var found []saml.EntityAt
	a, err := saml.ReadAggregate(src, rules, func(e saml.EntityAt) error {
		found = append(found, e)
		return nil
	})
	return a, found, err
}

func TestASignedAggregateIsVerifiedInOnePassAndEachEntityCanBeReadAlone(t *testing.T) {
	t.Parallel()
	who, other := samltest.NewSigner(t), samltest.NewSigner(t)
	doc := who.Sign(t, samltest.Whole(120)) // some windows
	for name, src := range map[string]io.Reader{
		"at once": bytes.NewReader(doc), "in halves": iotest.HalfReader(bytes.NewReader(doc)),
		"byte by byte": iotest.OneByteReader(bytes.NewReader(doc)), "end with data": iotest.DataErrReader(bytes.NewReader(doc)),
	} {
		a, found, err := readFrom(src, aggregateRules(t, other, who))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if a.Bytes != int64(len(doc)) || a.Signer != signers(t, who)[0].Fingerprint || a.Name != "https://federation.example/" ||
			a.ValidUntil.Format(time.RFC3339) != samltest.Until || len(found) != 120 {
			t.Fatalf("%s: %+v with %d entities", name, a, len(found))
		}
		for i, e := range found {
			alone, ok := e.Alone(doc[e.Offset : e.Offset+e.Length])
			md, err := saml.ParseSPMetadata(alone, now())
			if !ok || err != nil || md.EntityID != samltest.ID(i) || e.EntityID != md.EntityID || e.Problem != "" {
				t.Fatalf("%s: entity %d: %v, %v, %+v", name, i, ok, err, e)
			}
			if e.Roles != saml.RoleSP || e.Registrar != "https://registrar.example/" || !e.ValidUntil.Equal(a.ValidUntil) {
				t.Fatalf("%s: entity %d: %+v", name, i, e)
			}
		}
	}
}

// aggregateCase is a document that must not be taken; judge says what xmlsec1 thinks of its signature.
type aggregateCase struct {
	doc   []byte
	want  error
	judge bool
}

func TestAnAggregateThatIsNotWhatWasSignedIsRefusedAndXMLSecAgrees(t *testing.T) {
	t.Parallel()
	who, other := samltest.NewSigner(t), samltest.NewSigner(t)
	good := who.Sign(t, samltest.Whole(60))
	if !who.Judge(t, good) {
		t.Fatal("xmlsec1 refuses the positive control")
	}
	swap := func(old, new string) []byte { return bytes.Replace(bytes.Clone(good), []byte(old), []byte(new), 1) }
	aggregate := func(attributes string) []byte {
		return who.Sign(t, samltest.Aggregate(attributes, samltest.Entity(samltest.ID(1))))
	}
	inner := string(good[bytes.IndexByte(good, '\n'):]) // without the declaration
	cases := map[string]aggregateCase{
		"a changed address":        {swap("sp00059.example.org/shibboleth/SAML2/POST", "sp00059.evil.example/shibboleth/SAML2/POST"), saml.ErrSignature, false},
		"a changed validUntil":     {swap(samltest.Until, "2026-12-02T00:00:00Z"), saml.ErrSignature, false},
		"a further entity":         {swap("</md:EntitiesDescriptor>", samltest.Entity("https://evil.example")+"</md:EntitiesDescriptor>"), saml.ErrSignature, false},
		"somebody else's key":      {other.Sign(t, samltest.Whole(2)), saml.ErrSignature, false},
		"no signature":             {[]byte(strings.Replace(string(samltest.Whole(2)), samltest.Template("_fed"), "", 1)), saml.ErrSignature, false},
		"expired":                  {aggregate(`validUntil="2026-11-22T08:30:00Z"`), saml.ErrMetadata, true},
		"no validUntil":            {aggregate(``), saml.ErrMetadata, true},
		"too long an end":          {aggregate(`validUntil="2027-11-22T08:30:00Z"`), saml.ErrMetadata, true},
		"no time":                  {aggregate(`validUntil="tomorrow"`), saml.ErrSyntax, true},
		"truncated":                {good[:len(good)-400], saml.ErrSyntax, false},
		"truncated in the head":    {good[:900], saml.ErrSignature, false},
		"empty":                    {nil, saml.ErrSyntax, false},
		"a document type":          {swap("<!-- a federation -->", `<!DOCTYPE x [<!ENTITY e "https://evil.example">]>`), saml.ErrSyntax, true},
		"a processing instruction": {swap("</md:EntitiesDescriptor>", "<?php x?></md:EntitiesDescriptor>"), saml.ErrSyntax, false},
		"something behind":         {append(bytes.Clone(good), "<more/>"...), saml.ErrSyntax, false},
		"wrapped as an extension": {
			[]byte(`<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" ID="_x" validUntil="2026-12-01T00:00:00Z"><md:Extensions>` +
				inner + `</md:Extensions>` + samltest.Entity("https://evil.example") + `</md:EntitiesDescriptor>`), saml.ErrSignature, true,
		},
		"the signature of what is inside": {
			[]byte(`<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" ID="_x" validUntil="2026-12-01T00:00:00Z">` + signatureOf(inner) +
				strings.Replace(inner, signatureOf(inner), "", 1) + `</md:EntitiesDescriptor>`), saml.ErrSignature, true,
		},
		"the root's ID twice": {who.Sign(t, []byte(strings.Replace(string(samltest.Whole(2)), "<md:SPSSODescriptor ", `<md:SPSSODescriptor ID="_fed" `, 1))), saml.ErrSignature, true},
		"the signature stands last": {
			who.Sign(t, []byte(strings.Replace(strings.Replace(string(samltest.Whole(2)), samltest.Template("_fed"), "", 1), "</md:EntitiesDescriptor>", samltest.Template("_fed")+"</md:EntitiesDescriptor>", 1))),
			saml.ErrSignature, true,
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, _, err := readAll(c.doc, aggregateRules(t, who)); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
			if c.judge { // what we refuse beyond the signature
				return
			}
			if who.Judge(t, c.doc) {
				t.Error("xmlsec1 takes it")
			}
		})
	}
}

func signatureOf(doc string) string {
	from, to := strings.Index(doc, "<ds:Signature "), strings.Index(doc, "</ds:Signature>")
	return doc[from : to+len("</ds:Signature>")]
}

func TestAnyByteOfAnAggregateThatChangesIsSeen(t *testing.T) {
	t.Parallel()
	who := samltest.NewSigner(t)
	good := who.Sign(t, samltest.Whole(3))
	rules := aggregateRules(t, who)
	_, want, err := readAll(good, rules)
	if err != nil {
		t.Fatal(err)
	}
	said := func(doc []byte, list []saml.EntityAt) string {
		var b strings.Builder
		for _, e := range list {
			alone, ok := e.Alone(doc[e.Offset : e.Offset+e.Length])
			md, err := saml.ParseSPMetadata(alone, now())
			fmt.Fprintf(&b, "%s %v %v %v %v %v\n", e.EntityID, ok, err, md.ACS, md.AttributeRequest, len(md.SigningKeys))
		}
		return b.String()
	}
	first, taken := said(good, want), 0
	for i := 0; i < len(good); i += 11 {
		doc := bytes.Clone(good)
		doc[i] ^= 1 << (i % 7)
		_, got, err := readAll(doc, rules)
		if err != nil {
			continue
		}
		if taken++; said(doc, got) != first {
			t.Fatalf("byte %d: what is read is another thing", i)
		}
	}
	t.Logf("%d changes that say nothing", taken)
}

func TestEntitiesThatCannotBeUsedAreToldAndTheOthersStand(t *testing.T) {
	t.Parallel()
	edit := func(id, old, new string) string { return strings.Replace(samltest.Entity(id), old, new, 1) }
	big := "<!-- " + strings.Repeat("x", 1<<20) + " -->"
	doc := samltest.Aggregate(`validUntil="`+samltest.Until+`"`,
		samltest.Entity("https://a.example"),
		edit("https://big.example", "<md:Organization>", big+"<md:Organization>"),
		edit("https://many.example", "<md:Organization>", "<md:Extensions>"+strings.Repeat("<x/>", 20_000)+"</md:Extensions><md:Organization>"),
		edit("https://over.example", "entityID=", `validUntil="2026-11-22T08:00:00Z" entityID=`),
		edit("https://when.example", "entityID=", `validUntil="soon" entityID=`),
		edit("https://none.example", `entityID="https://none.example"`, ``),
		edit("https://blank.example", `entityID="https://blank.example"`, `entityID="https://bl ank.example"`),
		edit("https://old.example", "SAML:2.0:protocol", "SAML:1.1:protocol"),
		`<md:EntitiesDescriptor validUntil="2026-11-25T00:00:00Z"><md:Extensions/>`+samltest.Entity("https://nested.example")+`</md:EntitiesDescriptor>`,
		`<md:EntitiesDescriptor validUntil="2026-11-21T00:00:00Z">`+samltest.Entity("https://ended.example")+`</md:EntitiesDescriptor>`,
		samltest.Entity("https://comment&lt;!-- --&gt;.example"),
		samltest.Entity("https://z.example"),
	)
	who := samltest.NewSigner(t)
	doc = who.Sign(t, doc)
	_, found, err := readAll(doc, aggregateRules(t, who))
	if err != nil {
		t.Fatal(err)
	}
	var said []string
	for _, e := range found {
		said = append(said, e.EntityID+": "+e.Problem+" until "+e.ValidUntil.Format("01-02"))
	}
	want := []string{
		"https://a.example:  until 12-01",
		"https://big.example: it has 105", "https://many.example: it has more than 20000 elements",
		"https://over.example: it has expired", "https://when.example: its validUntil is no UTC time",
		": its entityID is empty", ": its entityID is empty", "https://old.example: it has no role for SAML 2.0",
		"https://nested.example:  until 11-25", "https://ended.example: it has expired",
		": its entityID is empty", "https://z.example:  until 12-01",
	}
	if len(said) != len(want) {
		t.Fatalf("%q", said)
	}
	for i := range want {
		if !strings.HasPrefix(said[i], want[i]) {
			t.Errorf("%q, want %q", said[i], want[i])
		}
	}
}

func TestAnotherRootThanMetadataIsRefused(t *testing.T) {
	t.Parallel()
	doc := []byte(strings.ReplaceAll(string(samltest.Whole(2)), "md:EntitiesDescriptor", "md:AffiliationDescriptor"))
	if _, _, err := readAll(doc, aggregateRules(t)); !errors.Is(err, saml.ErrMetadata) {
		t.Errorf("got %v", err)
	}
}

func TestACommentCannotStandInAnEntityID(t *testing.T) {
	t.Parallel()
	who := samltest.NewSigner(t)
	doc := bytes.Replace(who.Sign(t, samltest.Whole(2)), []byte(samltest.ID(1)), []byte("https://sp<!-- -->.example"), 1)
	if _, _, err := readAll(doc, aggregateRules(t, who)); !errors.Is(err, saml.ErrSyntax) {
		t.Errorf("got %v", err)
	}
}

func TestAnAggregateBeyondTheConfiguredSizeIsRefused(t *testing.T) {
	t.Parallel()
	who := samltest.NewSigner(t)
	doc := who.Sign(t, samltest.Whole(3))
	rules := aggregateRules(t, who)
	for size, want := range map[int]error{len(doc): nil, len(doc) - 1: saml.ErrShape} {
		rules.Bytes = int64(size)
		if _, _, err := readAll(doc, rules); !errors.Is(err, want) {
			t.Errorf("%d bytes: %v", size, err)
		}
	}
}

func TestAPieceThatNoWindowHoldsIsRefused(t *testing.T) {
	t.Parallel()
	rules := aggregateRules(t)
	for name, piece := range map[string]string{
		"a text": strings.Repeat("x", 5<<20), "a tag": `<a b="` + strings.Repeat("x", 5<<20) + `"/>`, "a comment": "<!--" + strings.Repeat("x", 5<<20) + "-->",
	} {
		doc := samltest.Aggregate(`validUntil="`+samltest.Until+`"`, "<md:Extensions>"+piece+"</md:Extensions>")
		if _, _, err := readAll(doc, rules); !errors.Is(err, saml.ErrSyntax) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, piece := range map[string]string{"a text": strings.Repeat("é", 1<<20), "a section": "<![CDATA[" + strings.Repeat("x", 3<<20) + "]]>"} {
		doc := samltest.Aggregate(`validUntil="`+samltest.Until+`"`, "<md:Extensions>"+piece+"</md:Extensions>", samltest.Entity(samltest.ID(1)))
		if _, found, err := readAll(doc, rules); err != nil || len(found) != 1 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWhatTheReaderFailsWithIsTold(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	doc := samltest.Whole(100)
	src := io.MultiReader(bytes.NewReader(doc[:400<<10]), iotest.ErrReader(broken))
	if _, _, err := readFrom(src, aggregateRules(t)); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	if _, err := saml.ReadAggregate(bytes.NewReader(doc), aggregateRules(t), func(saml.EntityAt) error { return broken }); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}

func TestASingleEntityIsAnAggregateOfOne(t *testing.T) {
	t.Parallel()
	who := rsaIdentity()
	doc, err := who.signer.AppendSPMetadata(nil, &saml.SPDocument{
		EntityID: spEntity, ValidUntil: now().AddDate(0, 0, 7), Certificates: [][]byte{who.der}, ACS: []string{"https://lire.example.org/acs"},
	})
	if err != nil {
		t.Fatal(err)
	}
	rules := aggregateRules(t)
	rules.Signers = []saml.Certificate{{Key: who.key.Public(), Fingerprint: "f"}}
	a, found, err := readAll(doc, rules)
	if err != nil || len(found) != 1 || found[0].EntityID != spEntity || found[0].Context != "" || a.Signer != "f" {
		t.Fatalf("%+v %+v %v", a, found, err)
	}
	if _, err := saml.VerifyRoot(doc, saml.MetadataLimits(), []crypto.PublicKey{who.key.Public()}); err != nil {
		t.Error(err)
	}
	rules.Now = now().AddDate(0, 0, 8)
	if _, _, err := readAll(doc, rules); !errors.Is(err, saml.ErrMetadata) {
		t.Errorf("expired: %v", err)
	}
}
