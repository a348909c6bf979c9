package interop_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// pysaml2 is a service in Python. Its site is a server that keeps what the browser brings; what is brought, the library
// reads, and what it says, the browser carries.
type pysaml2 struct {
	*folder
	script string
	said   map[string]any
}

func newPysaml2(t *testing.T, site, want, binding string, encrypted bool) *pysaml2 {
	t.Helper()
	p := &pysaml2{folder: newFolder(t)}
	p.makeKey("sp")
	script, err := filepath.Abs("testdata/sp.py")
	if err != nil {
		t.Fatal(err)
	}
	p.script = script
	p.said = map[string]any{
		"site": site, "want": want, "binding": binding, "encrypted": encrypted, "signed": true, "metadata": "",
		"key": p.file("sp.key"), "cert": p.file("sp.pem"),
	}
	return p
}

// does runs one command of the script.
func (p *pysaml2) does(command string, more map[string]any) map[string]any {
	p.t.Helper()
	for name, value := range more {
		p.said[name] = value
	}
	in, err := json.Marshal(p.said)
	if err != nil {
		p.t.Fatal(err)
	}
	var out, told bytes.Buffer
	// The library is Debian's, and so is the Python that has it.
	cmd := exec.CommandContext(p.t.Context(), "/usr/bin/python3", "-W", "ignore", p.script, command)
	cmd.Dir = p.path
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(in), &out, &told
	if err := cmd.Run(); err != nil {
		p.t.Fatalf("pysaml2, %s: %v\n%s", command, err, told.String())
	}
	answer := map[string]any{}
	if err := json.Unmarshal(out.Bytes(), &answer); err != nil {
		p.t.Fatalf("pysaml2, %s: %v\n%s", command, err, out.String())
	}
	return answer
}

// carry has the browser take a message of its to the gateway.
func (b *browser) carry(message map[string]any) *page {
	b.t.Helper()
	if to, _ := message["location"].(string); to != "" {
		return b.open(to)
	}
	text, _ := message["page"].(string)
	root, err := html.Parse(strings.NewReader(text))
	if err != nil {
		b.t.Fatal(err)
	}
	next := (&page{url: &url.URL{Scheme: "http", Host: "localhost"}, header: http.Header{}, root: root}).goesOn()
	if next == nil {
		b.t.Fatalf("no message in %s", text)
	}
	return b.travel(next)
}

func TestPysaml2SignsInAndOut(t *testing.T) {
	wanted(t)
	t.Parallel()
	for name, c := range map[string]struct {
		binding, sign string
		encrypted     bool
	}{
		"by redirect, assertion signed": {"redirect", "assertion", false},
		"by post, response signed":      {"post", "response", false},
		"by post, both and encrypted":   {"post", "both", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGateway(t)
			site := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
			t.Cleanup(site.Close)
			address := strings.Replace(site.URL, "127.0.0.1", "localhost", 1)
			p := newPysaml2(t, address, c.sign, c.binding, c.encrypted)
			metadata, _ := p.does("metadata", nil)["metadata"].(string)
			g.register(address+"/metadata", address+"/", []byte(metadata), map[string]any{"sign": c.sign, "require_signed": true})
			p.write("gateway.xml", g.metadata())
			p.said["metadata"], p.said["idp"] = p.file("gateway.xml"), g.public+"/saml/metadata"
			b := newBrowser(t)
			asked := p.does("ask", nil)
			b.carry(asked)
			b.signIn()
			b.wants(t, c.encrypted)
			message := base64.StdEncoding.EncodeToString([]byte(b.answers[0]))
			read := p.does("read", map[string]any{"id": asked["id"], "message": message})
			p.knows(read)
			p.leaves(g, b, read)
		})
	}
}

// knows wants what the service may know of Hugo, and no more.
func (p *pysaml2) knows(read map[string]any) {
	p.t.Helper()
	text, err := json.Marshal(read["attributes"])
	if err != nil {
		p.t.Fatal(err)
	}
	if !strings.Contains(string(text), `"UAI":["0280202T"]`) || !strings.Contains(string(text), `"ENTEleveNivFormation":["5EME"]`) || strings.Contains(string(text), "Hugo") {
		p.t.Errorf("it read %s", text)
	}
}

// leaves begins a sign-out at the service, which must understand our answer.
func (p *pysaml2) leaves(g *gateway, b *browser, read map[string]any) {
	p.t.Helper()
	asked := p.does("leave", map[string]any{"name": read["name"], "session": read["session"]})
	at := b.carry(asked)
	message := at.url.Query().Get("SAMLResponse")
	if message == "" && len(b.answers) > 1 {
		message = base64.StdEncoding.EncodeToString([]byte(b.answers[len(b.answers)-1]))
	}
	left := p.does("left", map[string]any{"message": message})
	if left["status"] != true || left["to"] != asked["id"] || g.signedIn(b) {
		p.t.Errorf("%v for %v", left, asked["id"])
	}
}
