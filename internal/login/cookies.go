package login

import "ecluse/internal/web"

// Needed lists the cookies without which nobody can sign in or stay signed in.
func Needed() []web.Cookie { return []web.Cookie{sessionCookie(), browserCookie(), wayOutCookie()} }

// Chosen lists the cookies that remember where somebody came from, by an ENT or a poster: whoever deletes them misses a way
// back and a preselected school, and nothing else.
func Chosen() []web.Cookie { return []web.Cookie{fromCookie(), schoolCookie()} }
