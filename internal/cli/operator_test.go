// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"slices"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
)

// deployment is one of the operator's, whose manager has these arguments.
func deployment(args ...string) *appsv1.Deployment {
	d := &appsv1.Deployment{}
	d.Namespace, d.Name = "system", "manager"
	d.Spec.Template.Spec.Containers = []corev1.Container{{Name: "manager", Command: []string{"/manager"}, Args: args}}
	return d
}

// with changes the container of a Deployment.
func with(d *appsv1.Deployment, change func(*corev1.Container)) *appsv1.Deployment {
	change(&d.Spec.Template.Spec.Containers[0])
	return d
}

func TestTheArgumentsOfADeploymentAreReadAsTheManagerReadsThem(t *testing.T) {
	fromSecret := &corev1.EnvVarSource{SecretKeyRef: &corev1.SecretKeySelector{Key: "name"}}
	for name, tt := range map[string]struct {
		deployment *appsv1.Deployment
		want       string
		namespaces []string
		unclear    string
	}{
		"a name after an equals sign":          {deployment: deployment("--leader-elect", "--cluster-name=production"), want: "production"},
		"a name as an argument of its own":     {deployment: deployment("--cluster-name", "production", "--leader-elect"), want: "production"},
		"a name with one hyphen":               {deployment: deployment("-cluster-name=production"), want: "production"},
		"one hyphen, and an argument":          {deployment: deployment("-cluster-name", "production"), want: "production"},
		"the last of two names":                {deployment: deployment("--cluster-name=staging", "-cluster-name", "production"), want: "production"},
		"a boolean does not take the next one": {deployment: deployment("--leader-elect", "--metrics-secure=false", "--cluster-name=a"), want: "a"},
		"another flag takes the next one":      {deployment: deployment("--twilio-base-url", "--cluster-name=a"), want: ""},
		"a flag of the logger":                 {deployment: deployment("--zap-log-level=debug", "--zap-devel", "--cluster-name=a"), want: "a"},
		"the kubeconfig":                       {deployment: deployment("--kubeconfig", "/k", "--cluster-name=a"), want: "a"},
		"nothing behind two hyphens":           {deployment: deployment("--cluster-name=a", "--"), want: "a"},
		"a flag behind two hyphens":            {deployment: deployment("--", "--cluster-name=a"), unclear: `no flag takes the argument "--cluster-name=a"`},
		"no name":                              {deployment: deployment("--leader-elect"), want: ""},
		"an empty name":                        {deployment: deployment("--cluster-name="), want: ""},
		"no arguments":                         {deployment: deployment(), want: ""},
		"a name that holds what looks like another": {
			deployment: deployment("--cluster-name=a --cluster-name=b"), want: "a --cluster-name=b"},
		"namespaces": {
			deployment: deployment("--watch-namespaces", "a, b", "--cluster-name=a"), want: "a", namespaces: []string{"a", "b"}},
		"namespaces that are none": {deployment: deployment("--watch-namespaces=A"), unclear: `"A" is no namespace`},
		"a flag of a later version": {
			deployment: deployment("--colour", "--cluster-name=a"), unclear: "flag provided but not defined: -colour"},
		"a value that is none":     {deployment: deployment("--leader-elect=maybe", "--cluster-name=a"), unclear: "leader-elect"},
		"a flag without its value": {deployment: deployment("--cluster-name"), unclear: "flag needs an argument: -cluster-name"},
		"an argument without flag": {deployment: deployment("--leader-elect", "true", "--cluster-name=a"), unclear: `no flag takes the argument "true"`},
		"arguments of the command": {deployment: with(deployment("--leader-elect"), command("/manager", "--cluster-name=a")), want: "a"},
		"the command of the image": {deployment: with(deployment("--cluster-name=a"), command()), want: "a"},
		"a shell": {deployment: with(deployment("exec /manager --cluster-name=a"), command("sh", "-c")),
			unclear: `the container runs "sh", not the manager`},
		"a variable":                {deployment: with(deployment("--cluster-name=$(NAME)"), env("NAME", "a")), want: "a"},
		"a variable of another":     {deployment: with(deployment("--cluster-name=$(B)"), env("A", "a", "B", "x-$(A)")), want: "x-a"},
		"a dollar sign":             {deployment: with(deployment("--cluster-name=$$(NAME)$x$("), env("NAME", "a")), want: "$(NAME)$x$("},
		"a variable of a Secret":    {deployment: with(deployment("--cluster-name=$(NAME)"), envFrom("NAME", fromSecret)), unclear: "$(NAME)"},
		"a variable of nobody":      {deployment: deployment("--cluster-name=$(NAME)"), unclear: "only the pod knows the value of $(NAME)"},
		"namespaces of the pod":     {deployment: deployment("--watch-namespaces=$(NAME)", "--cluster-name=a"), unclear: "$(NAME)"},
		"another flag of the pod":   {deployment: deployment("--twilio-base-url=$(URL)", "--cluster-name=a"), want: "a"},
		"a sidecar beside it":       {deployment: sidecar(deployment("--cluster-name=a")), want: "a"},
		"one container, renamed":    {deployment: with(deployment("--cluster-name=a"), renamed), want: "a"},
		"no container that is told": {deployment: with(sidecar(deployment()), renamed), unclear: "no container is named manager"},
	} {
		t.Run(name, func(t *testing.T) {
			got := newOperator(tt.deployment)
			if tt.unclear != "" {
				if got.unclear == nil || !strings.Contains(got.unclear.Error(), tt.unclear) {
					t.Errorf("it is %q, and unclear because %v", got.clusterName, got.unclear)
				}
				return
			}
			if got.unclear != nil || got.clusterName != tt.want || !slices.Equal(got.namespaces, tt.namespaces) {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func command(line ...string) func(*corev1.Container) {
	return func(c *corev1.Container) { c.Command = line }
}

func renamed(c *corev1.Container) { c.Name = "operator" }

func env(pairs ...string) func(*corev1.Container) {
	return func(c *corev1.Container) {
		for i := 0; i < len(pairs); i += 2 {
			c.Env = append(c.Env, corev1.EnvVar{Name: pairs[i], Value: pairs[i+1]})
		}
	}
}

func envFrom(name string, source *corev1.EnvVarSource) func(*corev1.Container) {
	return func(c *corev1.Container) { c.Env = append(c.Env, corev1.EnvVar{Name: name, ValueFrom: source}) }
}

func sidecar(d *appsv1.Deployment) *appsv1.Deployment {
	d.Spec.Template.Spec.Containers = append(d.Spec.Template.Spec.Containers, corev1.Container{Name: "proxy"})
	return d
}

func TestNoDeploymentDecidesAgainstAnother(t *testing.T) {
	named := func(at, name string, namespaces ...string) operator {
		return operator{deployment: at, clusterName: name, namespaces: namespaces}
	}
	production, unnamed := named("system/manager", "production"), named("system/manager", "")
	tenants := named("tenant/manager", "staging")
	strange := newOperator(deployment("--colour"))
	for name, tt := range map[string]struct {
		operators []operator
		namespace string
		want      string
		says      []string
	}{
		"one operator":                {[]operator{production}, "a", "system/manager", nil},
		"one operator without a name": {[]operator{unnamed}, everywhere, "system/manager", nil},
		"shards of one operator":      {[]operator{named("x/a", "production"), named("x/b", "production")}, everywhere, "x/a", nil},
		"an operator of some namespaces": {
			[]operator{named("x/a", "one", "a"), named("x/b", "two", "b")}, "b", "x/b", nil},
		"none at all": {nil, everywhere, "", []string{"has no Deployment of the operator: give"}},
		"none of the namespace": {
			[]operator{named("x/a", "one", "a")}, "b", "", []string{"that watches the namespace b: give the cluster name of the operator with --cluster-name"}},
		"a tenant's": {[]operator{production, tenants}, "a", "",
			[]string{`Deployment system/manager has "production"; Deployment tenant/manager has "staging": give`}},
		"a tenant's, where the operator has no name": {[]operator{unnamed, tenants}, everywhere, "",
			[]string{"Deployment system/manager has no --cluster-name", `Deployment tenant/manager has "staging"`}},
		"a tenant's for one namespace": {[]operator{production, named("tenant/manager", "staging", "a")}, "a", "", []string{"staging", "production"}},
		"a tenant's for another namespace": {
			[]operator{production, named("tenant/manager", "staging", "tenant")}, "a", "system/manager", nil},
		"operators of several names, for all namespaces": {
			[]operator{named("x/a", "one", "a"), named("x/b", "two", "b")}, everywhere, "", []string{`"one"`, `"two"`}},
		"one that cannot be understood": {[]operator{strange}, "a", "",
			[]string{"the arguments of Deployment system/manager cannot be understood (flag provided but not defined: -colour): give"}},
		"one that can be understood beside it": {[]operator{production, strange}, "a", "", []string{`"production"`, "cannot be understood"}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := choose(tt.operators, tt.namespace)
			if tt.want != "" {
				if err != nil || got.deployment != tt.want {
					t.Errorf("got %v and %v, want %s", got, err, tt.want)
				}
				return
			}
			if err == nil {
				t.Fatalf("it chose %v", got)
			}
			for _, part := range append(tt.says, giveClusterName) {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%q does not say %q", err, part)
				}
			}
		})
	}
}
