// Package browsertest plays the demonstration in a real browser. It holds tests only: Debian's Chromium, driven over the
// DevTools protocol, walks the sign-ins and refusals that people will meet, and what a page does wrong fails the test: an
// exception, a violated content policy, a request to a stranger, an accessibility rule broken, text that leaves a phone's
// screen.
//
// Three things are played: journeys, each told in code with what its pages must say, and walks (walks_*_test.go), a table of
// every page a person can meet with how to come there. Each page of the table is looked at in French and in the words for
// whoever comes by it, at 320 and 1280 px, in light and in dark, and gone through by keyboard; a page of the program that is
// not in the table fails the tests. For an album they are walked in English and in the other versions of the words too,
// which takes many times as long. To add a page, write a stop where a walk comes by it, or a walk.
//
// Stories (stories_*_test.go) are told over days by several people, each in a browser of their own: from a declaration to the
// pupil who arrives and back, one of them by keyboard alone and one without a script. Their pictures go to the album too.
//
// It owns no behaviour. What a sign-in decides is tested where it is decided; here is only what a browser alone can tell.
//
// The tests need the Debian package chromium, and axe-core, which `make setup` installs from tools/package.json. Pictures
// of the journeys are written to the folder that ECLUSE_SCREENSHOTS names, and with it those in docs/screenshots anew; those
// of the walks to the folder that ECLUSE_ALBUM names, with a page that shows them all (`make album`).
package browsertest
