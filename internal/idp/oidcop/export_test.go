package oidcop

import (
	"fmt"

	"ecluse/internal/web"
)

// Shared is what all requests are told of, as text: whoever writes into it is seen.
func (p *Provider) Shared() string {
	return fmt.Sprintf("%+v %+v %v", *p.shared, *p.prompts, p.scoped)
}

// ScreenSpecimens are the pages for screens, full, for one audience.
func ScreenSpecimens() map[string]func(web.Audience) any {
	wrong := "Vérifiez les huit lettres."
	return map[string]func(web.Audience) any{
		"oidc/appareil": func(a web.Audience) any {
			return codePage{Frame: web.Frame{Audience: a}, Action: screenPath, Typed: "BBBB", Wrong: wrong, Errors: []web.InputError{{Name: "code", Text: wrong}}}
		},
		"oidc/question": func(a web.Audience) any {
			return questionPage{Frame: web.Frame{Audience: a}, Action: answerPath, Code: "BCDF-GHJK", Service: "Classe", Screen: "le tableau"}
		},
		"oidc/fini": func(a web.Audience) any { return endPage{Frame: web.Frame{Audience: a}, Done: true, Again: screenPath} },
	}
}
