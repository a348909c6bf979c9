// Package browsertest plays the demonstration in a real browser. It holds tests only: Debian's Chromium, driven over the
// DevTools protocol, walks the sign-ins and refusals that people will meet, and what a page does wrong fails the test: an
// exception, a violated content policy, a request to a stranger, an accessibility rule broken, text that leaves a phone's
// screen.
//
// It owns no behaviour. What a sign-in decides is tested where it is decided; here is only what a browser alone can tell.
//
// The tests need the Debian package chromium, and axe-core, which `make setup` installs from tools/package.json. Pictures
// of every page are written to the folder that ECLUSE_SCREENSHOTS names, and with it those in docs/screenshots anew.
package browsertest
