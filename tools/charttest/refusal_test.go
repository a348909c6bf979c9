package charttest_test

import (
	"strings"
	"testing"
)

func TestChartRefusesWhatCannotWork(t *testing.T) {
	t.Parallel()
	inline, _ := inlineSecrets()
	long := "12345678901234567890123456789012"
	tests := map[string]struct {
		base []string
		set  []string
		want string
	}{
		"no public URL":          {values("sqlite"), []string{"config.publicUrl="}, "config.publicUrl is empty"},
		"plain http":             {values("sqlite"), []string{"config.publicUrl=http://sso.ac-exemple.fr"}, "plain http would let anyone"},
		"public URL with a path": {values("sqlite"), []string{"config.publicUrl=https://ac-exemple.fr/sso"}, "with nothing after it"},
		"public URL with a slash": {
			values("sqlite"), []string{"config.publicUrl=https://sso.ac-exemple.fr/"}, "with nothing after it",
		},
		"public URL of a stranger": {
			values("sqlite"), []string{"config.publicUrl=https://sso.ac-exemple.fr@evil.example"}, "with nothing after it",
		},
		"neither proxies nor certificate": {values("sqlite"), []string{"config.trustedProxies=null"}, "say which proxies end TLS"},
		"no master secret":                {values("sqlite"), []string{"secrets.existingSecret="}, "no master secret"},
		"short master secret": {
			values("sqlite"), []string{"secrets.existingSecret=", "secrets.values.master=short"}, "shorter than 32 bytes",
		},
		"secrets twice":             {values("sqlite"), []string{"secrets.values.master=" + long}, "only one of them can count"},
		"postgres without address":  {inline, []string{"secrets.values.databaseUrl="}, "store.kind is postgres without an address"},
		"redis without address":     {inline, []string{"secrets.values.redisUrl="}, "redis.enabled without an address"},
		"database of another sort":  {inline, []string{"secrets.values.databaseUrl=mysql://db"}, "does not begin with postgres://"},
		"tickets of another sort":   {inline, []string{"secrets.values.redisUrl=http://db"}, "does not begin with redis://"},
		"sqlite with two replicas":  {values("sqlite"), []string{"replicaCount=2"}, "store.kind is sqlite with more than one replica"},
		"sqlite with autoscaling":   {values("sqlite"), []string{"autoscaling.enabled=true"}, "store.kind is sqlite with more than one replica"},
		"replicas without redis":    {values("postgres-redis"), []string{"redis.enabled=false"}, "several replicas on postgres without redis"},
		"autoscaling without redis": {values("everything"), []string{"redis.enabled=false"}, "several replicas on postgres without redis"},
		"crossed replica bounds":    {values("everything"), []string{"autoscaling.minReplicas=10"}, "above autoscaling.maxReplicas"},
		"update that cannot move": {
			values("postgres-redis"), []string{"updateStrategy.maxSurge=0"}, "no pod could ever be replaced",
		},
		"extra overrides the store": {values("sqlite"), []string{"config.extra.store.url=x"}, "config.extra.store: the chart writes this key itself"},
		"extra holds the secret":    {values("sqlite"), []string{"config.extra.master_secret=x"}, "config.extra.master_secret"},
		"route without gateway":     {values("postgres-redis"), []string{"httpRoute.parentRefs=null"}, "no Gateway would serve it"},
		"alerts without metrics":    {values("sqlite"), []string{"metrics.prometheusRule.enabled=true"}, "would watch nothing"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			checkRefused(t, tt.base, tt.set, tt.want)
		})
	}
}

func TestSchemaRefusesValuesItDoesNotKnow(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ set, want string }{
		"unknown key":            {"replicas=2", "replicas"},
		"unknown key in a group": {"config.publicURL=https://x.example", "publicURL"},
		"unknown key at depth":   {"store.persistence.sise=1Gi", "sise"},
		"unknown store":          {"store.kind=mysql", "/store/kind"},
		"text for a number":      {"replicaCount=many", "replicaCount"},
		"no replica":             {"replicaCount=0", "replicaCount"},
		"proxies not a range":    {"config.trustedProxies={everyone}", "trustedProxies"},
		"volume shared by nodes": {"store.persistence.accessModes={ReadWriteMany}", "accessModes"},
		"half a digest":          {"image.digest=sha256:0123", "/image/digest"},
		"stop before the drain":  {"terminationGracePeriodSeconds=5", "terminationGracePeriodSeconds"},
		"Secret in environment":  {"extraEnv[0].name=A,extraEnv[0].valueFrom.secretKeyRef.name=s", "secretKeyRef"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			checkRefused(t, values("sqlite"), []string{tt.set}, "specifications of the schema", tt.want)
		})
	}
}

func TestChartNamesEveryReasonAtOnce(t *testing.T) {
	t.Parallel()
	_, err := template(t)
	if err == nil {
		t.Fatal("the chart renders without a single value")
	}
	for _, want := range []string{"config.publicUrl is empty", "config.trustedProxies and tls.existingSecret are both empty", "no master secret"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not among the reasons: %v", want, err)
		}
	}
}

// checkRefused renders a value file that works, with something set on top, and
// wants it refused for the reason given.
func checkRefused(t *testing.T, base, set []string, wants ...string) {
	t.Helper()
	args := append([]string(nil), base...)
	for _, s := range set {
		args = append(args, "--set", s)
	}
	text, err := template(t, args...)
	if err == nil {
		t.Errorf("--set %s: rendered %d bytes, want a refusal with %q", set, len(text), wants)
		return
	}
	for _, want := range wants {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("--set %s: refused with %v, want %q", set, err, want)
		}
	}
}

func TestRefusalsRepeatNoSecret(t *testing.T) {
	t.Parallel()
	args, secrets := inlineSecrets()
	_, err := template(t, append(
		args, "--set", "secrets.values.databaseUrl=mysql"+secrets["database-url"], "--set", "secrets.values.redisUrl=http"+secrets["redis-url"],
	)...)
	if err == nil {
		t.Fatal("rendered, want a refusal")
	}
	for _, leak := range []string{"pgp4ss", "redisp4ss", secrets["master"]} {
		if strings.Contains(err.Error(), leak) {
			t.Errorf("the refusal repeats %s", leak)
		}
	}
}
