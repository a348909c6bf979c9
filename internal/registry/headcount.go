package registry

import "ecluse/internal/person"

// Headcount says how many pupils are in each class and group of one establishment: numbers, no pupil. With it the gateway
// knows which label stands for so few that it names them. It is imported; an establishment without one is not counted.
type Headcount struct {
	UAI       person.UAI     `json:"uai"`
	On        Date           `json:"on"`                // the day it was counted
	Classes   map[string]int `json:"classes,omitempty"` // by the label as the source writes it
	Groups    map[string]int `json:"groups,omitempty"`
	ManagedBy string         `json:"managed_by,omitempty"`
}
