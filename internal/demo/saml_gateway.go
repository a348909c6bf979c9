package demo

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/crewjam/saml"
	"github.com/crewjam/saml/samlsp"
)

const (
	metadataPath    = "/saml/metadata"
	metadataFresh   = time.Minute
	maxMetadataSize = 1 << 20
)

// samlGateway reads the gateway's metadata when it is first needed and again
// when it is a minute old, so that a key change is followed soon. Metadata is
// trusted because of where it is read: the demonstration's own listener.
type samlGateway struct {
	base   string
	client *http.Client
	now    func() time.Time

	mu      sync.Mutex
	entity  *saml.EntityDescriptor
	fetched time.Time
}

func (g *samlGateway) metadata(ctx context.Context) (*saml.EntityDescriptor, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.entity != nil && g.now().Sub(g.fetched) < metadataFresh {
		return g.entity, nil
	}
	entity, err := g.fetch(ctx)
	if err != nil {
		return nil, fmt.Errorf("gateway metadata: %w", err)
	}
	g.entity, g.fetched = entity, g.now()
	return entity, nil
}

func (g *samlGateway) fetch(ctx context.Context) (*saml.EntityDescriptor, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, g.base+metadataPath, nil)
	if err != nil {
		return nil, err
	}
	resp, err := g.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("status %d", resp.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxMetadataSize))
	if err != nil {
		return nil, err
	}
	entity, err := samlsp.ParseMetadata(body)
	if err != nil {
		return nil, err
	}
	return entity, g.usable(entity)
}

func (g *samlGateway) usable(entity *saml.EntityDescriptor) error {
	switch {
	case entity.EntityID == "":
		return errors.New("no entity id")
	case len(entity.IDPSSODescriptors) == 0:
		return errors.New("no identity provider in it")
	case !entity.ValidUntil.IsZero() && !g.now().Before(entity.ValidUntil):
		return errors.New("it has expired")
	}
	for _, role := range entity.IDPSSODescriptors {
		for _, sso := range role.SingleSignOnServices {
			if !below(g.base, sso.Location) {
				return errors.New("a sign-on address is not the gateway's")
			}
		}
	}
	return nil
}

// spMetadata writes the metadata of a site (SAML Metadata 2.4.4). It has no
// date in it: the same site always writes the same bytes.
func spMetadata(s Site) []byte {
	type endpoint struct {
		Binding  string `xml:"Binding,attr"`
		Location string `xml:"Location,attr"`
		Index    int    `xml:"index,attr"`
		Default  bool   `xml:"isDefault,attr"`
	}
	type attribute struct {
		Name string `xml:"Name,attr"`
	}
	type name struct {
		Lang string `xml:"xml:lang,attr"`
		Text string `xml:",chardata"`
	}
	type wanted struct {
		Index      int         `xml:"index,attr"`
		Name       name        `xml:"md:ServiceName"`
		Attributes []attribute `xml:"md:RequestedAttribute"`
	}
	type role struct {
		Protocols    string   `xml:"protocolSupportEnumeration,attr"`
		Signed       bool     `xml:"AuthnRequestsSigned,attr"`
		WantSigned   bool     `xml:"WantAssertionsSigned,attr"`
		NameIDFormat string   `xml:"md:NameIDFormat"`
		ACS          endpoint `xml:"md:AssertionConsumerService"`
		Wanted       *wanted  `xml:"md:AttributeConsumingService"`
	}
	type entity struct {
		XMLName  xml.Name `xml:"md:EntityDescriptor"`
		MD       string   `xml:"xmlns:md,attr"`
		EntityID string   `xml:"entityID,attr"`
		SP       role     `xml:"md:SPSSODescriptor"`
	}
	var asks *wanted
	if len(s.Attributes) > 0 {
		asks = &wanted{Name: name{"fr", s.Name}}
		for _, a := range s.Attributes {
			asks.Attributes = append(asks.Attributes, attribute{a})
		}
	}
	out, err := xml.MarshalIndent(entity{
		MD: "urn:oasis:names:tc:SAML:2.0:metadata", EntityID: s.EntityID,
		SP: role{
			Protocols: "urn:oasis:names:tc:SAML:2.0:protocol", WantSigned: true, NameIDFormat: s.NameIDFormat,
			ACS:    endpoint{Binding: saml.HTTPPostBinding, Location: s.Callback, Index: 0, Default: true},
			Wanted: asks,
		},
	}, "", "  ")
	if err != nil {
		panic("demo: metadata of " + s.ID + ": " + err.Error())
	}
	return append([]byte(xml.Header), append(out, '\n')...)
}
