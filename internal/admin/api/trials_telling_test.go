package api_test

import (
	"ecluse/internal/admin/frame"
	"ecluse/internal/admin/telling"
	"ecluse/internal/desk/desktest"
)

// ofTelling are about what people of the collège are told of a service.
func ofTelling() []trial {
	const here, one, there = "services/{id}/notices", "services/lire/notices", "?uai=" + string(desktest.College)
	given := object{"uai": desktest.College, "to": "guardians", "on": "2026-11-20", "how": "ent"}
	return []trial{
		get("/services/{id}/notice", "/services/lire/notice"+there+"&to=guardians", "of the collège"),
		get("/services/{id}/notices", "/services/lire/notices"+there, "of the collège"),
		send("POST", "/services/{id}/notices", "/services/lire/notices", "of the collège", given),
		look(here, one+there, "of the collège"),
		look(here+"/{pour}", one+"/familles"+there, "of the collège"),
		look(here+"/{pour}/texte", one+"/familles/texte"+there, "of the collège"),
		postTo(here, one, "of the collège", "uai=0280202T&pour=guardians&jour=2026-11-20&maniere=ent"),
	}
}

func (f *front) mountTelling(around *frame.Frame) { telling.Mount(f.mux, around) }
