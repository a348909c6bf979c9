package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"ecluse/internal/admin"
	"ecluse/internal/audit"
	"ecluse/internal/desk"
	"ecluse/internal/roles"
	"ecluse/internal/web"
)

// Base is where the interface begins; every route of it stands below.
const Base = "/api/v1"

// Programs is the path below which errors are written for programs; it goes to web.Config.
const Programs = "/api/"

// Sessions finds who is signed in at the desk.
type Sessions interface {
	// Caller gives who is signed in; ok is false for nobody. An error says that nobody can tell at the moment.
	Caller(r *http.Request) (c roles.Caller, ok bool, err error)
}

// Config is what the interface is made of. Desk is required.
type Config struct {
	Desk     *desk.Desk
	Sessions Sessions     // nil means that tokens alone let in
	Journal  audit.Reader // nil leaves the journal's route out
	Now      func() time.Time

	Simulator *admin.Simulator // nil leaves the simulations' route out
	Personas  admin.Personas   // about whom it answers
}

// surface is the interface being mounted.
type surface struct {
	Config
	mux  *web.Mux
	huma huma.API
}

// Mount adds every route to the mux.
func Mount(mux *web.Mux, c Config) {
	if c.Now == nil {
		c.Now = time.Now
	}
	s := &surface{Config: c, mux: mux}
	s.huma = huma.NewAPI(s.description(), adapter{mux})
	s.huma.UseMiddleware(s.authenticate)
	s.mountMe()
	s.mountServices()
	s.mountDeclarations()
	s.mountMoves()
	s.mountReviews()
	s.mountNotices()
	s.mountEnablings()
	s.mountWishes()
	s.mountEstablishments()
	s.mountSources()
	s.mountAccess()
	s.mountTokens()
	s.mountFactors()
	s.mountMails()
	s.mountAccounts()
	s.mountInquiries()
	s.mountRights()
	s.mountGuardians()
	s.mountIncidents()
	s.mountFamilies()
	s.mountCharters()
	s.mountAgreements()
	s.mountRules()
	s.mountCatalogue()
	s.mountDocuments()
	s.mountRegister()
	if c.Simulator != nil {
		s.mountSimulations()
	}
	if c.Journal != nil {
		s.mountJournal()
		s.mountJournalEntry()
		s.mountStatistics()
	}
	s.mountDocument()
}

// kind says what sort of route an operation is; it decides which errors are described and what is asked of a request.
type kind struct {
	method, path string // path below Base
	id           string // operationId
	tag          string
	summary      string
	about        string   // more than the summary says
	status       int      // of success; 200 when 0
	body         int64    // the largest body in bytes; 1 MB when 0
	out          []string // media types of an answer that is no JSON
	public       bool     // nobody need be known
	conditional  bool     // a read that may be answered by 304
	errors       []int    // that may come besides 401, 403, 404 and 422
}

// add registers one operation. do gets whoever calls.
func add[I, O any](s *surface, k kind, do func(ctx context.Context, c roles.Caller, in *I) (*O, error)) {
	huma.Register(s.huma, s.operation(k), func(ctx context.Context, in *I) (*O, error) {
		at := callOf(ctx)
		out, err := do(ctx, at.caller, in)
		if err != nil {
			at.fault = toFault(err, at.r)
			return nil, nil // the mux writes the fault
		}
		return out, nil
	})
}

func (s *surface) operation(k kind) huma.Operation {
	op := huma.Operation{
		OperationID: k.id, Method: k.method, Path: Base + k.path, Tags: []string{k.tag}, Summary: k.summary,
		Description: k.about, DefaultStatus: k.status, MaxBodyBytes: k.body, BodyReadTimeout: readWithin,
		Responses: map[string]*huma.Response{},
	}
	if op.MaxBodyBytes == 0 {
		op.MaxBodyBytes = usualBody
	}
	op.MaxBodyBytes++ // the library refuses a body that reaches its limit
	if k.public {
		op.Security = []map[string][]string{}
	}
	s.describeErrors(&op, k)
	return op
}

// How much of a body is read, and for how long.
const (
	usualBody  = 1 << 20
	readWithin = time.Minute
)
