package oidcop

// requestAlgs are those that sign request objects.
func requestAlgs() []string { return []string{"PS256", "ES256", "RS256", "EdDSA"} }
