// Package app reads and checks configuration, chooses implementations, assembles the gateway, starts and stops it, and
// runs the commands. It is the only package that knows configuration, and the only one that knows everybody.
//
// What gateway.yaml says is in config.go, and in the file of what it is about where that is one thing (mailconfig.go,
// metadata.go, samlabout.go). Then:
//
//	gateway.go     the assembly; protocols.go and connectors.go are its choices, one line each
//	portal.go      what of the signed-in person's pages is mounted; bureau.go and bureau_*.go what of the desk's
//	serve.go       listeners, health, the end
//	metrics.go     what is counted; log.go how it is told
//	stops.go       what is done without being asked: the same goes for forget.go, keyfollow.go, mails.go and watch.go
//	load.go        what files say, examined; plan.go what that would change
//	commands.go    check and audit verify; files.go has apply and diff, and each other command a file of its name
//	demo.go        the demo, its people and sites
//
// Most of the others join rooms that may not know each other, with a small type that has the method which one of them wants.
package app
