package charttest_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

const (
	chartDir  = "../../deploy/helm"
	namespace = "sso"

	// The oldest Kubernetes the chart accepts, and the one of the API types.
	oldest = "1.29.0"
	newest = "1.37.0"
)

// examples are the value files that the chart ships: each is rendered as it is.
func examples() []string {
	return []string{"sqlite", "postgres-redis", "everything"}
}

// helm runs Helm away from any cluster and configuration of the machine.
func helm(t *testing.T, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	bin, err := filepath.Abs("../../.cache/bin/helm")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(bin); err != nil {
		t.Fatalf("helm is not built: run make chart (%v)", err)
	}
	home := t.TempDir()
	cmd := exec.CommandContext(t.Context(), bin, args...)
	cmd.Env = []string{
		"HOME=" + home,
		"HELM_CACHE_HOME=" + home,
		"HELM_CONFIG_HOME=" + home,
		"HELM_DATA_HOME=" + home,
		"KUBECONFIG=" + filepath.Join(home, "none"),
	}
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err = cmd.Run()
	return out.String(), errs.String(), err
}

// template renders the chart as a release named ecl and returns the manifests.
func template(t *testing.T, args ...string) (string, error) {
	t.Helper()
	args = append([]string{"template", "ecl", chartDir, "--namespace", namespace, "--kube-version", newest}, args...)
	out, errs, err := helm(t, args...)
	if err != nil {
		return "", fmt.Errorf("%w: %s", err, errs)
	}
	return out, nil
}

// values names the value file of an example.
func values(example string) []string {
	return []string{"-f", filepath.Join(chartDir, "examples", example+".yaml")}
}

// render renders the chart and decodes every object, or ends the test.
func render(t *testing.T, args ...string) objects {
	t.Helper()
	text, err := template(t, args...)
	if err != nil {
		t.Fatal(err)
	}
	all, err := decodeAll(text)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestChartPassesStrictLint(t *testing.T) {
	t.Parallel()
	for _, example := range examples() {
		for _, version := range []string{oldest, newest} {
			t.Run(example+" on "+version, func(t *testing.T) {
				t.Parallel()
				args := append([]string{"lint", "--strict", chartDir, "--kube-version", version}, values(example)...)
				if out, errs, err := helm(t, args...); err != nil {
					t.Errorf("helm lint: %v\n%s%s", err, out, errs)
				}
			})
		}
	}
}

func TestChartRefusesOlderKubernetes(t *testing.T) {
	t.Parallel()
	_, errs, err := helm(t, append([]string{"template", "ecl", chartDir, "--kube-version", "1.28.0"}, values("sqlite")...)...)
	if err == nil || !bytes.Contains([]byte(errs), []byte("incompatible with Kubernetes v1.28.0")) {
		t.Errorf("got %v, %s; want a refusal naming the version", err, errs)
	}
}
