// Package libcrypto has RSA signatures made by OpenSSL's libcrypto, which computes them in about half the time, in a build that
// asks for it: go build -tags libcrypto, with a C compiler and libssl-dev. The usual build is Go alone and has nothing of it.
//
// The signatures are the same, byte for byte: RSA PKCS #1 v1.5 has no random part (RFC 8017, 8.2). Keys stay where they were
// kept; libcrypto holds a copy in memory for as long as the process does.
package libcrypto
