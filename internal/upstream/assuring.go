package upstream

// Assuring is a connector whose way of signing people in is always the same.
type Assuring interface {
	// Assurance lists what its assertions can say of that: authentication context classes, or our words for levels.
	Assurance() []string
}

// Asking is a connector whose source can be asked for a way of signing in that a service needs.
type Asking interface {
	// Contexts gives the source's own words for those of the needs that it was registered with: authentication context classes,
	// or our words for levels, as registry.Source.Assurance and the connector's settings list them. None are assumed.
	Contexts(needs, registered []string) []string
}

// Strong is a connector whose source can be asked for a strong factor, so that somebody whom it signed in confirms an act.
type Strong interface {
	// StrongFactor lists the source's own words for one: authentication context classes (SAML Core 3.3.2.2.1), or values of acr
	// (OpenID Connect Core 2). They are what its operator declared, and nothing is assumed: empty says that it has none.
	StrongFactor() []string
}
