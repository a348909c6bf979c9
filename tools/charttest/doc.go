// Package charttest holds the tests of the chart in deploy/helm, and nothing
// else. It renders the chart with the real Helm and reads every object back
// into the types of the Kubernetes API, strictly: a misspelt or doubled field,
// which Helm lets through and a cluster drops in silence, fails here.
//
// It lives in the tools module so that the gateway's own module does not carry
// the Kubernetes libraries. Helm is expected in .cache/bin, where `make chart`
// builds it.
package charttest
