// Package otelx stands in for the part of github.com/ory/x/otelx that fosite uses.
package otelx

import (
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// End ends span, first marking it as failed when *err is set. It is meant for `defer otelx.End(span, &err)`.
func End(span trace.Span, err *error) {
	if err != nil && *err != nil {
		span.SetStatus(codes.Error, (*err).Error())
	}
	span.End()
}
