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
// switches lead back to; a page that leaves for a site, in the address. So the templates run one time, with marks in those
// places, and what stands between is kept.

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
	page              string // its name
	back              WayBack
	signOut, url      string // where it leaves for is a hole, but not at which host
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

// switchHole is the number of the holes for the switches, leaveHole of those for the address of a page that leaves.
const (
	switchHole = -1
	leaveHole  = -2
)

func newPostings() *postings {
	return &postings{
		byKey: map[postingKey]*posting{},
		// What html/template makes of the value of an attribute.
		escaping: strings.NewReplacer(
			"\x00", "\uFFFD", `"`, "&#34;", "&", "&amp;", "'", "&#39;", "+", "&#43;", "<", "&lt;", ">", "&gt;"),
	}
}

// handedOff is a hand-off page as render would write it. It is not ok where a page has something that is not prepared for.
func (k *Kit) handedOff(r *http.Request, name string, page leavePage) (body []byte, ok bool) {
	f, url := frameOf(page), page.URL
	here, switches := f.again(r)
	if len(f.Tabs) > 0 || f.Office != nil || switches && !plain(here) {
		return nil, false
	}
	if name == leaveName {
		if url = page.Host; !plainAddress(page.URL) {
			return nil, false
		}
	}
	names := make([]string, len(page.Fields))
	for i, field := range page.Fields {
		if names[i] = field.Name; strings.Contains(field.Name, separator) {
			return nil, false
		}
	}
	key := postingKey{
		variant: variant{k.Lang(r), f.Audience, k.Wording(r, f)}, page: name, back: f.WayBack, signOut: f.SignOut, url: url,
		names: strings.Join(names, separator), switches: switches, offices: k.forOffices(r),
	}
	k.postings.mu.RLock()
	p := k.postings.byKey[key]
	k.postings.mu.RUnlock()
	if p == nil {
		if p = k.preparePosting(r, name, page, key.variant, switches); p == nil {
			return nil, false
		}
		k.postings.keep(key, p)
	}
	return p.fill(k.postings.escaping, page, here), true
}

// plainAddress tells an address that a link and a refresh write alike: neither writes any of its letters in another way but
// for what an attribute wants.
func plainAddress(address string) bool {
	for i := 0; i < len(address); i++ {
		c := address[i]
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', strings.IndexByte("-._~&+,/:;=?@", c) >= 0:
		case c == '%' && i+2 < len(address) && isHex(address[i+1]) && isHex(address[i+2]):
		default:
			return false
		}
	}
	return true
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
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
func (k *Kit) preparePosting(r *http.Request, name string, page leavePage, as variant, switches bool) *posting {
	mark := rand.Text()
	fields := make([]Param, len(page.Fields))
	for i, field := range page.Fields {
		fields[i] = Param{field.Name, mark + strconv.Itoa(i) + "-"}
	}
	page.Fields = fields
	if switches {
		page.Here = "/" + mark + strconv.Itoa(switchHole) + "-"
	}
	refresh, places := "", 0
	if name == leaveName {
		page.URL = mark + strconv.Itoa(leaveHole) + "-"
		refresh, places = page.URL, 2
	}
	dot := k.shellOf(r, frameOf(page), name, as)
	dot.Refresh, dot.Data = refresh, page
	body, err := k.execute(name, as, dot)
	if err != nil {
		return nil
	}
	p := cut(string(body), mark)
	values, links := 0, 0
	for _, hole := range p.holes {
		switch hole {
		case leaveHole:
			places--
		case switchHole:
			links++
		case values:
			values++
		default:
			return nil
		}
	}
	if places != 0 || values != len(fields) || links != len(dot.Languages)+len(dot.Versions) {
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
func (p *posting) fill(escaping *strings.Replacer, page leavePage, here string) []byte {
	back, size := "", p.length+2*len(page.URL)
	if here != "" {
		back = url.QueryEscape(here[1:])
	}
	for _, field := range page.Fields {
		size += len(field.Value) + len(field.Value)/8
	}
	out := bytes.NewBuffer(make([]byte, 0, size))
	for i, hole := range p.holes {
		out.WriteString(p.pieces[i])
		switch hole { // a Buffer never fails
		case switchHole:
			out.WriteString(back)
		case leaveHole:
			_, _ = escaping.WriteString(out, page.URL)
		default:
			_, _ = escaping.WriteString(out, page.Fields[hole].Value)
		}
	}
	out.WriteString(p.pieces[len(p.holes)])
	return out.Bytes()
}
