package saml_test

import (
	"errors"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"ecluse/internal/saml"
)

func TestCheckShapeHoldsTheLimits(t *testing.T) {
	t.Parallel()
	nest := func(n int) string { return strings.Repeat("<a>", n) + strings.Repeat("</a>", n) }
	sized := func(n int) string { return "<a>" + strings.Repeat(" ", n-7) + "</a>" }
	for name, c := range map[string]struct {
		doc  string
		good bool
	}{
		"24 levels":          {nest(24), true},
		"25 levels":          {nest(25), false},
		"2,000 elements":     {"<a>" + strings.Repeat("<b/>", 1999) + "</a>", true},
		"2,001 elements":     {"<a>" + strings.Repeat("<b/>", 2000) + "</a>", false},
		"64 attributes":      {"<a" + strings.Repeat(" b='>'", 64) + "/>", true},
		"65 attributes":      {"<a" + strings.Repeat(" b='>'", 65) + "/>", false},
		"256 kB":             {sized(256 << 10), true},
		"one byte more":      {sized(256<<10 + 1), false},
		"quoted brackets":    {`<a b="<!--" c='</a>'></a>`, true},
		"declaration":        {`<?xml version="1.0"?><a/>`, true},
		"second declaration": {`<a/><?xml version="1.0"?>`, false},
		"comment":            {"<a><!-- --></a>", false},
		"instruction":        {"<a><?b?></a>", false},
		"document type":      {"<!DOCTYPE a><a/>", false},
		"conditional":        {"<a><![INCLUDE[]]></a>", false},
		"CDATA":              {"<a><![CDATA[<!DOCTYPE]]></a>", true},
		"open CDATA":         {"<a><![CDATA[</a>", false},
		"open tag":           {"<a", false},
		"open value":         {"<a b='></a>", false},
		"unbalanced":         {"<a><b></a>", false},
		"nothing":            {"", false},
		"text":               {"hello", false},
	} {
		err := saml.CheckShape([]byte(c.doc))
		if (err == nil) != c.good || err != nil && !errors.Is(err, saml.ErrShape) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// cpuTime is what f costs on its thread, so that neighbours do not count.
func cpuTime(t *testing.T, f func()) time.Duration {
	t.Helper()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	const thread = 1 // RUSAGE_THREAD of Linux
	used := func() time.Duration {
		var u syscall.Rusage
		if err := syscall.Getrusage(thread, &u); err != nil {
			t.Fatal(err)
		}
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	before := used()
	f()
	return used() - before
}

// The goal is 50 ms of CPU for anything of up to a megabyte; the bound here
// leaves room for the race detector and is far below what a quadratic reader
// takes.
func TestGarbageIsRefusedQuickly(t *testing.T) {
	t.Parallel()
	const size = 1 << 20
	limits := saml.MetadataLimits()
	limits.Bytes, limits.Elements, limits.Depth = 2*size, size, size
	fill := func(s string) []byte { return []byte(strings.Repeat(s, size/len(s))) }
	for name, doc := range map[string][]byte{
		"brackets": fill("<"), "start tags": fill("<a>"), "end tags": fill("</a>"), "quotes": fill("<a b='"),
		"comments": fill("<!--"), "sections": fill("<![CDATA["), "ampersands": fill("&amp"), "attributes": fill(" a=''"),
		"declarations": fill("<?xml "), "slashes": fill("</"), "namespaces": append([]byte("<a"), fill(" xmlns:b=''")...),
	} {
		var shape, message, request, verify error
		spent := cpuTime(t, func() {
			shape = limits.Check(doc)
			message = saml.CheckShape(doc)
			_, request = saml.ParseAuthnRequest(doc)
			_, verify = saml.VerifyRoot(doc, limits, nil)
		})
		if spent > time.Second {
			t.Errorf("%s: takes %v", name, spent)
		}
		if message == nil || request == nil || verify == nil {
			t.Errorf("%s: accepted (%v)", name, shape)
		}
	}
}

// Documents within the limits are built to make each part of the verifier work
// as hard as it can before it may refuse.
func TestHardDocumentsAreRefusedQuickly(t *testing.T) {
	t.Parallel()
	var declared, used strings.Builder
	for i := range 60 {
		p := string(rune('a'+i/26)) + string(rune('a'+i%26))
		declared.WriteString(" xmlns:" + p + "='urn:" + p + "'")
		used.WriteString(" " + p + ":x=''")
	}
	const open = `<p:Response xmlns:p="urn:oasis:names:tc:SAML:2.0:protocol" ID="_a"`
	for name, doc := range map[string]string{
		"prefixes":   open + declared.String() + ">" + strings.Repeat("<b"+used.String()+"/>", 480) + "</p:Response>",
		"IDs":        open + ">" + strings.Repeat("<b ID=''/>", 1900) + "</p:Response>",
		"text":       open + "><b>" + strings.Repeat("&#x9;", 50_000) + "</b></p:Response>",
		"signatures": open + ">" + strings.Repeat(`<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"/>`, 1900) + "</p:Response>",
	} {
		if err := saml.CheckShape([]byte(doc)); err != nil {
			t.Fatalf("%s: is not within the limits: %v", name, err)
		}
		keys := rsaIdentity().public()
		spent := cpuTime(t, func() {
			if _, err := saml.ReadResponse([]byte(doc), keys); err == nil {
				t.Errorf("%s: accepted", name)
			}
		})
		if spent > time.Second {
			t.Errorf("%s: takes %v", name, spent)
		}
	}
}
