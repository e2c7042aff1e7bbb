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
	_ "k8s.io/client-go/plugin/pkg/client/auth" // all login methods of kubectl
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
)

const (
	// pageOfObjects is the largest number of objects in an answer to a list request to Kubernetes.
	pageOfObjects = 500
	// unconfigured is client-go's host for an empty configuration.
	unconfigured = "http://localhost:8080"
	// fieldSID is the selectable field with the sid of a Conversation.
	fieldSID = "status.sid"
)

// cluster is a client for the Kubernetes cluster of the kubeconfig.
type cluster struct {
	client.WithWatch
	// host is the URL of the API server, for messages.
	host      string
	namespace string
}

// unreachableError is the error of a request to the cluster, whether the cluster refused the request or did not answer.
type unreachableError struct {
	host string
	err  error
}

func (e *unreachableError) Error() string { return e.err.Error() }
func (e *unreachableError) Unwrap() error { return e.err }

// noClusterError says that the kubeconfig is missing or cannot be used.
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
	// A negative QPS turns client-go's rate limit off: the plugin sends one request at a time, and the API server limits its
	// clients itself.
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

// namespace returns the namespace of -n, else the namespace of the kubeconfig.
func (s *session) namespace() (string, error) {
	ns, _, err := s.kube.ToRawKubeConfigLoader().Namespace()
	if err != nil {
		return "", &noClusterError{err}
	}
	return ns, nil
}

// givenNamespace returns the namespace of -n; empty without -n.
func (s *session) givenNamespace() string { return *s.kube.Namespace }

// fails adds the cluster's host to the error of a request.
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

// each calls f for the Conversations of a namespace, page by page. An empty namespace means all namespaces.
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

// managed returns the objects which manage conversations, as namespace/name by sid.
func (c *cluster) managed(ctx context.Context) (map[string]string, error) {
	out := map[string]string{}
	return out, c.each(ctx, "", func(conv *v1alpha1.Conversation) error {
		if conv.OwnSID() != "" && conv.Status.Origin != "" {
			out[conv.OwnSID()] = conv.Namespace + "/" + conv.Name
		}
		return nil
	})
}

// managedBy returns the namespace/name of an object other than conv which manages the conversation; empty: no such object
// exists.
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
