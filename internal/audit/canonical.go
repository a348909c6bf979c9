package audit

import (
	"crypto/sha256"
	"encoding/binary"
	"maps"
	"slices"
)

// Hash links entries: SHA-256.
type Hash [sha256.Size]byte

// Canonical appends the one form of the entry that is hashed:
//
//	"ecluse-audit-1\n"                 15 bytes
//	writer, class                      two texts
//	sequence                           8 bytes
//	at                                 8 bytes, milliseconds since 1970 UTC
//	action, outcome, reason, ref,
//	actor, subject, service,
//	declaration                        eight texts
//	version                            8 bytes
//	uai, source, protocol              three texts
//	attributes                         4 bytes of count, then as many texts in their order
//	detail                             4 bytes of count, then as many pairs of texts
//	                                   (key, value), keys ascending byte by byte
//
// A text is 4 bytes of length and its bytes (UTF-8). Numbers are big-endian;
// those of 8 bytes are two's complement. An absent text has length 0; nil and
// empty lists are the same.
func (e Entry) Canonical(b []byte) []byte {
	b = append(b, "ecluse-audit-1\n"...)
	b = texts(b, e.Writer, string(e.Class))
	b = number(b, e.Sequence)
	b = number(b, e.At.UnixMilli())
	b = texts(b, e.Action, string(e.Outcome), e.Reason, e.Ref, e.Actor, e.Subject, e.Service, e.Declaration)
	b = number(b, int64(e.Version))
	b = texts(b, e.UAI, e.Source, e.Protocol)
	b = count(b, len(e.Attributes))
	b = texts(b, e.Attributes...)
	b = count(b, len(e.Detail))
	for _, key := range slices.Sorted(maps.Keys(e.Detail)) {
		b = texts(b, key, e.Detail[key])
	}
	return b
}

// Link returns the hash of e as the successor of an entry whose hash is before:
// SHA-256 of the 32 bytes of before and e's canonical form.
func (e Entry) Link(before Hash) Hash {
	b := make([]byte, 0, 1024)
	return sha256.Sum256(e.Canonical(append(b, before[:]...)))
}

// Genesis is what the first entry of a chain follows: SHA-256 of
// "ecluse-audit-chain-1\n", the writer and the class as texts.
func (c Chain) Genesis() Hash {
	return sha256.Sum256(texts([]byte("ecluse-audit-chain-1\n"), c.Writer, string(c.Class)))
}

func texts(b []byte, all ...string) []byte {
	for _, s := range all {
		b = append(count(b, len(s)), s...)
	}
	return b
}

func count(b []byte, n int) []byte { return binary.BigEndian.AppendUint32(b, uint32(n)) }

func number(b []byte, n int64) []byte { return binary.BigEndian.AppendUint64(b, uint64(n)) }
