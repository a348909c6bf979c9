package upstream

// Assuring is a connector whose way of signing people in is always the same.
type Assuring interface {
	// Assurance lists what its assertions can say of that: authentication context classes, or our words for levels.
	Assurance() []string
}
