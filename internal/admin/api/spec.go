package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"

	"ecluse/internal/admin"
	"ecluse/internal/registry"
	"ecluse/internal/registry/annuaire"
	"ecluse/internal/roles"
	"ecluse/internal/web"
)

// description is what the document says besides the operations, and how values are written.
func (s *surface) description() huma.Config {
	schemas := huma.NewMapRegistry("#/components/schemas/", schemaName)
	schemas.RegisterTypeAlias(reflect.TypeFor[registry.Date](), reflect.TypeFor[dateText]())
	schemas.RegisterTypeAlias(reflect.TypeFor[registry.Severity](), reflect.TypeFor[severityText]())
	c := huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{
				Title: "Écluse", Version: "1", Description: about,
				License: &huma.License{Name: "Apache-2.0", Identifier: "Apache-2.0"},
			},
			Servers:    []*huma.Server{{URL: "/"}},
			Tags:       tags(),
			Security:   []map[string][]string{{"token": {}}, {"session": {}}},
			Components: s.components(schemas),
		},
		Formats:                      map[string]huma.Format{"application/json": jsonFormat(), "json": jsonFormat()},
		DefaultFormat:                "application/json",
		RejectUnknownQueryParameters: true,
		Transformers:                 []huma.Transformer{catch},
	}
	c.FieldsOptionalByDefault = true // what is missing is the desk's to say, with everything else that is wrong
	return c
}

// schemaName is the type's name; what is wrong with a row of a list, and the parts of an explanation, have names that others
// have too.
func schemaName(t reflect.Type, hint string) string {
	if t == reflect.TypeFor[annuaire.Problem]() {
		return "RowProblem"
	}
	whole := reflect.TypeFor[admin.Explanation]()
	if t.Name() != whole.Name() && t.PkgPath() == whole.PkgPath() {
		return whole.Name() + t.Name()
	}
	return huma.DefaultSchemaNamer(t, hint)
}

const about = `The desk of the gateway, for programs: who answers for a service, where, for whom and until when.

Every route checks the same roles as the pages do. Times are RFC 3339 in UTC; dates are yyyy-mm-dd, and as an end they
mean the end of that day in the academy's time zone. Errors are problem details (RFC 9457). Single objects carry an ETag:
send it back in If-Match, and a second writer is told (412) instead of undoing the first one's work.`

func jsonFormat() huma.Format {
	return huma.Format{Marshal: huma.DefaultJSONFormat.Marshal, Unmarshal: huma.DefaultJSONFormat.Unmarshal}
}

// dateText describes registry.Date: an empty text is no date.
type dateText string

// Schema describes a date.
func (dateText) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{
		Type: huma.TypeString, Pattern: `^(\d{4}-\d{2}-\d{2})?$`, PatternDescription: "yyyy-mm-dd, or nothing for no date",
		Examples: []any{"2027-08-31"},
	}
}

// severityText describes registry.Severity.
type severityText string

// Schema describes a severity.
func (severityText) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Enum: []any{
		registry.Blocking.String(), registry.ToJustify.String(), registry.Note.String(),
	}}
}

func tags() []*huma.Tag {
	var out []*huma.Tag
	for _, t := range [][2]string{
		{"me", "who calls, and what waits for them"},
		{"services", "what people sign in to"},
		{"declarations", "the register entries that open services, version by version"},
		{"acts", "the steps in the life of a version"},
		{"enablings", "where the controller of each establishment stands; crisis openings"},
		{"wishes", "what staff would like to have"},
		{"inquiries", "which services a person used: asked by a data-protection officer, confirmed by a second person"},
		{"rights", "what people ask of whoever answers for their data, and by when it is answered"},
		{"charters", "what a school says of how digital services are used there, and how many have read it"},
		{"families", "new numbers for a sector whose list got out: asked by one person, confirmed by another"},
		{"establishments", "schools and services académiques"},
		{"incidents", "stopping at once, and the records of what went wrong with people's data"},
		{"sources", "directories, ENTs and federations that say who somebody is"},
		{"access", "appointments, delegations, tokens"},
		{"accounts", "temporary accounts for people whom no source knows"},
		{"rules", "what a lawyer may change in the examination of declarations"},
		{"catalogue", "models to start from, and tools that were assessed and refused"},
		{"documents", "attached papers, kept under their hash"},
		{"simulations", "what invented people would be let into, and what would be sent"},
		{"register", "the register of processing activities, and the journal"},
	} {
		out = append(out, &huma.Tag{Name: t[0], Description: t[1]})
	}
	return out
}

func (s *surface) components(schemas huma.Registry) *huma.Components {
	ref := schemas.Schema(reflect.TypeFor[Problem](), true, "Problem")
	out := &huma.Components{
		Schemas: schemas,
		SecuritySchemes: map[string]*huma.SecurityScheme{
			"token":   {Type: "http", Scheme: "bearer", Description: "A token of the desk, ecl_…, made at " + Base + "/tokens. It acts for whoever made it, within its scopes."},
			"session": {Type: "apiKey", In: "cookie", Name: sessionCookie, Description: "The sign-in at the desk. Changes need a JSON body or the header " + byHand + "."},
		},
		Responses: map[string]*huma.Response{},
	}
	for status, say := range answers() {
		out.Responses[answerName(status)] = &huma.Response{Description: say, Content: map[string]*huma.MediaType{
			"application/problem+json": {Schema: ref, Example: exampleOf(status)},
		}}
	}
	return out
}

