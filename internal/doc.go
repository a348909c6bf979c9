// Package internal is the house; this page is its map. A sign-in is a chain of values, each of which can only be made
// from the one before it:
//
//	Assertion -> Person -> Grant -> Release -> Cleared -> answer
//
// Nouns and rules (no HTTP, no SQL, no clock of their own):
//
//	person    who has just signed in, and the mapping from what a source says to that
//	registry  services, declarations, who enables them where, who holds which office, rules, the catalogue; Snapshot, the
//	          view every decision reads. registry/manifest reads and writes files of them, registry/annuaire reads the
//	          ministry's list of schools, registry/headcounts how many pupils share a class, registry/register prints the
//	          register of art. 30
//	policy    may this person enter this service now; policy/conformity: what stands against approving a declaration
//	roles     who may do what at the desk: one table
//	attrs     what leaves: the release engine, the pseudonym, each service's own words; attrs/dictionary: every word there is
//	stepup    by which second means somebody at the desk shows that it is them, and for which one act they did
//	keybook   which keys mean one person, so that a pseudonym lasts through schools and sources; keybook/pairs reads an
//	          operator's list of them
//	accounts  temporary accounts for people whom no source knows; the one place where a name is kept
//	rights    what people ask of whoever answers for their data: requests, their due dates, what of them is sealed
//	notice    what families, staff, council and collectivité are told of a service, from its declaration (art. 13 and 14)
//	tally     how often services are entered, month by month, without what would be about so few people that it says who
//	notify    who is told what by mail, and when: functions, never persons; the contract of the outbox
//	incident  what the law wants of a breach: the 72 hours, how many people were sent what, whom to warn, the notification
//	guardian  what somebody who looks after a child may look at and do for that child today, and what a school closed
//	charter   which charter holds in a school, who is asked to read it and who has
//	consent   what is asked of whom before anything leaves, what each said, receipts; nothing is cleared that the journal
//	          does not have. consent/papers: lists of what was said on paper
//
// The thread:
//
//	login     one sign-in from request to answer, the session, the way out
//	desk      one act in the register: asked of roles, examined, written with its journal entry
//	app       configuration, assembly, start and stop; it alone knows everything
//
// Edges:
//
//	idp       the contract of a protocol toward services; samlidp, oidcop, casserver; console lets people in to the desk;
//	          idptest plays one story through each
//	upstream  the contract of an identity source; ldap, samlsp, oidcrp, demo, and local with temporary accounts;
//	          upstream/typed has the pages on which people type who they are, upstream/settings reads what is registered of a
//	          source
//	federation  metadata of others: whole federations, MDQ, single entities; kept, kept fresh, one entity given when asked
//	store     the contract of everything short-lived; sqldb, redisdb, memdb; storetest tries each
//	admin     explanations for administrators: why somebody enters or does not, what would leave. Below it, the desk's pages:
//
//	  frame       what they all share             home        what waits, and the search
//	  sheets      what a head decides on          wizard      writing a declaration, connecting a service
//	  review      examining a version, deciding   bulk        one act for many
//	  places      establishments, sources         lists       whole lists of them, and of classes
//	  rules       rules, charters, keys           offices     appointments and delegations
//	  numbers     the numbers of sectors          telling     what a school tells its people of a service
//	  incidents   the button that stops; records  requests    what people ask about their data
//	  inquiries   which services somebody used    journal     what happened
//	  calendar    what will end                   beginnings  what begins
//	  stats       how often services are entered  mails       what offices were told by mail
//	  access      the page about oneself          factors     one's second means
//	  simulator   what would leave, and why       api         the desk as JSON, for programs
//
//	portal    the signed-in person's own pages: what they may open, what was sent of them and who looked, their children;
//	          portal/mediacentre tells an ENT what it may show, portal/published is the public register
//	handbook  the texts of docs, as pages of the product
//	notices   what the gateway says of itself: whose it is, what becomes of data, how accessible it is, help; it needs no store
//	canary    a second pair of eyes on what was really sent; it does not trust the engine
//	demo      the demo's outside world: relying parties and an ENT on sites of their own
//
// Tools (they import nothing of ours):
//
//	saml      SAML 2.0 on the wire       web    the HTTP kit        keys   the key ring, keys/libcrypto OpenSSL's signatures
//	audit     the journal                strictyaml  files that refuse what they do not know
//	fetch     the one outbound client: metadata and key sets by address come through it
//	pictures  the pictures of services
//	mail      one mail to a relay by SMTP, and what comes back
//
// Tests stand beside what they try. What several rooms need for theirs is in a room whose name ends in test: desktest is an
// academy with its desk, idptest a gateway around one protocol, storetest real databases, webtest a kit for pages. Two rooms
// hold tests alone: browsertest has Chromium play the demo, interop has Shibboleth, mod_auth_mellon, SimpleSAMLphp and
// pysaml2 sign in and out.
//
// Outside this folder: cmd/gateway has the words of the command line, configs what comes with the program (rules, catalogue,
// the demo), docs what people read, deploy the Helm chart, tools what only tests need, with dependencies of its own.
//
// Who may import whom is law, and imports_test.go holds everybody to it. The bans in short: a protocol never imports
// person; an edge may import another edge's contract, never its implementation, and never login; nothing but app knows
// configuration. Read in this order: this page, login/flow.go, policy/gate.go, roles/table.go,
// idp/idp.go.
package internal
