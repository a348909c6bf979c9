package charttest_test

import (
	"encoding/base64"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	kjson "sigs.k8s.io/json"
	"sigs.k8s.io/yaml"
)

// settings are the keys of the gateway's configuration that the chart writes.
type settings struct {
	PublicURL      string   `json:"public_url"`
	Listen         string   `json:"listen"`
	OpsListen      string   `json:"ops_listen"`
	TrustedProxies []string `json:"trusted_proxies"`
	TLS            struct {
		CertFile string `json:"cert_file"`
		KeyFile  string `json:"key_file"`
	} `json:"tls"`
	MasterSecretFile string `json:"master_secret_file"`
	Store            struct {
		URL            string `json:"url"`
		URLFile        string `json:"url_file"`
		TicketsURLFile string `json:"tickets_url_file"`
	} `json:"store"`
}

// configOf returns the gateway.yaml that a rendering mounts.
func configOf(t *testing.T, all objects) string {
	t.Helper()
	for _, c := range every[*corev1.ConfigMap](all) {
		if text, ok := c.Data["gateway.yaml"]; ok {
			return text
		}
	}
	t.Fatal("no ConfigMap holds gateway.yaml")
	return ""
}

func TestConfigurationNamesFilesAndNoSecret(t *testing.T) {
	t.Parallel()
	base := settings{
		PublicURL: "https://sso.ac-exemple.fr", Listen: "0.0.0.0:8080", OpsListen: "0.0.0.0:9090",
		TrustedProxies: []string{"10.0.0.0/8"}, MasterSecretFile: "/etc/ecluse/secrets/master",
	}
	sqlite, postgres := base, base
	sqlite.Store.URL = "sqlite:/var/lib/ecluse/ecluse.db"
	postgres.Store.URLFile = "/etc/ecluse/secrets/database-url"
	postgres.Store.TicketsURLFile = "/etc/ecluse/secrets/redis-url"
	everything := postgres
	everything.PublicURL += ":8443"
	everything.TrustedProxies = []string{"10.0.0.0/8", "fd00::/8"}
	everything.TLS.CertFile, everything.TLS.KeyFile = "/etc/ecluse/tls/tls.crt", "/etc/ecluse/tls/tls.key"

	for example, want := range map[string]settings{"sqlite": sqlite, "postgres-redis": postgres, "everything": everything} {
		t.Run(example, func(t *testing.T) {
			t.Parallel()
			text := configOf(t, render(t, values(example)...))
			golden(t, example+".gateway.yaml", text)
			data, err := yaml.YAMLToJSONStrict([]byte(text))
			if err != nil {
				t.Fatal(err)
			}
			var got settings
			strict, err := kjson.UnmarshalStrict(data, &got)
			if err != nil || len(strict) > 0 {
				t.Fatal(err, strict)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("gateway.yaml (-want +got):\n%s", diff)
			}
		})
	}
}

var update = flag.Bool("update", false, "write the golden files anew")

// golden holds the configuration that the chart writes to a file that the gateway's own tests load.
func golden(t *testing.T, name, text string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), text); diff != "" {
		t.Errorf("%s (-want +got); the gateway's tests load that file, -update writes it:\n%s", name, diff)
	}
}

func TestExtraConfigurationIsCopiedAndRestartsPods(t *testing.T) {
	t.Parallel()
	const checksum = "checksum/config"
	plain := render(t, values("sqlite")...)
	more := render(t, append(values("sqlite"), "--set", "config.extra.log.level=debug")...)
	if text := configOf(t, more); !strings.Contains(text, "log:\n  level: debug") {
		t.Errorf("config.extra is missing from\n%s", text)
	}
	before := one[*appsv1.Deployment](t, plain).Spec.Template.Annotations[checksum]
	after := one[*appsv1.Deployment](t, more).Spec.Template.Annotations[checksum]
	if before == "" || before == after {
		t.Errorf("%s went from %q to %q: a changed configuration must make new pods", checksum, before, after)
	}
}

// inlineSecrets are the values that put secrets into the release itself.
func inlineSecrets() (args []string, secrets map[string]string) {
	secrets = map[string]string{
		"master":       "m4ster-Zq8w2Lx0Vn5Rt7Yb3Kc9Df1Gh6Js4Pa",
		"database-url": "postgres://ecluse:pgp4ss@db:5432/ecluse",
		"redis-url":    "rediss://:redisp4ss@cache:6379/0",
	}
	args = []string{
		"--set", "config.publicUrl=https://sso.ac-exemple.fr", "--set", "config.trustedProxies={10.0.0.0/8}",
		"--set", "store.kind=postgres", "--set", "redis.enabled=true", "--set", "replicaCount=2",
		"--set", "secrets.values.master=" + secrets["master"],
		"--set", "secrets.values.databaseUrl=" + secrets["database-url"],
		"--set", "secrets.values.redisUrl=" + secrets["redis-url"],
	}
	return args, secrets
}

func TestInlineSecretsAppearInTheSecretAlone(t *testing.T) {
	t.Parallel()
	args, secrets := inlineSecrets()
	text, err := template(t, args...)
	if err != nil {
		t.Fatal(err)
	}
	all, err := decodeAll(text)
	if err != nil {
		t.Fatal(err)
	}
	held := make(map[string]string)
	secret := one[*corev1.Secret](t, all)
	for key, value := range secret.Data {
		held[key] = string(value)
	}
	if diff := cmp.Diff(secrets, held); diff != "" {
		t.Errorf("Secret (-want +got):\n%s", diff)
	}
	for key, value := range secrets {
		if strings.Contains(text, value) {
			t.Errorf("%s appears in the clear", key)
		}
		if n := strings.Count(text, base64.StdEncoding.EncodeToString([]byte(value))); n != 1 {
			t.Errorf("%s appears %d times, want once, in the Secret", key, n)
		}
	}
	for _, v := range one[*appsv1.Deployment](t, all).Spec.Template.Spec.Volumes {
		if v.Name == "secrets" && v.Secret.SecretName != secret.Name {
			t.Errorf("the pod mounts %s, the Secret is %s", v.Secret.SecretName, secret.Name)
		}
	}
}

func TestNoSecretReachesTheEnvironment(t *testing.T) {
	t.Parallel()
	inline, _ := inlineSecrets()
	for name, args := range map[string][]string{
		"inline": inline, "sqlite": values("sqlite"), "postgres-redis": values("postgres-redis"), "everything": values("everything"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			all := render(t, args...)
			c := gateway(t, one[*appsv1.Deployment](t, all))
			if len(c.EnvFrom) > 0 {
				t.Errorf("the environment is filled from %+v", c.EnvFrom)
			}
			for _, e := range c.Env {
				if e.ValueFrom != nil && e.ValueFrom.SecretKeyRef != nil {
					t.Errorf("%s comes from a Secret", e.Name)
				}
			}
			if name != "inline" && len(every[*corev1.Secret](all)) > 0 {
				t.Error("a Secret is made although one was named")
			}
		})
	}
}
