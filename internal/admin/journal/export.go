package journal

import (
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"ecluse/internal/admin/frame"
	"ecluse/internal/audit"
	"ecluse/internal/web"
)

// mostExported bounds a file; a longer list is fetched by periods.
const mostExported = 100_000

// writer writes the list in one form.
type writer interface {
	entry(e audit.Entry, hash audit.Hash) error
	end() error
}

// export writes the list as a file, part by part: no more than one part is in memory. Each line names its place in its chain
// and its hash, so that whoever has the journal, or another export, can hold one to the other.
func (p *pages) export(w http.ResponseWriter, v *frame.Visit) error {
	a := read(v)
	if len(a.Wrong) > 0 {
		return web.NotFound(errors.New("the address cannot be read"))
	}
	a.query.Limit = audit.MaxLimit
	found, err := v.Desk.ReadJournal(v.Context(), v.Caller, a.query)
	if errors.Is(err, audit.ErrCursor) {
		return web.NotFound(err)
	}
	if err != nil {
		return err
	}
	var out writer
	switch format := v.Query("format"); format {
	case "csv":
		out = newCSV(w)
	case "jsonl":
		out = &lines{json.NewEncoder(w)}
		w.Header().Set("Content-Type", "application/x-ndjson")
	default:
		return web.NotFound(fmt.Errorf("no form %q", format))
	}
	w.Header().Set("Content-Disposition", `attachment; filename="journal.`+v.Query("format")+`"`)
	w.Header().Set("Cache-Control", "no-store")
	for n := 0; ; {
		for i, e := range found.Entries {
			if err := out.entry(e, found.Hashes[i]); err != nil {
				return err
			}
		}
		if n += len(found.Entries); found.Next == "" || n >= mostExported {
			return out.end()
		}
		a.query.After = found.Next
		if found, err = v.Desk.ReadJournal(v.Context(), v.Caller, a.query); err != nil {
			return err
		}
	}
}

type sheet struct{ *csv.Writer }

func newCSV(w http.ResponseWriter) sheet {
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	_, _ = io.WriteString(w, "\ufeff") // spreadsheets take the file for what it is
	out := sheet{csv.NewWriter(w)}
	out.Comma = ';'
	_ = out.Write([]string{
		"chain", "sequence", "at", "class", "action", "outcome", "reason", "ref", "actor", "service", "declaration", "version", "uai", "source", "protocol",
		"attributes", "detail", "sha256",
	})
	return out
}

func (s sheet) entry(e audit.Entry, hash audit.Hash) error {
	var detail []string
	for _, key := range slices.Sorted(maps.Keys(e.Detail)) {
		detail = append(detail, key+"="+e.Detail[key])
	}
	version := ""
	if e.Version > 0 {
		version = strconv.Itoa(e.Version)
	}
	cells := []string{
		e.Writer, strconv.FormatInt(e.Sequence, 10), e.At.Format(time.RFC3339Nano), string(e.Class), e.Action, string(e.Outcome), e.Reason, e.Ref, e.Actor,
		e.Service, e.Declaration, version, e.UAI, e.Source, e.Protocol, strings.Join(e.Attributes, " "), strings.Join(detail, " "), hex.EncodeToString(hash[:]),
	}
	for i, c := range cells {
		if c != "" && strings.ContainsRune("=+-@\t\r", rune(c[0])) {
			cells[i] = "'" + c // no cell is a formula
		}
	}
	return s.Write(cells)
}

func (s sheet) end() error {
	s.Flush()
	return s.Error()
}

type lines struct{ *json.Encoder }

// line is an entry in the file: the members of the journal's canonical form, but for whom it is about.
type line struct {
	Writer      string            `json:"writer"`
	Class       audit.Class       `json:"class"`
	Sequence    int64             `json:"sequence"`
	At          time.Time         `json:"at"`
	Action      string            `json:"action"`
	Outcome     audit.Outcome     `json:"outcome"`
	Reason      string            `json:"reason,omitempty"`
	Ref         string            `json:"ref,omitempty"`
	Actor       string            `json:"actor,omitempty"`
	Service     string            `json:"service,omitempty"`
	Declaration string            `json:"declaration,omitempty"`
	Version     int               `json:"version,omitempty"`
	UAI         string            `json:"uai,omitempty"`
	Source      string            `json:"source,omitempty"`
	Protocol    string            `json:"protocol,omitempty"`
	Attributes  []string          `json:"attributes,omitempty"`
	Detail      map[string]string `json:"detail,omitempty"`
	Hash        string            `json:"sha256"`
}

func (l *lines) entry(e audit.Entry, hash audit.Hash) error {
	return l.Encode(line{
		Writer: e.Writer, Class: e.Class, Sequence: e.Sequence, At: e.At, Action: e.Action, Outcome: e.Outcome, Reason: e.Reason, Ref: e.Ref, Actor: e.Actor,
		Service: e.Service, Declaration: e.Declaration, Version: e.Version, UAI: e.UAI, Source: e.Source, Protocol: e.Protocol, Attributes: e.Attributes,
		Detail: e.Detail, Hash: hex.EncodeToString(hash[:]),
	})
}

func (l *lines) end() error { return nil }
