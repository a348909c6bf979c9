package federation

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"time"

	"ecluse/internal/saml"
)

// generation is one good copy of a source: a file with the document as it came, behind it the index of its entities, and
// behind that what is known of the whole. It never changes. A newer one takes its name, and this one stays readable for
// whoever still looks into it.
//
//	document | records, sorted by the hash of the entityID | JSON about | trailer
type generation struct {
	file    *os.File
	about   about
	records []byte // in memory: 88 bytes for each entity
}

// about is what is known of a generation.
type about struct {
	Source     string    `json:"source"`
	Mark       string    `json:"mark"` // of the source's settings
	Document   int64     `json:"document"`
	Entities   int       `json:"entities"`
	LeftOut    int       `json:"left_out"`
	Problems   []string  `json:"problems,omitempty"`
	Contexts   []string  `json:"contexts"`
	Index      string    `json:"index"` // SHA-256 of the records
	Signer     string    `json:"signer,omitempty"`
	ValidUntil time.Time `json:"valid_until"`
	Confirm    confirmed `json:"confirmed"`
}

// confirmed is when a source last sent or confirmed a document, and what to ask it with next time.
type confirmed struct {
	At           time.Time `json:"at"`
	ETag         string    `json:"etag,omitempty"`
	LastModified string    `json:"last_modified,omitempty"`
	Changes      []string  `json:"changes,omitempty"` // that a person should look at
	Failed       string    `json:"failed,omitempty"`  // why the last attempt did; empty when it did not
}

// The layout of a record. Numbers are big-endian.
const (
	atKey     = 0  // SHA-256 of the entityID
	atOffset  = 32 // in the document
	atUntil   = 40 // Unix seconds; 0: not said
	atLength  = 48
	atContext = 52
	atName    = 54
	atSum     = 56 // SHA-256 of the entity's bytes
	record    = 88

	trailerMagic = "ecluse metadata 1\n"
	trailer      = len(trailerMagic) + 8 // and the length of the JSON

	mostProblems = 20 // that are told one by one
	mostContexts = 1 << 10
	mostName     = 1 << 15
	mostAbout    = 16 << 20
)

// collector gathers the index while a document is read.
type collector struct {
	source   Source
	records  []byte
	contexts map[string]int
	about    about
	seen     int
}

// Whoever signs in goes first: after so many entities, which take less than a millisecond, the processor is given to whatever
// else is ready. Otherwise it would be waited for up to ten milliseconds where there is one processor.
const courtesy = 8

func newCollector(s Source) *collector {
	return &collector{source: s, contexts: map[string]int{}, about: about{Source: s.Name, Mark: s.mark()}}
}

// take puts one entity into the index, or says why not.
func (c *collector) take(e saml.EntityAt) error {
	if c.seen++; c.seen%courtesy == 0 {
		runtime.Gosched()
	}
	if e.Problem == "" && !c.source.passes(e) {
		c.about.LeftOut++
		return nil
	}
	context, known := c.contexts[e.Context]
	if !known && len(c.contexts) < mostContexts {
		context = len(c.contexts)
		c.contexts[e.Context] = context
		c.about.Contexts = append(c.about.Contexts, e.Context)
		known = true
	}
	switch {
	case e.Problem == "" && (!known || e.Name > mostName):
		e.Problem = "its namespaces are unlike all others"
		fallthrough
	case e.Problem != "":
		c.leave(e.EntityID, e.Problem)
		return nil
	}
	var r [record]byte
	key := sha256.Sum256([]byte(e.EntityID))
	copy(r[atKey:], key[:])
	copy(r[atSum:], e.Sum[:])
	binary.BigEndian.PutUint64(r[atOffset:], uint64(e.Offset))
	binary.BigEndian.PutUint32(r[atLength:], uint32(e.Length))
	binary.BigEndian.PutUint16(r[atContext:], uint16(context))
	binary.BigEndian.PutUint16(r[atName:], uint16(e.Name))
	if !e.ValidUntil.IsZero() {
		binary.BigEndian.PutUint64(r[atUntil:], uint64(e.ValidUntil.Unix()))
	}
	c.records = append(c.records, r[:]...)
	return nil
}

func (c *collector) leave(entityID, why string) {
	c.about.LeftOut++
	if len(c.about.Problems) < mostProblems {
		if entityID == "" {
			entityID = "an entity"
		}
		c.about.Problems = append(c.about.Problems, fmt.Sprintf("%s: %s", entityID, why))
	}
}

// sorted orders the records for the search. An entityID that stands for two entities stands for none: an entity has one
// owner (SAML Metadata 2.3.2), and which of them that is cannot be told.
func (c *collector) sorted() []byte {
	rows := make([][]byte, 0, len(c.records)/record)
	for row := range slices.Chunk(c.records, record) {
		rows = append(rows, row)
	}
	key := func(row []byte) []byte { return row[atKey:atOffset] }
	slices.SortFunc(rows, func(a, b []byte) int { return bytes.Compare(key(a), key(b)) })
	out := make([]byte, 0, len(c.records))
	for i := 0; i < len(rows); {
		n := i + 1
		for n < len(rows) && bytes.Equal(key(rows[i]), key(rows[n])) {
			n++
		}
		if n == i+1 {
			out = append(out, rows[i]...)
		} else {
			c.about.LeftOut += n - i
			at := binary.BigEndian.Uint64(rows[i][atOffset:])
			c.about.Problems = append(c.about.Problems, fmt.Sprintf("the entity at byte %d: its entityID stands for %d entities, none of which is used", at, n-i))
		}
		i = n
	}
	return out
}

