package app

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/store"
	"ecluse/internal/store/sqldb"
)

// floorFolder names the data of a floor that this test binary is to run as a process of its own.
const floorFolder = "ECLUSE_TEST_FLOOR_IN"

// A floor is a server that does for a sign-in only what nothing can take away: it reads a request, signs, writes what has to
// survive a power cut in the database that ships, and answers with a page as long as ours. It knows no session, no service
// and no gate. What a sign-in costs beyond its floor is ours to save; the rest is the signature's, the engine's and HTTP's.
type floor struct {
	rsa     *rsa.PrivateKey
	ec      *ecdsa.PrivateKey
	tickets *sqldb.Tickets
	journal *audit.Journal
	page    string
}

// ServeFloor serves one until ctx ends, with its data in dir, and says where.
func ServeFloor(ctx context.Context, dir string, out io.Writer) error {
	db, err := sqldb.Open(ctx, "sqlite:"+filepath.Join(dir, "floor.db"), sqldb.Options{})
	if err != nil {
		return err
	}
	defer db.Close()
	f := &floor{tickets: db.Tickets(), page: strings.Repeat("<p>as long as the page that posts an answer</p>", 150)}
	var errs [3]error
	f.rsa, errs[0] = rsa.GenerateKey(rand.Reader, 2048)
	f.ec, errs[1] = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	f.journal, errs[2] = audit.New(audit.Config{
		Store: db.Audit(), MAC: floorMAC{}, Writer: audit.WriterID("floor"), Class: audit.ClassRelease, Now: time.Now,
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err = errors.Join(append(errs[:], err)...); err != nil {
		return err
	}
	mux := http.NewServeMux()
	for path, serve := range map[string]func(context.Context, string) (string, error){
		"/signed": f.signed, "/kept": f.kept, "/code": f.code, "/token": f.token,
	} {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			said, err := serve(r.Context(), r.URL.Query().Get("SAMLRequest"))
			if err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
				return
			}
			_, _ = io.WriteString(w, said) // whoever left left
		})
	}
	server := &http.Server{ReadHeaderTimeout: 10 * time.Second, Handler: mux}
	context.AfterFunc(ctx, func() { _ = server.Close() })
	fmt.Fprintf(out, "start here http://%s/ Ctrl-C\n", listener.Addr())
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// signed is a signature, and nothing that has to last.
func (f *floor) signed(_ context.Context, request string) (string, error) {
	digest := sha256.Sum256([]byte(request))
	value, err := rsa.SignPKCS1v15(rand.Reader, f.rsa, crypto.SHA256, digest[:])
	return f.page + base64.StdEncoding.EncodeToString(value), err
}

// kept is signed with an entry of the journal and the request's mark, in one transaction.
func (f *floor) kept(ctx context.Context, request string) (string, error) {
	name := handleOf(request)
	rider, err := f.tickets.Ride(store.Op{Do: store.Create, Ticket: floorTicket("seen", name, 1)})
	if err == nil {
		_, err = f.journal.AppendWith(ctx, audit.Entry{
			Action: "release", Outcome: audit.Released, Ref: name[:20], Subject: name, Service: "lire", Declaration: "lire-2026", Version: 1,
			UAI: "0123456A", Source: "demo", Protocol: "saml", Attributes: []string{"pseudonym", "given_name"},
		}, rider)
	}
	if err != nil {
		return "", err
	}
	return f.signed(ctx, request)
}

// code keeps one ticket, as long as what a code stands for.
func (f *floor) code(ctx context.Context, request string) (string, error) {
	return "code", f.tickets.Create(ctx, floorTicket("code", handleOf(request), 1500))
}

// token takes it, keeps what the token stands for, and signs once with ES256.
func (f *floor) token(ctx context.Context, request string) (string, error) {
	name := handleOf(request)
	err := f.tickets.Write(ctx,
		store.Op{Do: store.Take, Ticket: store.Ticket{Kind: "code", Name: name}},
		store.Op{Do: store.Create, Ticket: floorTicket("token", name, 1500)})
	if err != nil {
		return "", err
	}
	digest := sha256.Sum256([]byte(request))
	value, err := ecdsa.SignASN1(rand.Reader, f.ec, digest[:])
	return "token " + hex.EncodeToString(value), err
}

func floorTicket(kind store.Kind, name string, size int) store.Ticket {
	return store.Ticket{Kind: kind, Name: name, Value: make([]byte, size), Expires: time.Now().Add(time.Hour)}
}

func handleOf(request string) string {
	sum := sha256.Sum256([]byte(request))
	return hex.EncodeToString(sum[:])
}

// floorMAC is hardly dearer than a seal has to be.
type floorMAC struct{}

func (floorMAC) MAC(purpose string, parts ...string) string {
	m := hmac.New(sha256.New, []byte("floor"))
	_, _ = io.WriteString(m, purpose+strings.Join(parts, " ")) // a hash takes everything
	return hex.EncodeToString(m.Sum(nil))
}

func (f floorMAC) CheckMAC(mac, purpose string, parts ...string) bool {
	return mac == f.MAC(purpose, parts...)
}

// BenchmarkFloorServed is measured as BenchmarkSAMLServed is: what is asked of one floor by each of four browsers.
func BenchmarkFloorServed(b *testing.B) {
	for _, floor := range []struct{ name, paths string }{
		{"SAML/signature", "/signed"},
		{"SAML/signature and entry", "/kept"},
		{"OIDC/ES256 and two writes", "/code /token"},
	} {
		b.Run(floor.name, func(b *testing.B) {
			s := serveProcess(b, floorFolder+"="+b.TempDir())
			browsers := make([]*bench, 4)
			for i := range browsers {
				browsers[i] = benchAt(b, s.address, s.serve)
			}
			s.inSignatures(browsers, func(x *bench, request string) {
				_, query, _ := strings.Cut(request, "?")
				for _, path := range strings.Fields(floor.paths) {
					if w := x.ask(http.MethodGet, path+"?"+query, nil); w.Code != http.StatusOK {
						b.Errorf("%s: status %d: %.300s", path, w.Code, w.Body)
					}
				}
			})
		})
	}
}
