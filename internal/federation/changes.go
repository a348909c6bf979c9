package federation

import (
	"fmt"
	"net/url"
	"slices"
	"time"

	"ecluse/internal/saml"
)

const mostChanges = 50 // that are told, the newest

// compare says what a new generation changes in the entities that registered bindings name, of what a person should look
// at. The change holds in any case, as the signer of the metadata vouches for it: what leaves follows from the declaration
// and not from metadata, so that it can go to another address or under another key, but never be more.
func (f *followed) compare(last, next *generation) []string {
	if last == nil || f.config.Wanted == nil {
		return nil
	}
	now := f.config.Now()
	var out []string
	for _, pair := range f.config.Wanted() {
		if pair.At || pair.Source != f.source.Name {
			continue
		}
		before, was, err := last.entity(pair.EntityID, now)
		if err != nil {
			continue
		}
		after, is, err := next.entity(pair.EntityID, now)
		switch {
		case err != nil:
			out = append(out, fmt.Sprintf("%s %s: %v", now.UTC().Format(time.DateOnly), pair.EntityID, err))
		case was != is:
			out = append(out, changed(pair.EntityID, before, after, now, f.config.options())...)
		}
	}
	return out
}

// changed lists what a person should look at in an entity's new metadata: an address on a host that was not there before,
// new keys, metadata that cannot be used any more. It is read as that of a service, or else of a source.
func changed(entityID string, before, after []byte, now time.Time, options []saml.MetadataOption) []string {
	var out []string
	tell := func(format string, args ...any) {
		out = append(out, fmt.Sprintf("%s %s: %s", now.UTC().Format(time.DateOnly), entityID, fmt.Sprintf(format, args...)))
	}
	kind := service
	was, err := kind(before, now, options)
	if err != nil {
		kind = provider
		if was, err = kind(before, now, options); err != nil {
			return nil
		}
	}
	is, err := kind(after, now, options)
	if err != nil {
		tell("it can no longer be used: %v", err)
		return out
	}
	known := hosts(was.addresses)
	for _, host := range hosts(is.addresses) {
		if !slices.Contains(known, host) {
			tell("%s may now go to %s, a new host", is.what, host)
		}
	}
	for _, c := range is.keys {
		same := func(o saml.Certificate) bool { return o.Fingerprint == c.Fingerprint }
		if !slices.ContainsFunc(was.keys, same) {
			tell("a new certificate, SHA-256 %s", c.Fingerprint)
		}
	}
	return slices.Compact(out)
}

// outline is what changes of are worth a look.
type outline struct {
	what      string // what goes to the addresses
	addresses []saml.Endpoint
	keys      []saml.Certificate
}

func service(doc []byte, now time.Time, options []saml.MetadataOption) (outline, error) {
	md, err := saml.ParseSPMetadata(doc, now, options...)
	return outline{"answers", md.ACS, slices.Concat(md.SigningKeys, md.EncryptionKeys)}, err
}

func provider(doc []byte, now time.Time, options []saml.MetadataOption) (outline, error) {
	md, err := saml.ParseIDPMetadata(doc, now, options...)
	return outline{"people", md.SSO, md.SigningKeys}, err
}

func hosts(list []saml.Endpoint) []string {
	var out []string
	for _, e := range list {
		if u, err := url.Parse(e.Location); err == nil && !slices.Contains(out, u.Host) {
			out = append(out, u.Host)
		}
	}
	return out
}

// tell keeps the newest changes. The caller holds mu.
func (f *followed) tell(changes []string) {
	for _, c := range changes {
		f.config.Log.Warn("metadata in use has changed: look at it", "source", f.source.Name, "change", c)
	}
	f.changes = append(f.changes, changes...)
	if n := len(f.changes) - mostChanges; n > 0 {
		f.changes = slices.Clone(f.changes[n:])
	}
}
