package api

import (
	"context"
	"net/http"

	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// Attached names a document by the hash of its content.
type Attached struct {
	Hash string `json:"hash" doc:"SHA-256, 64 hex: what declarations refer to it by"`
}

// file is a document on its way out: saved and not shown, whatever it holds.
type file struct {
	Status      int
	Type        string `header:"Content-Type"`
	Disposition string `header:"Content-Disposition"`
	Policy      string `header:"Content-Security-Policy"`
	ETag        string `header:"ETag"`
	Body        []byte
}

// inert is a policy under which nothing in a document runs, loads or sends anything.
const inert = "sandbox; default-src 'none'; frame-ancestors 'none'"

func (s *surface) mountDocuments() {
	add(s, kind{
		method: http.MethodPost, path: "/documents", id: "attach-document", tag: "documents", status: http.StatusCreated,
		summary: "Keep a paper's content under its hash: at most 20 MB; PDF, ODT, DOCX, PNG, JPEG or plain text",
		about:   "The body is the content as it is. What it is, is told by what it holds. Nobody reads it before a declaration refers to it.",
		body:    registry.MaxFile,
	}, s.attach)
	add(s, kind{
		method: http.MethodGet, path: "/documents/{hash}", id: "get-document", tag: "documents", conditional: true,
		summary: "The content of a paper of a declaration, for those whom it binds and those who look after it",
		out: []string{
			"application/pdf", "image/png", "image/jpeg", "text/plain", "application/vnd.oasis.opendocument.text",
			"application/vnd.openxmlformats-officedocument.wordprocessingml.document",
		},
	}, s.document)
}

func (s *surface) attach(ctx context.Context, c roles.Caller, in *struct {
	Kind    registry.DocumentKind `query:"kind" required:"true" enum:"contract,terms,dpia,council_act,decision,other"`
	RawBody []byte                `contentType:"application/octet-stream"`
},
) (*single[Attached], error) {
	hash, err := s.Desk.Attach(ctx, c, string(in.Kind), in.RawBody)
	if err != nil {
		return nil, err
	}
	return wrote(http.StatusCreated, Attached{hash}, hash), nil
}

func (s *surface) document(ctx context.Context, c roles.Caller, in *struct {
	Hash string `path:"hash" pattern:"^[0-9a-f]{64}$"`
	IfNoneMatch
},
) (*file, error) {
	f, err := s.Desk.Content(ctx, c, in.Hash)
	if err != nil {
		return nil, err
	}
	out := &file{
		Status: http.StatusOK, Type: f.Type, ETag: quoted(f.Hash), Policy: inert, Body: f.Body,
		Disposition: `attachment; filename="` + f.Hash[:16] + ending(f.Type) + `"`,
	}
	if fresh(f.Hash, in.IfNoneMatch.IfNoneMatch) {
		out.Status, out.Body = http.StatusNotModified, nil
	}
	return out, nil
}

func ending(media string) string {
	switch media {
	case "application/pdf":
		return ".pdf"
	case "image/png":
		return ".png"
	case "image/jpeg":
		return ".jpg"
	case "text/plain; charset=utf-8":
		return ".txt"
	case "application/vnd.oasis.opendocument.text":
		return ".odt"
	case "application/vnd.openxmlformats-officedocument.wordprocessingml.document":
		return ".docx"
	default:
		return ".bin"
	}
}
