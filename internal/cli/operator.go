// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/conversations-operator/conversations-operator/internal/commandline"
)

// managerName is the name of the manager's binary, and of its container in every manifest of the project.
const managerName = "manager"

// operator is what a Deployment says of the manager that it runs.
type operator struct {
	// deployment is the Deployment's namespace and name.
	deployment string
	// clusterName is the value of --cluster-name; empty: the manager uses the UID of the namespace kube-system.
	clusterName string
	// namespaces are those of --watch-namespaces; empty: all.
	namespaces []string
	// unclear is why the arguments cannot be understood; nil: they can.
	unclear error
}

// newOperator reads the arguments of a Deployment as the manager would read them.
func newOperator(d *appsv1.Deployment) operator {
	o := operator{deployment: d.Namespace + "/" + d.Name}
	c, err := managerOf(d)
	if err != nil {
		o.unclear = err
		return o
	}
	args, unknown, err := managerArguments(c)
	if err != nil {
		o.unclear = err
		return o
	}
	f, err := commandline.Parse(args)
	if err != nil {
		o.unclear = err
		return o
	}
	for _, name := range unknown {
		reference := "$(" + name + ")"
		if strings.Contains(f.ClusterName, reference) || strings.Contains(f.WatchNamespaces, reference) {
			o.unclear = fmt.Errorf("only its pod knows the value of %s", reference)
			return o
		}
	}
	o.clusterName = f.ClusterName
	o.namespaces, o.unclear = f.Namespaces()
	return o
}

// watches tells whether the operator may manage the objects of a namespace.
func (o *operator) watches(namespace string) bool {
	return o.unclear != nil || len(o.namespaces) == 0 || slices.Contains(o.namespaces, namespace)
}

// String says which cluster name the Deployment gives, for messages.
func (o *operator) String() string {
	switch {
	case o.unclear != nil:
		return fmt.Sprintf("the arguments of Deployment %s cannot be understood (%v)", o.deployment, o.unclear)
	case o.clusterName == "":
		return fmt.Sprintf("Deployment %s has no --cluster-name, which means the UID of the namespace kube-system", o.deployment)
	}
	return fmt.Sprintf("Deployment %s has %q", o.deployment, o.clusterName)
}

// managerOf is the container of a Deployment that runs the manager.
func managerOf(d *appsv1.Deployment) (*corev1.Container, error) {
	all := d.Spec.Template.Spec.Containers
	if i := slices.IndexFunc(all, func(c corev1.Container) bool { return c.Name == managerName }); i >= 0 {
		return &all[i], nil
	}
	if len(all) == 1 {
		return &all[0], nil
	}
	return nil, errors.New("no container is named " + managerName)
}

// managerArguments are the arguments that Kubernetes starts the manager with, and the names of the variables in them of which
// only the pod knows the value.
func managerArguments(c *corev1.Container) (args, unknown []string, err error) {
	line := slices.Concat(c.Command, c.Args)
	if len(c.Command) == 0 {
		// The image names the command.
		line = append([]string{managerName}, c.Args...)
	}
	values := map[string]string{}
	for _, e := range c.Env {
		if e.ValueFrom == nil {
			values[e.Name], _ = expand(e.Value, values)
		}
	}
	for i := range line {
		var missing []string
		line[i], missing = expand(line[i], values)
		unknown = append(unknown, missing...)
	}
	if path.Base(line[0]) != managerName {
		return nil, nil, fmt.Errorf("it runs %q, not the manager", line[0])
	}
	return line[1:], unknown, nil
}

// references are what Kubernetes replaces in arguments and in the values of variables.
var references = regexp.MustCompile(`\$\$|\$\([^)]*\)`)

// expand replaces $(NAME) by the value of the variable as Kubernetes does. A variable without a value stays as it is written.
func expand(text string, values map[string]string) (expanded string, unknown []string) {
	expanded = references.ReplaceAllStringFunc(text, func(found string) string {
		if found == "$$" {
			return "$"
		}
		name := found[len("$(") : len(found)-len(")")]
		value, known := values[name]
		if !known {
			unknown = append(unknown, name)
			return found
		}
		return value
	})
	return expanded, unknown
}
