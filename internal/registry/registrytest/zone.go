package registrytest

import (
	"time"
	_ "time/tzdata" // tests run on machines without zone files too
)

// Paris is where most académies are.
func Paris() *time.Location {
	zone, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		panic(err)
	}
	return zone
}
