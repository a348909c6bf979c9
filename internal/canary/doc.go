// Package canary is a second pair of eyes on what leaves. It takes a sample of the messages that were really sent (SAML
// responses, ID tokens, userinfo, CAS answers), off the path of the sign-in, parses them with parsers of its own, and
// compares what it finds with the declaration as it stands in the registry. It does not trust the release engine and does
// not import it; an attribute that nobody declared suspends the service on every replica.
package canary
