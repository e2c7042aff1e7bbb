// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"errors"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	_ "k8s.io/client-go/plugin/pkg/client/auth" // whatever kubectl can log in with
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
)

const (
	// pageOfObjects is how many objects one request to Kubernetes answers.
	pageOfObjects = 500
	// unconfigured is where client-go looks for a cluster if nothing says where one is.
	unconfigured = "http://localhost:8080"
	// fieldSID is what Conversations can be selected by.
	fieldSID = "status.sid"
)

// cluster is the Kubernetes cluster of the kubeconfig.
type cluster struct {
	client.WithWatch
	// host is where it is, for messages.
	host      string
	namespace string
}

// unreachableError says that the cluster did not answer.
type unreachableError struct {
	host string
	err  error
}

func (e *unreachableError) Error() string { return e.err.Error() }
func (e *unreachableError) Unwrap() error { return e.err }

// noClusterError says that no cluster is configured.
type noClusterError struct{ err error }

func (e *noClusterError) Error() string { return e.err.Error() }
func (e *noClusterError) Unwrap() error { return e.err }

// cluster connects to Kubernetes, once.
func (s *session) cluster() (*cluster, error) {
	if s.connected != nil {
		return s.connected, nil
	}
	cfg, err := s.kube.ToRESTConfig()
	if err != nil {
		return nil, &noClusterError{err}
	}
	if raw, err := s.kube.ToRawKubeConfigLoader().RawConfig(); err == nil && len(raw.Clusters) == 0 && cfg.Host == unconfigured {
		return nil, &noClusterError{clientcmd.ErrEmptyConfig}
	}
	// Requests come one after another, and the API server's own fairness does the rest.
	cfg.QPS = -1
	scheme := runtime.NewScheme()
	if err := errors.Join(clientgoscheme.AddToScheme(scheme), v1alpha1.AddToScheme(scheme)); err != nil {
		return nil, err
	}
	c, err := client.NewWithWatch(cfg, client.Options{Scheme: scheme})
	if err != nil {
		return nil, &unreachableError{cfg.Host, err}
	}
	ns, err := s.namespace()
	if err != nil {
		return nil, err
	}
	s.connected = &cluster{WithWatch: c, host: cfg.Host, namespace: ns}
	return s.connected, nil
}

// namespace is the one of -n, else the one of the kubeconfig.
func (s *session) namespace() (string, error) {
	ns, _, err := s.kube.ToRawKubeConfigLoader().Namespace()
	if err != nil {
		return "", &noClusterError{err}
	}
	return ns, nil
}

// givenNamespace is the one of -n; empty if it was left out.
func (s *session) givenNamespace() string { return *s.kube.Namespace }

// fails adds where the cluster is to an error of a request to it.
func (c *cluster) fails(err error) error {
	if err == nil {
		return nil
	}
	return &unreachableError{c.host, err}
}

// get reads a Conversation of the namespace.
func (c *cluster) get(ctx context.Context, name string) (*v1alpha1.Conversation, error) {
	conv := &v1alpha1.Conversation{}
	err := c.Get(ctx, client.ObjectKey{Namespace: c.namespace, Name: name}, conv)
	if apierrors.IsNotFound(err) {
		return nil, fmt.Errorf("there is no Conversation %s/%s: check the name, --namespace and --context", c.namespace, name)
	}
	return conv, c.fails(err)
}

// each calls f for the Conversations of a namespace, all if it is empty, page by page.
func (c *cluster) each(ctx context.Context, namespace string, f func(*v1alpha1.Conversation) error) error {
	var list v1alpha1.ConversationList
	for {
		o := []client.ListOption{client.InNamespace(namespace), client.Limit(pageOfObjects), client.Continue(list.Continue)}
		if err := c.List(ctx, &list, o...); err != nil {
			return c.fails(err)
		}
		for i := range list.Items {
			if err := f(&list.Items[i]); err != nil {
				return err
			}
		}
		if list.Continue == "" {
			return nil
		}
	}
}

// managed are the conversations that objects have, by sid.
func (c *cluster) managed(ctx context.Context) (map[string]string, error) {
	out := map[string]string{}
	return out, c.each(ctx, "", func(conv *v1alpha1.Conversation) error {
		if conv.OwnSID() != "" && conv.Status.Origin != "" {
			out[conv.OwnSID()] = conv.Namespace + "/" + conv.Name
		}
		return nil
	})
}

// managedBy names an object other than conv that manages the conversation; empty if there is none.
func (c *cluster) managedBy(ctx context.Context, conv *v1alpha1.Conversation, sid string) (string, error) {
	var list v1alpha1.ConversationList
	if err := c.List(ctx, &list, client.MatchingFields{fieldSID: sid}); err != nil {
		return "", c.fails(err)
	}
	for i := range list.Items {
		o := &list.Items[i]
		if o.OwnSID() == sid && o.Status.Origin != "" && (o.Namespace != conv.Namespace || o.Name != conv.Name) {
			return o.Namespace + "/" + o.Name, nil
		}
	}
	return "", nil
}
