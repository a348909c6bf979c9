package app

import "ecluse/internal/admin/mails"

// mountMails adds the page of what offices were told by mail.
func (g *gateway) mountMails() { mails.Mount(g.mux, g.frame, g.mails != nil) }