// sessionCookie is the name of the cookie as browsers know it over TLS.
const sessionCookie = "__Host-bureau"

// answers says what each status means that is no success.
func answers() map[int]string {
	return map[int]string{
		http.StatusBadRequest:            "the body cannot be read",
		http.StatusUnauthorized:          "nobody is known: no token, or one that does not hold",
		http.StatusForbidden:             "the caller's roles do not allow it; who_may says whose would",
		http.StatusNotFound:              "not registered, or not for the caller to see",
		http.StatusConflict:              "the act does not fit what is there; the code says why, needs says what stands in the way",
		http.StatusPreconditionFailed:    "somebody else has changed it since the ETag was read",
		http.StatusRequestEntityTooLarge: "the body is larger than the route accepts",
		http.StatusUnsupportedMediaType:  "the body is of a kind that the route does not read",
		http.StatusUnprocessableEntity:   "the input has mistakes, all of them named; or the tool was assessed and refused",
		http.StatusPreconditionRequired:  "a write that replaces needs If-Match",
		http.StatusInternalServerError:   "something failed on our side",
	}
}

func answerName(status int) string {
	return strings.ReplaceAll(strings.ReplaceAll(http.StatusText(status), " ", ""), "-", "")
}

func exampleOf(status int) any {
	p := Problem{Title: http.StatusText(status), Status: status, Ref: "K7Q2-9FMZ", Code: "denied", Detail: answers()[status]}
	switch status {
	case http.StatusForbidden:
		p.Act, p.Why, p.WhoMay = roles.Approve, "role", []registry.Role{registry.HeadOfSchool, registry.DASEN, registry.Recteur}
	case http.StatusNotFound:
		p.Code = "not_found"
	case http.StatusConflict:
		p.Code, p.Needs = "opinion", []registry.Finding{{Where: "opinions", What: "no data-protection officer has examined this text"}}
	case http.StatusPreconditionFailed:
		p.Code = "changed"
	case http.StatusPreconditionRequired:
		p.Code = "if_match_required"
	case http.StatusUnprocessableEntity:
		p.Code, p.Errors = "invalid", []Mistake{{Pointer: "/items/2/justification", Message: "a justification is missing", Mend: "say why the service needs it"}}
	case http.StatusUnauthorized:
		p.Code = "unauthenticated"
	case http.StatusBadRequest:
		p.Code = "malformed"
	case http.StatusRequestEntityTooLarge:
		p.Code = "too_large"
	case http.StatusUnsupportedMediaType:
		p.Code = "media_type"
	default:
		p.Code = "internal"
	}
	p.Type = "urn:ecluse:problem:" + p.Code
	return p
}

// describeErrors says which errors an operation may give.
func (s *surface) describeErrors(op *huma.Operation, k kind) {
	list := append([]int{http.StatusInternalServerError}, k.errors...)
	if !k.public {
		list = append(list, http.StatusUnauthorized, http.StatusForbidden)
	}
	if strings.Contains(k.path, "{") {
		list = append(list, http.StatusNotFound)
	}
	if k.method != http.MethodGet && k.method != http.MethodDelete {
		list = append(list, http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
	}
	if k.method != http.MethodGet {
		list = append(list, http.StatusConflict)
	}
	list = append(list, http.StatusUnprocessableEntity)
	if k.conditional {
		op.Responses["304"] = &huma.Response{Description: "the ETag that is known is still the right one"}
	}
	if len(k.out) > 0 {
		op.Responses["200"] = &huma.Response{Description: "OK", Content: map[string]*huma.MediaType{}}
		for _, media := range k.out {
			op.Responses["200"].Content[media] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString}}
		}
	}
	slices.Sort(list)
	for _, status := range slices.Compact(list) {
		op.Responses[strconv.Itoa(status)] = &huma.Response{Ref: "#/components/responses/" + answerName(status)}
	}
}

// mountDocument serves the document that describes everything mounted before it. It is the same for everybody, and written
// when somebody first asks: a start need not wait for it.
func (s *surface) mountDocument() {
	schemas := s.huma.OpenAPI().Components.Schemas.Map()
	for _, name := range []string{"ErrorModel", "ErrorDetail"} {
		delete(schemas, name) // the library's form of an error, which nobody ever sees
	}
	for name, write := range map[string]func() ([]byte, error){
		"json": func() ([]byte, error) { return describe(s.huma) }, "yaml": s.huma.OpenAPI().YAML,
	} {
		once := sync.OnceValues(func() (web.Document, error) {
			body, err := write()
			return web.NewDocument("application/"+name, body), err
		})
		s.mux.Handle(web.Route{Method: http.MethodGet, Pattern: Base + "/openapi." + name, Handler: func(w http.ResponseWriter, r *http.Request) error {
			doc, err := once()
			if err != nil {
				return fmt.Errorf("the document that describes the interface: %w", err)
			}
			return doc.Serve(w, r)
		}})
	}
}

// describe is the description in the form that is committed: JSON, indented, always in the same order.
func describe(api huma.API) ([]byte, error) {
	compact, err := json.Marshal(api.OpenAPI())
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := json.Indent(&out, compact, "", "  "); err != nil {
		return nil, err
	}
	out.WriteByte('\n')
	return out.Bytes(), nil
}
