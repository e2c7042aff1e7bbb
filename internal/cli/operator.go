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

// managerName is the name of the manager's binary, and of the manager's container in every manifest of the project.
const managerName = "manager"

// operator holds the settings of a manager, read from the manager's Deployment.
type operator struct {
	// deployment is the Deployment's namespace and name.
	deployment string
	// clusterName is the value of --cluster-name; empty: the manager uses the UID of the namespace kube-system.
	clusterName string
	// namespaces are the values of --watch-namespaces; empty: all namespaces.
	namespaces []string
	// unclear is the reason why the plugin cannot understand the arguments; nil: the plugin understands the arguments.
	unclear error
}

// newOperator reads the arguments of a Deployment as the manager reads its arguments.
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
			o.unclear = fmt.Errorf("only the pod knows the value of %s", reference)
			return o
		}
	}
	o.clusterName = f.ClusterName
	o.namespaces, o.unclear = f.Namespaces()
	return o
}

// watches reports whether the operator may manage the objects of a namespace. An operator with unclear arguments may manage
// the objects of every namespace.
func (o *operator) watches(namespace string) bool {
	return o.unclear != nil || len(o.namespaces) == 0 || slices.Contains(o.namespaces, namespace)
}

// String describes the cluster name in the Deployment, for messages.
func (o *operator) String() string {
	switch {
	case o.unclear != nil:
		return fmt.Sprintf("the arguments of Deployment %s cannot be understood (%v)", o.deployment, o.unclear)
	case o.clusterName == "":
		return fmt.Sprintf("Deployment %s has no --cluster-name, which means the UID of the namespace kube-system", o.deployment)
	}
	return fmt.Sprintf("Deployment %s has %q", o.deployment, o.clusterName)
}

// managerOf returns the manager's container of a Deployment: the container with the manager's name, else the only container.
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

// managerArguments returns the arguments with which Kubernetes starts the manager. unknown are the names of the variables in
// the arguments whose value only the pod knows.
func managerArguments(c *corev1.Container) (args, unknown []string, err error) {
	line := slices.Concat(c.Command, c.Args)
	if len(c.Command) == 0 {
		// The container runs the entrypoint of the image.
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
		return nil, nil, fmt.Errorf("the container runs %q, not the manager", line[0])
	}
	return line[1:], unknown, nil
}

// references matches $(NAME) and $$, which Kubernetes replaces in arguments and in the values of variables.
var references = regexp.MustCompile(`\$\$|\$\([^)]*\)`)

// expand replaces $(NAME) with the value of the variable, and $$ with $, as Kubernetes does. A reference to a variable
// without a value stays unchanged, and unknown holds the variable's name.
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
