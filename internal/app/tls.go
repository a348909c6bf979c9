package app

import (
	"crypto/tls"
	"fmt"
	"os"
	"sync"
	"time"
)

// reloadedPair serves a certificate and reads it again when its files change. A pair that does not fit keeps the last.
type reloadedPair struct {
	cert, key string
	mu        sync.Mutex
	looked    time.Time
	stamp     [2]time.Time
	pair      *tls.Certificate
}

// lookEvery bounds how often the files are looked at.
const lookEvery = time.Second

func newReloadedPair(cert, key string) (*reloadedPair, error) {
	p := &reloadedPair{cert: cert, key: key}
	if err := p.load(); err != nil {
		return nil, fmt.Errorf("tls: %w", err)
	}
	return p, nil
}

// config is how our listeners speak TLS: 1.3, or 1.2 with what BCP 195 (RFC 9325, 4.2) recommends and nothing else, which
// FAPI 2.0 demands (5.2.2). What is left out is CBC, which no browser of the last ten years needs.
func (p *reloadedPair) config() *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12, GetCertificate: p.get, NextProtos: []string{"h2", "http/1.1"},
		CipherSuites: []uint16{ // of TLS 1.2; those of 1.3 are not chosen
			tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
			tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
			tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
		},
	}
}

func (p *reloadedPair) load() error {
	stamp, err := p.stamps()
	if err != nil {
		return err
	}
	if p.pair != nil && stamp == p.stamp {
		return nil
	}
	pair, err := tls.LoadX509KeyPair(p.cert, p.key)
	if err != nil {
		return err
	}
	p.pair, p.stamp = &pair, stamp
	return nil
}

func (p *reloadedPair) stamps() (stamp [2]time.Time, err error) {
	for i, name := range []string{p.cert, p.key} {
		info, err := os.Stat(name)
		if err != nil {
			return stamp, err
		}
		stamp[i] = info.ModTime()
	}
	return stamp, nil
}

func (p *reloadedPair) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if now := time.Now(); now.Sub(p.looked) > lookEvery {
		p.looked = now
		_ = p.load() // half-written files are read again a second later; the last good pair serves meanwhile
	}
	return p.pair, nil
}
