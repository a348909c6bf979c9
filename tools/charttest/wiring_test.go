package charttest_test

import (
	"maps"
	"path"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"
)

// claims reports whether a selector takes hold of something with these labels.
// An empty selector takes hold of everything, which is never what is meant.
func claims(t *testing.T, selector *metav1.LabelSelector, set map[string]string) bool {
	t.Helper()
	s, err := metav1.LabelSelectorAsSelector(selector)
	if err != nil {
		t.Fatal(err)
	}
	return !s.Empty() && s.Matches(labels.Set(set))
}

func TestSelectorsFindTheGatewayAndOnlyIt(t *testing.T) {
	t.Parallel()
	for _, example := range examples() {
		t.Run(example, func(t *testing.T) {
			t.Parallel()
			all := render(t, values(example)...)
			d := one[*appsv1.Deployment](t, all)
			service := one[*corev1.Service](t, all)
			selectors := map[string]*metav1.LabelSelector{
				"Deployment":    d.Spec.Selector,
				"Service":       {MatchLabels: service.Spec.Selector},
				"PDB":           one[*policyv1.PodDisruptionBudget](t, all).Spec.Selector,
				"NetworkPolicy": &one[*networkingv1.NetworkPolicy](t, all).Spec.PodSelector,
			}
			for _, c := range d.Spec.Template.Spec.TopologySpreadConstraints {
				selectors["spread "+c.TopologyKey] = c.LabelSelector
			}
			test := one[*corev1.Pod](t, all)
			for name, s := range selectors {
				if !claims(t, s, d.Spec.Template.Labels) {
					t.Errorf("%s does not select the gateway's pods", name)
				}
				if claims(t, s, test.Labels) {
					t.Errorf("%s selects the test pod", name)
				}
			}
			for _, m := range every[*monitoringv1.ServiceMonitor](all) {
				if !claims(t, &m.Spec.Selector, service.Labels) {
					t.Error("the ServiceMonitor does not select the Service")
				}
			}
		})
	}
}

func TestServiceOffersThePublicPortOnly(t *testing.T) {
	t.Parallel()
	for _, example := range examples() {
		t.Run(example, func(t *testing.T) {
			t.Parallel()
			ports := one[*corev1.Service](t, render(t, values(example)...)).Spec.Ports
			if len(ports) != 1 || ports[0].TargetPort.String() != "public" {
				t.Errorf("Service offers %+v, want the public port alone", ports)
			}
		})
	}
}

func TestRoutesLeadToTheService(t *testing.T) {
	t.Parallel()
	all := render(t, values("everything")...)
	service := one[*corev1.Service](t, all)
	const host = "sso.ac-exemple.fr" // of the public URL, whose port is not part of a host

	ingress := one[*networkingv1.Ingress](t, all).Spec
	backend := ingress.Rules[0].HTTP.Paths[0].Backend.Service
	if backend.Name != service.Name || backend.Port.Name != service.Spec.Ports[0].Name {
		t.Errorf("Ingress leads to %+v, want the Service %s", backend, service.Name)
	}
	if ingress.Rules[0].Host != host || ingress.TLS[0].Hosts[0] != host {
		t.Errorf("Ingress serves %q with a certificate for %q, want %s", ingress.Rules[0].Host, ingress.TLS[0].Hosts[0], host)
	}

	route := one[*gatewayv1.HTTPRoute](t, all).Spec
	ref := route.Rules[0].BackendRefs[0].BackendObjectReference
	if string(ref.Name) != service.Name || ref.Port == nil || *ref.Port != service.Spec.Ports[0].Port {
		t.Errorf("HTTPRoute leads to %+v, want the Service %s", ref, service.Name)
	}
	if string(route.Hostnames[0]) != host {
		t.Errorf("HTTPRoute serves %s, want %s", route.Hostnames[0], host)
	}

	target := one[*autoscalingv2.HorizontalPodAutoscaler](t, all).Spec.ScaleTargetRef
	if d := one[*appsv1.Deployment](t, all); target.Name != d.Name || target.Kind != "Deployment" {
		t.Errorf("autoscaler scales %s %s, want Deployment %s", target.Kind, target.Name, d.Name)
	}
}

func TestMonitorReadsMetricsOnTheOpsPort(t *testing.T) {
	t.Parallel()
	all := render(t, values("everything")...)
	endpoints := one[*monitoringv1.ServiceMonitor](t, all).Spec.Endpoints
	if len(endpoints) != 1 || endpoints[0].TargetPort.String() != "ops" || endpoints[0].Path != "/metrics" {
		t.Errorf("ServiceMonitor reads %+v, want /metrics on the pod's ops port", endpoints)
	}
	service := one[*corev1.Service](t, all)
	for _, rule := range one[*monitoringv1.PrometheusRule](t, all).Spec.Groups[0].Rules {
		// Prometheus names a job after the Service behind a monitor.
		if expr := rule.Expr.String(); !strings.Contains(expr, `job="`+service.Name+`"`) {
			t.Errorf("alert %s watches another job: %s", rule.Alert, expr)
		}
	}
}

func TestHelmTestAsksThroughTheService(t *testing.T) {
	t.Parallel()
	for example, want := range map[string]string{
		"sqlite":     "http://ecl-ecluse.sso.svc:80/.well-known/openid-configuration",
		"everything": "https://sso-academie.sso.svc:443/.well-known/openid-configuration",
	} {
		pod := one[*corev1.Pod](t, render(t, values(example)...))
		if got := strings.Join(pod.Spec.Containers[0].Command, " "); !strings.Contains(got, want) {
			t.Errorf("%s: helm test runs %s, want it to ask %s", example, got, want)
		}
		if pod.Annotations["helm.sh/hook"] != "test" {
			t.Errorf("%s: the test pod would be installed with the release", example)
		}
	}
}

