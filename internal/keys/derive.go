package keys

import (
	"crypto/hmac"
	"encoding/binary"
	"hash"
	"sync"
)

// keyed is a keyed hash over a purpose and any number of parts. It is safe for
// concurrent use and allocates only its result.
//
// What is hashed is, for the purpose and then for each part: its length in bytes
// as 8 bytes, most significant first, then its bytes. Two different lists never
// give the same bytes, however the parts are cut.
type keyed struct {
	pool sync.Pool
}

type keyedState struct {
	mac hash.Hash
	buf []byte
}

func newKeyed(h func() hash.Hash, key []byte) *keyed {
	k := new(keyed)
	k.pool.New = func() any {
		return &keyedState{mac: hmac.New(h, key), buf: make([]byte, 0, 512)}
	}
	return k
}

func (k *keyed) sum(purpose string, parts []string) []byte {
	s := k.pool.Get().(*keyedState)
	defer k.pool.Put(s)
	s.buf = appendPart(s.buf[:0], purpose)
	for _, p := range parts {
		s.buf = appendPart(s.buf, p)
	}
	s.mac.Reset()
	s.mac.Write(s.buf)
	clear(s.buf) // parts may name a person
	return s.mac.Sum(make([]byte, 0, s.mac.Size()))
}

func appendPart(b []byte, part string) []byte {
	b = binary.BigEndian.AppendUint64(b, uint64(len(part)))
	return append(b, part...)
}
