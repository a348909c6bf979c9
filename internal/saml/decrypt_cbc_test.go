package saml_test

import (
	"bytes"
)

// cbc is read where there is an exception.
func (m attackMaker) cbc() {
	around, signed, bare := m.parts()
	good := cbcLock()
	m.sealed("cbc-control.xml", "accept: signed, then encrypted with AES-128-CBC", good.seal(signed))
	long := good
	long.data, long.key = xmlenc+"aes256-cbc", bytes.Repeat([]byte{7}, 32)
	m.sealed("cbc-control-256.xml", "accept: AES-256-CBC", long.seal(signed))
	m.add("cbc-control-response.xml", "accept: encrypted with AES-128-CBC, then signed around", m.signedAround(m.replace(around, "HERE", good.seal(bare))))
	m.sealed("cbc-control-gcm.xml", "accept: AES-256-GCM all the same", goodLock().seal(signed))
	rsa15 := good
	rsa15.how = xmlenc + "rsa-1_5"
	m.sealed("cbc-rsa15.xml", "refuse encrypted: RSA 1.5", rsa15.seal(signed))
	changed := func(how func([]byte) []byte) string {
		l := good
		l.raw = how(l.ciphertext([]byte(signed)))
		return l.seal("")
	}
	flip := func(at int) func([]byte) []byte {
		return func(b []byte) []byte { b[(at+len(b))%len(b)] ^= 0x40; return b }
	}
	padded := func(last byte) string {
		blanks := bytes.Repeat([]byte{' '}, 31-len(signed)%16)
		return good.seal(signed + string(blanks) + string(last))
	}
	for name, c := range map[string][2]string{
		"first":    {"the first block was changed", changed(flip(3))},
		"middle":   {"a block in the middle was changed", changed(flip(500))},
		"last":     {"the last block was changed", changed(flip(-1))},
		"padding":  {"the padding was changed", changed(flip(-17))},
		"cut":      {"the last block is missing", changed(func(b []byte) []byte { return b[:len(b)-16] })},
		"half":     {"half a block", changed(func(b []byte) []byte { return b[:len(b)-7] })},
		"iv":       {"nothing but what begins it", changed(func(b []byte) []byte { return b[:16] })},
		"empty":    {"no ciphertext", changed(func([]byte) []byte { return []byte{} })},
		"zero":     {"a padding of none, and blanks", padded(0)},
		"tab":      {"a padding that is a blank", padded('\n')},
		"seven":    {"a padding of 17, and blanks", padded(17)},
		"blank":    {"a padding of 32, which is a blank", padded(' ')},
		"unsigned": {"an assertion that nobody signed", good.seal(bare)},
	} {
		verdict := "refuse decryption: "
		if name == "tab" { // ten bytes of padding, whatever they are: that is a good one, and blanks may follow
			verdict = "accept: "
			c[0] = "blanks before a good padding"
		}
		m.sealed("cbc-"+name+".xml", verdict+c[0], c[1])
	}
}
