package api_test

import (
	"time"

	"ecluse/internal/desk/desktest"
	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// leaks are the records of the table's academy: one of the whole, one of the collège.
func leaks() []registry.Incident {
	at := desktest.Start()
	record := func(id string, uais ...person.UAI) registry.Incident {
		return registry.Incident{
			ID: id, Title: "Liste publiée", Natures: []registry.Nature{registry.Confidentiality}, Services: []string{"lire"}, UAIs: uais, Known: at, From: at.Add(-time.Hour),
			State: registry.IncidentOpen, Opened: at, Steps: []registry.IncidentStep{{At: at, Word: registry.StepOpened, Office: "DPD", By: author}},
		}
	}
	whole := record("academy")
	whole.Academy = desktest.Academy
	return []registry.Incident{whole, record("college", desktest.College)}
}

// ofIncidents are the buttons and the records: of the academy, and of one school.
func ofIncidents() []trial {
	because := object{"reason": "comptes volés"}
	record := func(more object) object {
		out := object{"title": "Liste publiée", "natures": []string{"confidentiality"}, "services": []string{"lire"}}
		for k, v := range more {
			out[k] = v
		}
		return out
	}
	there := object{"uais": []string{string(desktest.College)}}
	return []trial{
		get("/suspensions", "", ""),
		send("PUT", "/suspensions/{kind}/{id}", "/suspensions/service/calcul", "a service", because),
		send("PUT", "/suspensions/{kind}/{id}", "/suspensions/source/ent", "a source", because),
		send("PUT", "/suspensions/{kind}/{id}", "/suspensions/establishment/"+string(desktest.College), "the collège", because),
		send("PUT", "/suspensions/{kind}/{id}", "/suspensions/establishment/"+string(desktest.Ecole), "the école", because),
		send("PUT", "/suspensions/{kind}/{id}", "/suspensions/appointment/support", "a mandate over the academy", because),
		send("PUT", "/suspensions/{kind}/{id}", "/suspensions/appointment/assistant", "a mandate over the collège", because),
		send("PUT", "/suspensions/{kind}/{id}", "/suspensions/holder/nobody", "a handle", because),
		send("DELETE", "/suspensions/{kind}/{id}", "/suspensions/service/arrete", "a service", because),
		send("DELETE", "/suspensions/{kind}/{id}", "/suspensions/establishment/"+string(desktest.College), "that is not stopped", because),
		get("/incidents", "", ""),
		send("POST", "/incidents", "", "of the academy", record(nil)),
		send("POST", "/incidents", "", "of the collège", record(there)),
		get("/incidents/{id}", "/incidents/academy", "of the academy"),
		get("/incidents/{id}", "/incidents/college", "of the collège"),
		send("PUT", "/incidents/{id}", "/incidents/college", "", record(there), "If-Match", "*"),
		send("POST", "/incidents/{id}/steps", "/incidents/college/steps", "", object{"word": "noted", "text": "vu"}),
		send("POST", "/incidents/{id}/close", "/incidents/college/close", "", because),
		get("/incidents/{id}/notification", "/incidents/academy/notification", "of the academy"),
		get("/incidents/{id}/notification", "/incidents/college/notification?format=markdown", "of the collège"),
	}
}