func TestNetworkPolicyOpensOpsPortToMetricsPeersOnly(t *testing.T) {
	t.Parallel()
	closed := one[*networkingv1.NetworkPolicy](t, render(t, values("sqlite")...)).Spec
	if len(closed.Ingress) != 1 || closed.Ingress[0].Ports[0].Port.String() != "public" {
		t.Errorf("without metricsFrom: ingress %+v, want the public port alone", closed.Ingress)
	}
	open := one[*networkingv1.NetworkPolicy](t, render(t, values("everything")...)).Spec
	if len(open.Ingress) != 2 || open.Ingress[1].Ports[0].Port.String() != "ops" || len(open.Ingress[1].From) == 0 {
		t.Errorf("with metricsFrom: ingress %+v, want the ops port from named peers", open.Ingress)
	}
	if diff := cmp.Diff([]networkingv1.PolicyType{"Ingress", "Egress"}, open.PolicyTypes); diff != "" {
		t.Errorf("policy types (-want +got):\n%s", diff)
	}
}

// volumesOf describes a pod's volumes by what stands behind them.
func volumesOf(spec corev1.PodSpec) map[string]string {
	behind := make(map[string]string)
	for _, v := range spec.Volumes {
		switch {
		case v.ConfigMap != nil:
			behind[v.Name] = "ConfigMap " + v.ConfigMap.Name
		case v.Secret != nil:
			behind[v.Name] = "Secret " + v.Secret.SecretName
		case v.PersistentVolumeClaim != nil:
			behind[v.Name] = "claim " + v.PersistentVolumeClaim.ClaimName
		case v.EmptyDir != nil:
			behind[v.Name] = "empty"
		}
	}
	return behind
}

func TestVolumesStandWhereTheConfigurationLooks(t *testing.T) {
	t.Parallel()
	common := map[string]string{
		"/etc/ecluse/gateway.yaml": "ConfigMap ecl-ecluse",
		"/etc/ecluse/secrets":      "Secret ecluse",
		"/tmp":                     "empty",
	}
	with := func(more map[string]string) map[string]string {
		all := maps.Clone(common)
		maps.Copy(all, more)
		return all
	}
	tests := map[string]map[string]string{
		"sqlite":         with(map[string]string{"/var/lib/ecluse": "claim ecl-ecluse"}),
		"postgres-redis": common,
		"everything": with(map[string]string{
			"/etc/ecluse/gateway.yaml": "ConfigMap sso-academie",
			"/etc/ecluse/secrets":      "Secret sso-secrets",
			"/etc/ecluse/tls":          "Secret sso-tls",
			"/etc/ecluse/ldap-ca":      "ConfigMap ldap-ca",
		}),
	}
	for example, want := range tests {
		t.Run(example, func(t *testing.T) {
			t.Parallel()
			d := one[*appsv1.Deployment](t, render(t, values(example)...))
			behind := volumesOf(d.Spec.Template.Spec)
			got := make(map[string]string)
			for _, m := range gateway(t, d).VolumeMounts {
				got[m.MountPath] = behind[m.Name]
				if writable := m.MountPath == "/tmp" || m.MountPath == "/var/lib/ecluse"; m.ReadOnly == writable {
					t.Errorf("%s: read-only is %v", m.MountPath, m.ReadOnly)
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("mounts (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSecretFilesHaveTheNamesAndModeTheGatewayAccepts(t *testing.T) {
	t.Parallel()
	tests := map[string]map[string]string{
		"sqlite":         {"master": "master"},
		"postgres-redis": {"master": "master", "database-url": "database-url", "redis-url": "redis-url"},
		"everything":     {"master": "MASTER", "database-url": "PG_URL", "redis-url": "REDIS_URL"},
	}
	for example, want := range tests {
		t.Run(example, func(t *testing.T) {
			t.Parallel()
			d := one[*appsv1.Deployment](t, render(t, values(example)...))
			for _, v := range d.Spec.Template.Spec.Volumes {
				if v.Secret == nil {
					continue
				}
				if v.Secret.DefaultMode == nil || *v.Secret.DefaultMode != 0o440 {
					t.Errorf("files of %s: mode %v, want 0440", v.Name, v.Secret.DefaultMode)
				}
				if v.Name != "secrets" {
					continue
				}
				got := make(map[string]string)
				for _, item := range v.Secret.Items {
					got[path.Clean(item.Path)] = item.Key
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("files and keys (-want +got):\n%s", diff)
				}
			}
		})
	}
}

func TestPersistentClaimOutlivesTheRelease(t *testing.T) {
	t.Parallel()
	kept := one[*corev1.PersistentVolumeClaim](t, render(t, values("sqlite")...))
	if kept.Annotations["helm.sh/resource-policy"] != "keep" {
		t.Error("removing the release would remove every key and pseudonym")
	}
	for _, m := range kept.Spec.AccessModes {
		if m != corev1.ReadWriteOnce {
			t.Errorf("access mode %s lets two nodes write one file", m)
		}
	}
	if own := every[*corev1.PersistentVolumeClaim](render(t, append(values("sqlite"), "--set", "store.persistence.existingClaim=mine")...)); len(own) != 0 {
		t.Error("a claim is made although one was named")
	}
}
