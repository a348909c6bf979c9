package charttest_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
)

// gateway returns the container that runs the gateway.
func gateway(t *testing.T, d *appsv1.Deployment) corev1.Container {
	t.Helper()
	for _, c := range d.Spec.Template.Spec.Containers {
		if c.Name == "gateway" {
			return c
		}
	}
	t.Fatal("the Deployment has no container named gateway")
	return corev1.Container{}
}

// pods returns the pods of a rendering by name: the gateway's and helm test's.
func pods(all objects) map[string]corev1.PodTemplateSpec {
	found := make(map[string]corev1.PodTemplateSpec)
	for _, d := range every[*appsv1.Deployment](all) {
		found["Deployment "+d.Name] = d.Spec.Template
	}
	for _, p := range every[*corev1.Pod](all) {
		found["Pod "+p.Name] = corev1.PodTemplateSpec{ObjectMeta: p.ObjectMeta, Spec: p.Spec}
	}
	return found
}

// restricted returns what Kubernetes' own judge holds against a pod at the
// level named restricted; nothing means that the pod may run there.
func restricted(t *testing.T, pod corev1.PodTemplateSpec) string {
	t.Helper()
	judge, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if err != nil {
		t.Fatal(err)
	}
	level := api.LevelVersion{Level: api.LevelRestricted, Version: api.LatestVersion()}
	verdict := policy.AggregateCheckResults(judge.EvaluatePod(level, &pod.ObjectMeta, &pod.Spec))
	if verdict.Allowed {
		return ""
	}
	return verdict.ForbiddenReason() + ": " + verdict.ForbiddenDetail()
}

func TestPodsMeetRestrictedPodSecurity(t *testing.T) {
	t.Parallel()
	for _, example := range examples() {
		t.Run(example, func(t *testing.T) {
			t.Parallel()
			all := pods(render(t, values(example)...))
			if len(all) != 2 {
				t.Errorf("rendered %d pods, want the gateway's and the test's", len(all))
			}
			for name, pod := range all {
				if verdict := restricted(t, pod); verdict != "" {
					t.Errorf("%s: %s", name, verdict)
				}
				if token := pod.Spec.AutomountServiceAccountToken; token == nil || *token {
					t.Errorf("%s is handed a service-account token", name)
				}
				if links := pod.Spec.EnableServiceLinks; links == nil || *links {
					t.Errorf("%s is told every Service of its namespace", name)
				}
			}
		})
	}
}

func TestPodSecurityJudgeSeesLooserContext(t *testing.T) {
	t.Parallel()
	for _, loose := range []string{
		"podSecurityContext.runAsNonRoot=false",
		"podSecurityContext.seccompProfile.type=Unconfined",
		"securityContext.allowPrivilegeEscalation=true",
		"securityContext.capabilities.add={NET_ADMIN}",
	} {
		d := one[*appsv1.Deployment](t, render(t, append(values("sqlite"), "--set", loose)...))
		if restricted(t, d.Spec.Template) == "" {
			t.Errorf("--set %s: still called restricted, so the judge sees nothing", loose)
		}
	}
}

func TestGatewayContainerIsHardened(t *testing.T) {
	t.Parallel()
	d := one[*appsv1.Deployment](t, render(t, values("sqlite")...))
	pod, c := d.Spec.Template.Spec, gateway(t, d)

	type context struct {
		User, Group, FSGroup            int64
		ReadOnly, Escalates, Privileged bool
		Drop                            []corev1.Capability
		Add                             int
	}
	want := context{User: 65532, Group: 65532, FSGroup: 65532, ReadOnly: true, Drop: []corev1.Capability{"ALL"}}
	got := context{
		User: *pod.SecurityContext.RunAsUser, Group: *pod.SecurityContext.RunAsGroup, FSGroup: *pod.SecurityContext.FSGroup,
		ReadOnly: *c.SecurityContext.ReadOnlyRootFilesystem, Escalates: *c.SecurityContext.AllowPrivilegeEscalation,
		Privileged: *c.SecurityContext.Privileged, Drop: c.SecurityContext.Capabilities.Drop,
		Add: len(c.SecurityContext.Capabilities.Add),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("security context (-want +got):\n%s", diff)
	}
	for _, name := range []corev1.ResourceName{corev1.ResourceCPU, corev1.ResourceMemory} {
		if c.Resources.Requests.Name(name, "").IsZero() {
			t.Errorf("no request for %s", name)
		}
	}
	if c.Resources.Limits.Memory().IsZero() {
		t.Error("no limit on memory")
	}
}

func TestProbesAskTheOpsPort(t *testing.T) {
	t.Parallel()
	for _, example := range examples() {
		t.Run(example, func(t *testing.T) {
			t.Parallel()
			c := gateway(t, one[*appsv1.Deployment](t, render(t, values(example)...)))
			ports := make(map[string]int32)
			for _, p := range c.Ports {
				ports[p.Name] = p.ContainerPort
			}
			if diff := cmp.Diff(map[string]int32{"public": 8080, "ops": 9090}, ports); diff != "" {
				t.Errorf("ports (-want +got):\n%s", diff)
			}
			for name, tt := range map[string]struct {
				probe *corev1.Probe
				path  string
			}{
				"startup":   {c.StartupProbe, "/livez"},
				"liveness":  {c.LivenessProbe, "/livez"},
				"readiness": {c.ReadinessProbe, "/readyz"},
			} {
				if tt.probe == nil || tt.probe.HTTPGet == nil {
					t.Errorf("no %s probe over HTTP", name)
					continue
				}
				if got := tt.probe.HTTPGet; got.Path != tt.path || got.Port.StrVal != "ops" {
					t.Errorf("%s probe asks %s on %s, want %s on ops", name, got.Path, got.Port.String(), tt.path)
				}
				if tt.probe.PeriodSeconds < 1 || tt.probe.TimeoutSeconds < 1 || tt.probe.FailureThreshold < 1 {
					t.Errorf("%s probe leaves its times to the cluster: %+v", name, tt.probe)
				}
			}
		})
	}
}

func TestStoreDecidesHowPodsAreReplaced(t *testing.T) {
	t.Parallel()
	sqlite := one[*appsv1.Deployment](t, render(t, values("sqlite")...)).Spec
	if *sqlite.Replicas != 1 || sqlite.Strategy.Type != appsv1.RecreateDeploymentStrategyType {
		t.Errorf("sqlite: %d replicas replaced by %s, want 1 and Recreate", *sqlite.Replicas, sqlite.Strategy.Type)
	}
	postgres := one[*appsv1.Deployment](t, render(t, values("postgres-redis")...)).Spec
	if *postgres.Replicas != 2 || postgres.Strategy.RollingUpdate == nil || postgres.Strategy.RollingUpdate.MaxUnavailable.String() != "0" {
		t.Errorf("postgres: %d replicas replaced by %+v, want 2 without a gap", *postgres.Replicas, postgres.Strategy)
	}
	if got := len(postgres.Template.Spec.TopologySpreadConstraints); got != 2 {
		t.Errorf("postgres: %d spread constraints, want host and zone", got)
	}
	if grace := *postgres.Template.Spec.TerminationGracePeriodSeconds; grace < 30 {
		t.Errorf("%d s to stop, want the 30 that the gateway takes", grace)
	}
	scaled := one[*appsv1.Deployment](t, render(t, values("everything")...)).Spec
	if scaled.Replicas != nil {
		t.Errorf("autoscaled, yet each upgrade resets replicas to %d", *scaled.Replicas)
	}
}
