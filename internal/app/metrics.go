package app

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"ecluse/internal/canary"
	"ecluse/internal/keys"
	"ecluse/internal/login"
	"ecluse/internal/policy"
	"ecluse/internal/rights"
	"ecluse/internal/web"
)

// metrics counts what happens, in a registry of its own. Every label comes from a closed list: no person, no service,
// no establishment.
type metrics struct {
	registry  *prometheus.Registry
	decisions *prometheus.CounterVec
	signIns   *prometheus.CounterVec
	requests  *prometheus.HistogramVec
	work      *prometheus.HistogramVec
	panics    prometheus.Counter
	faults    *prometheus.CounterVec
	stale     prometheus.Counter
	reasons   []string
	revision  prometheus.Gauge
	watched   [3]prometheus.Counter // by canary.Outcome
	breaches  *prometheus.CounterVec
	unwritten prometheus.Gauge
	waiting   prometheus.Gauge // requests of people that wait for an answer
	overdue   prometheus.Gauge
	keySince  *prometheus.GaugeVec
	certUntil *prometheus.GaugeVec
}

var (
	_ login.Meter  = (*metrics)(nil)
	_ canary.Meter = (*metrics)(nil)
)

func newMetrics(version string) *metrics {
	m := &metrics{registry: prometheus.NewRegistry(), reasons: login.Reasons()}
	m.decisions = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "ecluse_decisions_total", Help: "Decisions by outcome and reason.",
	}, []string{"outcome", "reason"})
	m.signIns = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "ecluse_sign_ins_total", Help: "Sign-ins by protocol of the service and outcome; an outcome sign_out_… is what became of a session there when somebody left.",
	}, []string{"protocol", "outcome"})
	m.requests = prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "http_server_request_duration_seconds", Help: "Time to answer, by route.",
		Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10},
	}, []string{"http_route", "http_request_method", "http_response_status_code"})
	m.work = prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "ecluse_work_duration_seconds", Help: "Time of our own work in a sign-in, by stage; people's thinking is not in it.",
		Buckets: []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .025, .1, 1},
	}, []string{"stage"})
	m.panics = prometheus.NewCounter(prometheus.CounterOpts{Name: "ecluse_panics_total", Help: "Requests that ended in a bug of ours."})
	m.faults = prometheus.NewCounterVec(prometheus.CounterOpts{Name: "ecluse_errors_total", Help: "Error pages by class."}, []string{"code"})
	m.stale = prometheus.NewCounter(prometheus.CounterOpts{Name: "ecluse_registry_read_failures_total", Help: "Looks at the registry that failed."})
	m.revision = prometheus.NewGauge(prometheus.GaugeOpts{Name: "ecluse_registry_revision", Help: "Revision of the registry that decisions read."})
	info := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "ecluse_build_info", Help: "1, with the version as a label.", ConstLabels: prometheus.Labels{"version": version},
	})
	info.Set(1)
	m.registry.MustRegister(m.decisions, m.signIns, m.requests, m.work, m.panics, m.faults, m.stale, m.revision, info,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.canary()
	m.requestsOfPeople()
	m.ageOfKeys()
	for _, reason := range policy.Reasons() {
		m.decisions.WithLabelValues("refused", string(reason))
	}
	m.decisions.WithLabelValues("released", "informed")
	return m
}

// Decision implements login.Meter. A reason outside the list would be a label without end.
func (m *metrics) Decision(outcome, reason string) {
	if outcome == "refused" && !slices.Contains(m.reasons, reason) {
		reason = "other"
	}
	m.decisions.WithLabelValues(outcome, reason).Inc()
}

// SignIn implements login.Meter.
func (m *metrics) SignIn(protocol, outcome string) {
	m.signIns.WithLabelValues(protocol, outcome).Inc()
}

// Took implements login.Meter.
func (m *metrics) Took(stage string, d time.Duration) {
	m.work.WithLabelValues(stage).Observe(d.Seconds())
}

func (m *metrics) observe(_ context.Context, x web.Exchange) {
	route := x.Pattern
	if route == "" {
		route = "none"
	}
	m.requests.WithLabelValues(route, x.Method, strconv.Itoa(x.Status)).Observe(x.Took.Seconds())
}

// canary adds what the canary counts. Which service a breach was about stands in the journal and the log.
func (m *metrics) canary() {
	watched := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "ecluse_canary_messages_total", Help: "Messages to services: looked at again, passed over, or dropped because the queue was full.",
	}, []string{"outcome"})
	m.breaches = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "ecluse_canary_breaches_total", Help: "Messages that held what their declaration does not cover, by protocol and kind.",
	}, []string{"protocol", "kind"})
	m.unwritten = prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "ecluse_canary_unwritten", Help: "Services that this replica alone refuses, because their suspension could not be written yet.",
	})
	m.registry.MustRegister(watched, m.breaches, m.unwritten)
	for outcome, label := range map[canary.Outcome]string{canary.Looked: "looked", canary.PassedOver: "passed_over", canary.Dropped: "dropped"} {
		m.watched[outcome] = watched.WithLabelValues(label)
	}
	for _, protocol := range []string{"saml", "oidc", "cas"} {
		for _, kind := range canary.Kinds() {
			m.breaches.WithLabelValues(protocol, string(kind))
		}
	}
}

// requestsOfPeople adds how many wait for an answer. Every replica counts the same ones.
func (m *metrics) requestsOfPeople() {
	m.waiting = prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "ecluse_rights_pending", Help: "Requests of people about their data that wait for an answer.",
	})
	m.overdue = prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "ecluse_rights_overdue", Help: "Those of them whose last day is over.",
	})
	m.registry.MustRegister(m.waiting, m.overdue)
}

// ageOfKeys adds how old the keys are and when their certificates end. Instants do not age between two looks: a rule
// compares them with the clock.
func (m *metrics) ageOfKeys() {
	labels := []string{"use", "state"}
	m.keySince = prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "ecluse_key_since_timestamp_seconds", Help: "When a key entered its state (next, active, previous), by use.",
	}, labels)
	m.certUntil = prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "ecluse_certificate_not_after_timestamp_seconds", Help: "When the certificate of a published key ends, by use.",
	}, labels)
	m.registry.MustRegister(m.keySince, m.certUntil)
}

// keys says which keys there are. Of several previous ones of a use the last one counts.
func (m *metrics) keys(list []keys.Key) {
	m.keySince.Reset()
	m.certUntil.Reset()
	for _, k := range list {
		m.keySince.WithLabelValues(string(k.Use), string(k.State)).Set(float64(k.Since.Unix()))
		if !k.Until.IsZero() {
			m.certUntil.WithLabelValues(string(k.Use), string(k.State)).Set(float64(k.Until.Unix()))
		}
	}
}

// asked says how many requests wait.
func (m *metrics) asked(c rights.Counts) {
	m.waiting.Set(float64(c.Pending))
	m.overdue.Set(float64(c.Overdue))
}

// Watched implements canary.Meter.
func (m *metrics) Watched(outcome canary.Outcome) { m.watched[outcome].Inc() }

// Breached implements canary.Meter.
func (m *metrics) Breached(protocol string, kind canary.Kind) {
	m.breaches.WithLabelValues(protocol, string(kind)).Inc()
}

// Unwritten implements canary.Meter.
func (m *metrics) Unwritten(stops int) { m.unwritten.Set(float64(stops)) }
