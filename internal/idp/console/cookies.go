package console

import "ecluse/internal/web"

// Needed lists the cookies without which nobody can work at the desk.
func Needed() []web.Cookie { return []web.Cookie{sessionCookie(), entryCookie()} }
