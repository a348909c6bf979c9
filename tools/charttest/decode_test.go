package charttest_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"
	kjson "sigs.k8s.io/json"
	"sigs.k8s.io/yaml"
)

// objects are what one rendering installs, each in its API type.
type objects []metav1.Object

// blank returns an empty object of a kind the chart may write. Any other kind
// is an error: a new template comes with its type here.
func blank(id metav1.TypeMeta) (metav1.Object, error) {
	switch id.APIVersion + " " + id.Kind {
	case "v1 ConfigMap":
		return new(corev1.ConfigMap), nil
	case "v1 PersistentVolumeClaim":
		return new(corev1.PersistentVolumeClaim), nil
	case "v1 Pod":
		return new(corev1.Pod), nil
	case "v1 Secret":
		return new(corev1.Secret), nil
	case "v1 Service":
		return new(corev1.Service), nil
	case "v1 ServiceAccount":
		return new(corev1.ServiceAccount), nil
	case "apps/v1 Deployment":
		return new(appsv1.Deployment), nil
	case "autoscaling/v2 HorizontalPodAutoscaler":
		return new(autoscalingv2.HorizontalPodAutoscaler), nil
	case "networking.k8s.io/v1 Ingress":
		return new(networkingv1.Ingress), nil
	case "networking.k8s.io/v1 NetworkPolicy":
		return new(networkingv1.NetworkPolicy), nil
	case "policy/v1 PodDisruptionBudget":
		return new(policyv1.PodDisruptionBudget), nil
	case "gateway.networking.k8s.io/v1 HTTPRoute":
		return new(gatewayv1.HTTPRoute), nil
	case "monitoring.coreos.com/v1 ServiceMonitor":
		return new(monitoringv1.ServiceMonitor), nil
	case "monitoring.coreos.com/v1 PrometheusRule":
		return new(monitoringv1.PrometheusRule), nil
	}
	return nil, fmt.Errorf("no type known for %q of %q", id.Kind, id.APIVersion)
}

// decode reads one object. Unknown, doubled and wrongly capitalised fields are
// errors, as they are for an API server asked to validate strictly.
func decode(doc string) (metav1.Object, error) {
	data, err := yaml.YAMLToJSONStrict([]byte(doc))
	if err != nil {
		return nil, err
	}
	var id metav1.TypeMeta
	if err := kjson.UnmarshalCaseSensitivePreserveInts(data, &id); err != nil {
		return nil, err
	}
	object, err := blank(id)
	if err != nil {
		return nil, err
	}
	strict, err := kjson.UnmarshalStrict(data, object)
	if err := errors.Join(append(strict, err)...); err != nil {
		return nil, fmt.Errorf("%s %s: %w", id.Kind, object.GetName(), err)
	}
	return object, nil
}

func decodeAll(manifests string) (objects, error) {
	var all objects
	for _, doc := range strings.Split("\n"+manifests, "\n---\n") {
		if strings.TrimSpace(doc) == "" {
			continue
		}
		object, err := decode(doc)
		if err != nil {
			return nil, fmt.Errorf("%w in\n%s", err, doc)
		}
		all = append(all, object)
	}
	return all, nil
}

// every returns the objects of one type.
func every[T metav1.Object](all objects) []T {
	var found []T
	for _, o := range all {
		if typed, ok := o.(T); ok {
			found = append(found, typed)
		}
	}
	return found
}

// one returns the only object of a type, or ends the test.
func one[T metav1.Object](t *testing.T, all objects) T {
	t.Helper()
	found := every[T](all)
	if len(found) != 1 {
		t.Fatalf("rendered %d objects of type %T, want one", len(found), *new(T))
	}
	return found[0]
}

func TestDecodeRefusesWhatAClusterWouldDrop(t *testing.T) {
	t.Parallel()
	const service = "apiVersion: v1\nkind: Service\nmetadata: {name: x}\n"
	tests := map[string]struct{ doc, want string }{
		"unknown field":    {service + "spec: {targets: []}", `unknown field "spec.targets"`},
		"wrong case":       {service + "spec: {Selector: {}}", `unknown field "spec.Selector"`},
		"doubled field":    {service + "spec: {type: NodePort, type: ClusterIP}", `already set`},
		"wrong type":       {service + "spec: {ports: none}", "cannot unmarshal"},
		"unknown kind":     {"apiVersion: v1\nkind: Servise", `no type known for "Servise"`},
		"unknown version":  {"apiVersion: v2\nkind: Service", `no type known for "Service" of "v2"`},
		"not an object":    {"- 1", "cannot unmarshal"},
		"in a list's item": {service + "spec: {ports: [{prot: TCP}]}", `unknown field "spec.ports[0].prot"`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := decode(tt.doc); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("decode: got %v, want an error with %s", err, tt.want)
			}
		})
	}
}

func TestChartObjectsDecodeAndHaveValidNames(t *testing.T) {
	t.Parallel()
	want := map[string]int{"sqlite": 9, "postgres-redis": 8, "everything": 14}
	for _, example := range examples() {
		t.Run(example, func(t *testing.T) {
			t.Parallel()
			all := render(t, values(example)...)
			if len(all) != want[example] {
				t.Errorf("rendered %d objects, want %d", len(all), want[example])
			}
			seen := make(map[string]bool)
			for _, o := range all {
				id := fmt.Sprintf("%T %s", o, o.GetName())
				if seen[id] {
					t.Errorf("%s is rendered twice", id)
				}
				seen[id] = true
				for _, problem := range badMetadata(o) {
					t.Errorf("%s: %s", id, problem)
				}
			}
		})
	}
}

// badMetadata lists what an API server would refuse in an object's metadata.
func badMetadata(o metav1.Object) []string {
	problems := validation.IsDNS1123Subdomain(o.GetName())
	for key, value := range o.GetLabels() {
		problems = append(problems, validation.IsQualifiedName(key)...)
		problems = append(problems, validation.IsValidLabelValue(value)...)
	}
	for key := range o.GetAnnotations() {
		problems = append(problems, validation.IsQualifiedName(key)...)
	}
	return problems
}

func TestChartNamesStayValidForLongReleases(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 53) // the longest release name Helm takes
	out, errs, err := helm(t, append([]string{"template", long, chartDir, "--kube-version", newest}, values("sqlite")...)...)
	if err != nil {
		t.Fatal(err, errs)
	}
	all, err := decodeAll(out)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range all {
		if problems := append(badMetadata(o), validation.IsDNS1123Label(o.GetName())...); len(problems) > 0 {
			t.Errorf("%T %s: %v", o, o.GetName(), problems)
		}
	}
}
