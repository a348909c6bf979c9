// Package casserver speaks CAS 3.0 to services: the sign-in, the service ticket, and its validation.
package casserver
