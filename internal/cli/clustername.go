// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	appsv1 "k8s.io/api/apps/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/internal/tenancy"
)

func addClusterName(cmd *cobra.Command, name *string) {
	cmd.Flags().StringVar(name, "cluster-name", "",
		"the --cluster-name of the operator; left out, it is read from the arguments of the operator's Deployment")
}

// clusterName is the name of the cluster, a part of every generated unique name.
type clusterName struct {
	name string
	// source names the place of the name, for messages.
	source string
}

// clusterNames finds the cluster's name: the name given by the user, else the name used by the operator of a namespace.
type clusterNames struct {
	given   string
	cluster func() (*cluster, error)
	// operators are the operators of the cluster; nil: not read yet.
	operators []operator
	known     map[string]clusterName
}

func (s *session) clusterNames(given string) *clusterNames {
	return &clusterNames{given: given, cluster: s.cluster, known: map[string]clusterName{}}
}

// everywhere asks for the cluster name of all operators.
const everywhere = ""

// of returns the cluster's name for the objects of a namespace. Operators of the namespace with different names, or with
// unclear arguments, are an error: a tenant may have created a Deployment, so no Deployment overrules another.
func (n *clusterNames) of(ctx context.Context, namespace string) (clusterName, error) {
	if n.given != "" {
		return clusterName{n.given, "--cluster-name"}, nil
	}
	if known, ok := n.known[namespace]; ok {
		return known, nil
	}
	c, err := n.cluster()
	if err != nil {
		return clusterName{}, err
	}
	if n.operators == nil {
		if n.operators, err = c.operators(ctx); err != nil {
			return clusterName{}, err
		}
	}
	o, err := choose(n.operators, namespace)
	if err != nil {
		return clusterName{}, err
	}
	found := clusterName{o.clusterName, "Deployment " + o.deployment}
	if found.name == "" {
		if found.name, err = tenancy.ClusterName(ctx, c); err != nil {
			return clusterName{}, c.fails(fmt.Errorf("finding the cluster's name: %w", err))
		}
		found.source = "the UID of the namespace kube-system, as Deployment " + o.deployment + " has no --cluster-name"
	}
	n.known[namespace] = found
	return found, nil
}

const giveClusterName = "give the cluster name of the operator with --cluster-name"

// choose returns an operator which may manage the objects of a namespace. All operators of the namespace must have the same
// cluster name.
func choose(operators []operator, namespace string) (*operator, error) {
	var all []*operator
	for i := range operators {
		if namespace == everywhere || operators[i].watches(namespace) {
			all = append(all, &operators[i])
		}
	}
	if len(all) == 0 {
		where := ""
		if namespace != everywhere {
			where = " that watches the namespace " + namespace
		}
		return nil, fmt.Errorf("the cluster has no Deployment of the operator%s: %s", where, giveClusterName)
	}
	differs := func(o *operator) bool { return o.unclear != nil || o.clusterName != all[0].clusterName }
	if !slices.ContainsFunc(all, differs) {
		return all[0], nil
	}
	said := make([]string, 0, len(all))
	for _, o := range all {
		said = append(said, o.String())
	}
	return nil, fmt.Errorf("the cluster name is not clear: %s: %s", strings.Join(said, "; "), giveClusterName)
}

// operators returns the operators of the Deployments with the operator's label, in all namespaces.
func (c *cluster) operators(ctx context.Context) ([]operator, error) {
	var list appsv1.DeploymentList
	err := c.List(ctx, &list, client.MatchingLabels{"app.kubernetes.io/name": "conversations-operator"})
	if apierrors.IsForbidden(err) {
		return nil, fmt.Errorf("the Deployments of the operator cannot be read: %s: %w", giveClusterName, c.fails(err))
	}
	if err != nil {
		return nil, c.fails(err)
	}
	out := make([]operator, 0, len(list.Items))
	for i := range list.Items {
		out = append(out, newOperator(&list.Items[i]))
	}
	return out, nil
}
