package ldap

import (
	"context"

	"ecluse/internal/registry"
)

// Probe implements upstream.Connector. It opens a connection of its own, so that it tells how things are now and not
// how a kept connection fares.
func (c *Connector) Probe(ctx context.Context) []registry.Finding {
	l, err := c.settings.connect(ctx)
	if err != nil {
		return []registry.Finding{{
			Where: "settings.url", What: withoutDiagnosis(err).Error(), Mend: "check the address, the port and ca_file",
		}}
	}
	defer func() { _ = l.Close() }()
	password, err := c.settings.bindPassword()
	if err == nil {
		err = l.Bind(c.settings.BindDN, password)
	}
	if err != nil {
		return []registry.Finding{{
			Where: "settings.bind_dn", What: "the service account cannot bind: " + withoutDiagnosis(err).Error(),
			Mend: "check bind_dn and bind_password_file",
		}}
	}
	var findings []registry.Finding
	for _, base := range []struct{ key, dn string }{
		{"base_dn", c.settings.BaseDN}, {"structures_base_dn", c.settings.StructuresBaseDN},
	} {
		if err := l.sees(base.dn); err != nil {
			findings = append(findings, registry.Finding{
				Where: "settings." + base.key, What: "this base cannot be used: " + withoutDiagnosis(err).Error(),
			})
		}
	}
	return findings
}

// Close implements upstream.Connector.
func (c *Connector) Close() error {
	c.directory.close()
	return nil
}