// write reads the document in f, which is ours alone and stands at its beginning, verifies it, and writes its index behind
// it. What was verified and what is indexed are the same bytes of one reading.
func write(f *os.File, s Source, now time.Time, c confirmed) (*generation, error) {
	gather := newCollector(s)
	found, err := saml.ReadAggregate(f, s.rules(now), gather.take)
	if err != nil {
		return nil, err
	}
	g := &generation{file: f, records: gather.sorted(), about: gather.about}
	sum := sha256.Sum256(g.records)
	g.about.Index = fmt.Sprintf("%x", sum)
	g.about.Document, g.about.Signer, g.about.ValidUntil = found.Bytes, found.Signer, found.ValidUntil
	g.about.Entities, g.about.Confirm = len(g.records)/record, c
	text, err := json.Marshal(g.about)
	if err != nil {
		return nil, err
	}
	end := binary.BigEndian.AppendUint64([]byte(trailerMagic), uint64(len(text)))
	at := found.Bytes
	for _, part := range [][]byte{g.records, text, end} {
		if _, err := f.WriteAt(part, at); err != nil {
			return nil, err
		}
		at += int64(len(part))
	}
	return g, errors.Join(f.Truncate(at), f.Sync())
}

var errDamaged = errors.New("the kept copy is not whole")

// load opens a generation that write made.
func load(name string) (*generation, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	g := &generation{file: f}
	if err := g.read(); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return g, nil
}

func (g *generation) read() error {
	info, err := g.file.Stat()
	if err != nil {
		return err
	}
	end := info.Size() - int64(trailer)
	last := make([]byte, trailer)
	if end < 0 {
		return errDamaged
	}
	if _, err := g.file.ReadAt(last, end); err != nil || string(last[:len(trailerMagic)]) != trailerMagic {
		return errDamaged
	}
	n := binary.BigEndian.Uint64(last[len(trailerMagic):])
	if n > mostAbout || int64(n) > end {
		return errDamaged
	}
	text := make([]byte, n)
	if _, err := g.file.ReadAt(text, end-int64(n)); err != nil || json.Unmarshal(text, &g.about) != nil {
		return errDamaged
	}
	size := int64(g.about.Entities) * record
	if g.about.Entities < 0 || g.about.Document < 0 || g.about.Document+size+int64(n) != end {
		return errDamaged
	}
	g.records = make([]byte, size)
	if _, err := g.file.ReadAt(g.records, g.about.Document); err != nil && !errors.Is(err, io.EOF) {
		return errDamaged
	}
	if fmt.Sprintf("%x", sha256.Sum256(g.records)) != g.about.Index {
		return errDamaged
	}
	return nil
}

// find looks an entity up in memory.
func (g *generation) find(entityID string) (row []byte, known bool) {
	key := sha256.Sum256([]byte(entityID))
	low, high := 0, len(g.records)/record
	for low < high {
		middle := int(uint(low+high) / 2)
		row = g.records[middle*record : (middle+1)*record]
		switch c := bytes.Compare(row[atKey:atOffset], key[:]); {
		case c == 0:
			return row, true
		case c < 0:
			low = middle + 1
		default:
			high = middle
		}
	}
	return nil, false
}

// entity reads one entity. The bytes are held to the digest of those that were verified.
func (g *generation) entity(entityID string, now time.Time) (xml []byte, version string, err error) {
	row, known := g.find(entityID)
	if !known {
		return nil, "", ErrUnknownEntity
	}
	if until := int64(binary.BigEndian.Uint64(row[atUntil:])); until != 0 && now.Unix() >= until {
		return nil, "", fmt.Errorf("%w: it has expired on %s", ErrStale, time.Unix(until, 0).UTC().Format(time.RFC3339))
	}
	context := int(binary.BigEndian.Uint16(row[atContext:]))
	if context >= len(g.about.Contexts) {
		return nil, "", errDamaged
	}
	e := saml.EntityAt{Context: g.about.Contexts[context], Name: int(binary.BigEndian.Uint16(row[atName:]))}
	copy(e.Sum[:], row[atSum:])
	raw := make([]byte, binary.BigEndian.Uint32(row[atLength:]))
	if _, err := g.file.ReadAt(raw, int64(binary.BigEndian.Uint64(row[atOffset:]))); err != nil {
		return nil, "", fmt.Errorf("%w: %w", errDamaged, err)
	}
	doc, same := e.Alone(raw)
	if !same {
		return nil, "", fmt.Errorf("%w: the entity's bytes are not those that were verified", errDamaged)
	}
	return doc, versionOf(row[atSum:], e.Context), nil
}

// versionOf is a word that changes with an entity's bytes and with what stands around them.
func versionOf(sum []byte, context string) string {
	all := sha256.Sum256(append(bytes.Clone(sum), context...))
	return fmt.Sprintf("%x", all[:16])
}
