// Package app reads and checks configuration, chooses implementations, assembles the gateway, starts and stops it, and
// runs the commands. It is the only package that knows configuration, and the only one that knows everybody.
//
//	config.go      what gateway.yaml says            gateway.go     the assembly
//	protocols.go   protocols, one line each          connectors.go  sources, one line each
//	serve.go       listeners, health, the end        metrics.go     what is counted
//	load.go        files into the registry           commands.go    check, apply, audit verify
//	demo.go        the demo, its people and sites    explain.go     explain
package app
