package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"
	"time"

	"ecluse/internal/federation"
	"ecluse/internal/saml"
)

// ErrNoEntity says that no source of metadata gives an entity.
var ErrNoEntity = errors.New("no source of metadata gives this entity")

// MetadataStatus prints how each source of metadata stands. It looks into the folder of a gateway that runs or ran, asks
// nobody outside, and writes nothing.
func MetadataStatus(c Config, out io.Writer) error {
	kept, err := c.keptMetadata()
	if err != nil {
		return err
	}
	if kept == nil {
		fmt.Fprintln(out, "no metadata of others is kept: metadata_dir is empty")
		return nil
	}
	tellMetadata(kept.Status(), time.Now(), out)
	return kept.Close()
}

// keptMetadata opens the folder to look into it. nil: none is configured.
func (c Config) keptMetadata() (*federation.Federation, error) {
	if c.MetadataDir == "" {
		return nil, nil
	}
	sources, err := c.metadataSources()
	if err != nil {
		return nil, fmt.Errorf("metadata: %w", err)
	}
	return federation.New(federation.Config{
		Folder: c.path(c.MetadataDir), Sources: sources, Now: time.Now, Log: slog.New(slog.DiscardHandler), ReadOnly: true,
		Wanted: func() []federation.Pair {
			ctx, cancel := context.WithTimeout(context.Background(), longestLook)
			defer cancel()
			contents, err := c.look(ctx)
			if err != nil {
				return nil
			}
			return wantedMetadata(contents.Services, contents.Sources)
		},
	})
}

func tellMetadata(list []federation.Status, now time.Time, out io.Writer) {
	for _, s := range list {
		switch {
		case s.Confirmed.IsZero():
			fmt.Fprintf(out, "metadata %s (%s): nothing has been had yet\n", s.Name, s.Kind)
		default:
			fmt.Fprintf(out, "metadata %s (%s): %d entities, %d left out, confirmed %s ago, %s\n",
				s.Name, s.Kind, s.Entities, s.LeftOut, s.Age(now).Round(time.Minute), validity(s, now))
		}
		if s.Signer != "" {
			fmt.Fprintf(out, "  signed by the certificate %s\n", s.Signer)
		}
		if s.Error != "" {
			fmt.Fprintf(out, "  last attempt: %s\n", s.Error)
		}
		for _, problem := range s.Problems {
			fmt.Fprintf(out, "  left out: %s\n", problem)
		}
		for _, change := range s.Changes {
			fmt.Fprintf(out, "  look at: %s\n", change)
		}
	}
}

func validity(s federation.Status, now time.Time) string {
	switch {
	case !s.ValidUntil.IsZero() && !now.Before(s.ValidUntil):
		return "NOT USED: it expired on " + s.ValidUntil.Format(time.DateOnly)
	case !s.Usable:
		return "NOT USED: it is too old"
	case s.ValidUntil.IsZero():
		return "good without an end"
	}
	return "good until " + s.ValidUntil.Format(time.RFC3339)
}

// MetadataShow prints what a reviewer needs to know of one entity, from one source or from whichever has it.
func MetadataShow(c Config, from, entityID string, out io.Writer) error {
	kept, err := c.keptMetadata()
	if err != nil {
		return err
	}
	if kept == nil {
		return fmt.Errorf("%w: metadata_dir is empty", ErrNoEntity)
	}
	shown := false
	problems := []error{ErrNoEntity}
	for _, s := range c.Metadata {
		if from != "" && s.Name != from {
			continue
		}
		xml, _, err := kept.Entity(s.Name, entityID)
		if err != nil {
			problems = append(problems, err)
			continue
		}
		if shown = true; from == "" {
			fmt.Fprintf(out, "from %s\n", s.Name)
		}
		if err := showEntity(xml, time.Now(), out); err != nil {
			return errors.Join(err, kept.Close())
		}
	}
	if !shown {
		return errors.Join(append(problems, kept.Close())...)
	}
	return kept.Close()
}

// showEntity prints an entity for a person to review. What it says of itself is said to be its own word.
func showEntity(xml []byte, now time.Time, out io.Writer) error {
	facts, err := saml.ReadEntityFacts(xml)
	if err != nil {
		return err
	}
	row := func(name string, values ...string) {
		for _, v := range values {
			if v != "" {
				fmt.Fprintf(out, "%-22s %s\n", name, clean(v))
			}
		}
	}
	row("entity", facts.EntityID)
	row("name", localised(facts.DisplayNames)...)
	row("organisation", localised(facts.Organization)...)
	row("about", localised(facts.Descriptions)...)
	row("page", localised(facts.Information)...)
	row("privacy statement", localised(facts.Privacy)...)
	row("registered by", facts.Registrar)
	if !facts.Registered.IsZero() {
		row("registered on", facts.Registered.Format(time.DateOnly))
	}
	row("says it keeps to", facts.Recognised()...)
	row("scope", facts.Scopes...)
	if md, err := saml.ParseSPMetadata(xml, now); err == nil {
		row("answers go to", addresses(md.ACS)...)
		row("sign-out", addresses(md.SingleLogout)...)
		row("signs with", certificates(md.SigningKeys)...)
		row("reads with", certificates(md.EncryptionKeys)...)
		for _, set := range md.AttributeRequest {
			row("asks for", requested(set)...)
		}
	} else if !errors.Is(err, saml.ErrMetadata) || facts.EntityID == "" {
		return err
	} else {
		row("as a service", err.Error())
	}
	if md, err := saml.ParseIDPMetadata(xml, now); err == nil {
		row("sign-in", addresses(md.SSO)...)
		row("signs with", certificates(md.SigningKeys)...)
	}
	_, err = fmt.Fprintln(out, "A category opens nothing by itself: what leaves follows from an approved declaration.")
	return err
}

// clean takes control characters out of what strangers wrote, before a terminal sees it.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return ' '
		}
		return r
	}, s)
}

func localised(list []saml.LocalName) []string {
	out := make([]string, 0, len(list))
	for _, n := range list {
		out = append(out, strings.TrimSpace(n.Text+" ["+n.Lang+"]"))
	}
	return out
}

func addresses(list []saml.Endpoint) []string {
	out := make([]string, 0, len(list))
	for _, e := range list {
		out = append(out, e.Location+" ("+e.Binding[strings.LastIndexByte(e.Binding, ':')+1:]+")")
	}
	return out
}

func certificates(list []saml.Certificate) []string {
	out := make([]string, 0, len(list))
	for _, c := range list {
		out = append(out, fmt.Sprintf("certificate until %s, SHA-256 %s", c.NotAfter.Format(time.DateOnly), c.Fingerprint))
	}
	slices.Sort(out)
	return out
}

func requested(set saml.RequestedAttributes) []string {
	out := make([]string, 0, len(set.Attributes))
	for _, a := range set.Attributes {
		text := or(a.FriendlyName, a.Name) + " (" + a.Name + ")"
		if a.Required {
			text += ", required"
		}
		out = append(out, text)
	}
	return out
}

// checkMetadata looks whether the files that the sources of metadata name can be used, and the folder written in.
func (c Config) checkMetadata() error {
	if c.MetadataDir == "" {
		return nil
	}
	_, err := c.metadataSources()
	if info, stat := os.Stat(c.path(c.MetadataDir)); stat != nil || !info.IsDir() {
		err = errors.Join(err, fmt.Errorf("there is no folder %s", c.MetadataDir))
	}
	return err
}
