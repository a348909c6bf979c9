package saml

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"errors"
	"slices"
)

// Recipient is a key of a service, and how it is encrypted to. Everything that depends on them alone is prepared once. It
// is safe for concurrent use.
type Recipient struct {
	key    *rsa.PublicKey
	data   blockCipher
	how    transport
	head   string // up to the encrypted key
	middle string // from behind it to the encrypted data
}

const encryptedTail = `</xenc:CipherValue></xenc:CipherData></xenc:EncryptedData></saml:EncryptedAssertion>`

// prepareRecipient writes all but what is secret. The certificate tells a service with two keys which of them it needs.
func prepareRecipient(key *rsa.PublicKey, c Certificate, data blockCipher, how transport) *Recipient {
	mask := ""
	if how.uri == algOAEP11 {
		mask = `<xenc11:MGF xmlns:xenc11="` + nsXEnc11 + `" Algorithm="` + maskURI(how.mask) + `"></xenc11:MGF>`
	}
	return &Recipient{
		key: key, data: data, how: how,
		head: `<saml:EncryptedAssertion xmlns:saml="` + nsAssertion + `"><xenc:EncryptedData xmlns:xenc="` + nsXEnc + `" Type="` + encElement + `">` +
			`<xenc:EncryptionMethod Algorithm="` + data.uri + `"></xenc:EncryptionMethod><ds:KeyInfo xmlns:ds="` + nsDSig + `"><xenc:EncryptedKey>` +
			`<xenc:EncryptionMethod Algorithm="` + how.uri + `"><ds:DigestMethod Algorithm="` + digestURI(how.digest) + `"></ds:DigestMethod>` + mask +
			`</xenc:EncryptionMethod><ds:KeyInfo><ds:X509Data><ds:X509Certificate>` + base64.StdEncoding.EncodeToString(c.DER) +
			`</ds:X509Certificate></ds:X509Data></ds:KeyInfo><xenc:CipherData><xenc:CipherValue>`,
		middle: `</xenc:CipherValue></xenc:CipherData></xenc:EncryptedKey></ds:KeyInfo><xenc:CipherData><xenc:CipherValue>`,
	}
}

func digestURI(h crypto.Hash) string {
	return map[crypto.Hash]string{crypto.SHA1: algSHA1, crypto.SHA256: algSHA256, crypto.SHA384: algSHA384, crypto.SHA512: algSHA512}[h]
}

func maskURI(h crypto.Hash) string {
	return map[crypto.Hash]string{
		crypto.SHA1: algMGF1, crypto.SHA256: nsXEnc11 + "mgf1sha256", crypto.SHA384: nsXEnc11 + "mgf1sha384", crypto.SHA512: nsXEnc11 + "mgf1sha512",
	}[h]
}

// Authenticated tells whether what is encrypted cannot be altered unnoticed: AES-GCM does that, AES-CBC does not.
func (t *Recipient) Authenticated() bool { return t.data.gcm }

// String says with which algorithms.
func (t *Recipient) String() string { return "saml.Recipient(" + t.data.uri + ", " + t.how.uri + ")" }

// seal writes an EncryptedAssertion (SAML Core 2.3.4) with a key that is used once, in canonical form.
func (t *Recipient) seal(w *writer, plain []byte) {
	if w.err != nil {
		return
	}
	key := make([]byte, t.data.size)
	_, _ = rand.Read(key) // it never returns an error
	sealed, err := rsa.EncryptOAEPWithOptions(rand.Reader, t.key, key, t.how.options())
	if err != nil {
		w.refuse("encrypt: %w", err)
		return
	}
	data, err := t.data.seal(key, plain)
	if err != nil {
		w.refuse("encrypt: %w", err)
		return
	}
	w.raw(t.head)
	w.b = base64.StdEncoding.AppendEncode(w.b, sealed)
	w.raw(t.middle)
	w.b = base64.StdEncoding.AppendEncode(w.b, data)
	w.raw(encryptedTail)
}

// AppendEncrypted is AppendResponse with the assertion encrypted: signed inside where it is signed, and a signature of the
// response over the ciphertext. read is the same response as its recipient reads it, the assertion in place of the
// ciphertext; it is never sent.
func (s *Signer) AppendEncrypted(dst []byte, r *Response, signing Signing, to *Recipient) (document, read []byte, err error) {
	if to == nil {
		return dst, nil, errors.New("write saml: nobody to encrypt to")
	}
	var plain []byte
	var place span
	w := s.response(dst, r, signing, func(w *writer, from int) {
		plain = slices.Clone(w.b[from:])
		w.b = w.b[:from]
		to.seal(w, plain)
		place = span{from, len(w.b)}
	})
	if w.err != nil {
		return dst, nil, w.err
	}
	return w.b, slices.Concat(w.b[len(dst):place.from], plain, w.b[place.to:]), nil
}
