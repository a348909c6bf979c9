package browsertest_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"ecluse/internal/registry"
)

// screenWalks are those of people who let the screen of their class in.
func screenWalks() []walk {
	return []walk{{
		name: "screen-child", who: "Lina, 8 ans, devant le tableau de la classe", stage: withScreen,
		stops: []stop{
			{"code", "oidc/appareil", []string{"go /appareil?pour=enfant"}},
			{"wrong", "oidc/appareil", []string{"fill #code BCDF-GHJK", "press main form .button-primary"}},
			{"question", "oidc/question", []string{"screen tableau #code", "press main form .button-primary"}},
			{"inform", "login/inform", []string{"press [value=oui]", "as lina"}},
			{"done", "oidc/fini", []string{"press [value=informed]"}},
			{"other", "oidc/question", []string{"go /appareil", "screen tableau #code", "press main form .button-primary"}},
			{"refused", "oidc/fini", []string{"press [value=non]"}},
			{"too-late", "web/error", []string{"go /appareil/suite"}},
		},
	}}
}

// withScreen gives Calcul a screen.
func withScreen(s *stage) {
	s.later(func(s *stage) {
		s.change(func(c registry.Contents) registry.Change {
			for _, service := range c.Services {
				if service.ID == "calcul" {
					service.Bindings = append(service.Bindings, registry.Binding{
						Protocol: "oidc", Handle: "tableau",
						Settings: json.RawMessage(`{"type":"public","device":{"screen":{"fr":"le tableau de la classe","en":"the board of the class"},"for":"enfant"}}`),
					})
					return registry.Change{Services: []registry.Service{service}}
				}
			}
			s.Fatal("there is no service calcul")
			return registry.Change{}
		})
	})
}

// screenAsks has the screen of a client ask for a code, and gives what it shows.
func (b *wanderer) screenAsks(client string) string {
	b.Helper()
	answer, err := http.PostForm(b.house.at(b.house.gateway, "/oidc/device"), url.Values{"client_id": {client}, "scope": {"openid school"}})
	if err != nil {
		b.Fatal(err)
	}
	defer answer.Body.Close()
	var said struct {
		Shown string `json:"user_code"`
	}
	body, err := io.ReadAll(answer.Body)
	if err == nil {
		err = json.Unmarshal(body, &said)
	}
	if err != nil || said.Shown == "" {
		b.Fatalf("the screen of %s: %v %s", client, err, body)
	}
	return strings.ToLower(said.Shown)
}

// write fills a field, over what stands there.
func (b *wanderer) write(field, text string) {
	b.Helper()
	b.click(field)
	evaluate[int](b.tab, fmt.Sprintf(`document.querySelector(%q).value = %q, 0`, field, text))
}
