package web

import (
	"bytes"
	"crypto/rand"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
)

// Every SAML answer is a page that posts it, and running its templates takes a sixth of what signing takes. The page of one
// service in one wording differs from answer to answer in a few places only: the values of the hidden fields, and where the
// switches lead back to. So the templates run one time, with marks in those places, and what stands between is kept.

// maxPostings bounds the pages that are kept; beyond, all are made anew.
const maxPostings = 512

// postings keeps prepared pages.
type postings struct {
	mu       sync.RWMutex
	byKey    map[postingKey]*posting
	escaping *strings.Replacer
}

// postingKey is everything that such a page depends on but what its holes are filled with.
type postingKey struct {
	variant
	back              WayBack
	signOut, url      string
	names             string
	switches, offices bool
}

// posting is a page in pieces. After each piece but the last comes the hole of that number: a field's value, or where the
// switches lead.
type posting struct {
	pieces []string
	holes  []int
	length int
}

// separator stands between the names of fields in a key, and in no name.
const separator = "\x00"

// switchHole is the number of the holes for the switches.
const switchHole = -1

func newPostings() *postings {
	return &postings{
		byKey: map[postingKey]*posting{},
		// What html/template makes of the value of an attribute.
		escaping: strings.NewReplacer(
			"\x00", "\uFFFD", `"`, "&#34;", "&", "&amp;", "'", "&#39;", "+", "&#43;", "<", "&lt;", ">", "&gt;"),
	}
}

// posted is the page as Render would write it. It is not ok where a page has something that is not prepared for.
func (k *Kit) posted(r *http.Request, page leavePage) (body []byte, ok bool) {
	f := frameOf(page)
	here, switches := f.again(r)
	if len(f.Tabs) > 0 || f.Office != nil || switches && !plain(here) {
		return nil, false
	}
	names := make([]string, len(page.Fields))
	for i, field := range page.Fields {
		if names[i] = field.Name; strings.Contains(field.Name, separator) {
			return nil, false
		}
	}
	key := postingKey{
		variant: variant{k.Lang(r), f.Audience, k.Wording(r, f)}, back: f.WayBack, signOut: f.SignOut, url: page.URL,
		names: strings.Join(names, separator), switches: switches, offices: k.forOffices(r),
	}
	k.postings.mu.RLock()
	p := k.postings.byKey[key]
	k.postings.mu.RUnlock()
	if p == nil {
		if p = k.preparePosting(r, page, key.variant, switches); p == nil {
			return nil, false
		}
		k.postings.keep(key, p)
	}
	return p.fill(k.postings.escaping, page.Fields, here), true
}

// plain tells a path whose letters are written the same everywhere but the slashes.
func plain(path string) bool {
	for _, c := range []byte(path) {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '/' && c != '-' {
			return false
		}
	}
	return true
}

func (p *postings) keep(key postingKey, page *posting) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.byKey) >= maxPostings {
		clear(p.byKey)
	}
	p.byKey[key] = page
}

// preparePosting runs the templates with marks that nobody can guess; nil when they do not come out as they went in.
func (k *Kit) preparePosting(r *http.Request, page leavePage, as variant, switches bool) *posting {
	mark := rand.Text()
	fields := make([]Param, len(page.Fields))
	for i, field := range page.Fields {
		fields[i] = Param{field.Name, mark + strconv.Itoa(i) + "-"}
	}
	page.Fields = fields
	if switches {
		page.Here = "/" + mark + strconv.Itoa(switchHole) + "-"
	}
	dot := k.shellOf(r, frameOf(page), ownName+"/post", as)
	dot.Data = page
	body, err := k.execute(ownName+"/post", as, dot)
	if err != nil {
		return nil
	}
	p := cut(string(body), mark)
	values, links := 0, 0
	for _, hole := range p.holes {
		if hole != switchHole && hole != values {
			return nil
		}
		if hole == switchHole {
			links++
		} else {
			values++
		}
	}
	if values != len(fields) || links != len(dot.Languages)+len(dot.Versions) {
		return nil
	}
	return p
}

// cut takes a page apart at the marks.
func cut(body, mark string) *posting {
	p := &posting{length: len(body)}
	for {
		before, after, found := strings.Cut(body, mark)
		p.pieces = append(p.pieces, before)
		if !found {
			return p
		}
		end := strings.IndexByte(after[1:], '-') + 1
		hole, err := strconv.Atoi(after[:end])
		if err != nil {
			hole = len(p.holes) + maxPostings // in no page
		}
		p.holes, body = append(p.holes, hole), after[end+1:]
	}
}

// fill puts the page together. here is a plain path.
func (p *posting) fill(escaping *strings.Replacer, fields []Param, here string) []byte {
	back, size := "", p.length
	if here != "" {
		back = url.QueryEscape(here[1:])
	}
	for _, field := range fields {
		size += len(field.Value) + len(field.Value)/8
	}
	out := bytes.NewBuffer(make([]byte, 0, size))
	for i, hole := range p.holes {
		out.WriteString(p.pieces[i])
		if hole == switchHole {
			out.WriteString(back)
		} else {
			_, _ = escaping.WriteString(out, fields[hole].Value) // a Buffer never fails
		}
	}
	out.WriteString(p.pieces[len(p.holes)])
	return out.Bytes()
}
