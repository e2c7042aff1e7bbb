// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/controller/options"
	"github.com/conversations-operator/conversations-operator/internal/kube"
)

// CacheOptions say which objects, and which parts of them, the manager's cache holds.
func CacheOptions(o options.Manager) cache.Options {
	opts := cache.Options{DefaultTransform: strip}
	if o.WatchLabelSelector != nil {
		opts.ByObject = map[client.Object]cache.ByObject{&v1alpha1.Conversation{}: {Label: o.WatchLabelSelector}}
	}
	if len(o.WatchNamespaces) > 0 {
		opts.DefaultNamespaces, opts.NewInformer = map[string]cache.Config{}, kube.NewInformer
		for _, ns := range o.WatchNamespaces {
			opts.DefaultNamespaces[ns] = cache.Config{}
		}
	}
	return opts
}

// strip drops from cached objects the parts which the operator never reads. Of a Secret, strip keeps only the metadata
// which tell versions of the Secret apart: kubectl's last-applied annotation holds the content of the Secret.
func strip(o any) (any, error) {
	m, ok := o.(metav1.Object)
	if !ok {
		return o, nil
	}
	m.SetManagedFields(nil)
	// The annotation is a second copy of the spec. A patch holds only differences, so the annotation stays in the API
	// server.
	delete(m.GetAnnotations(), corev1.LastAppliedConfigAnnotation)
	if p, ok := o.(*metav1.PartialObjectMetadata); ok {
		*p = metav1.PartialObjectMetadata{TypeMeta: p.TypeMeta, ObjectMeta: metav1.ObjectMeta{
			Namespace: p.Namespace, Name: p.Name, UID: p.UID, ResourceVersion: p.ResourceVersion, Labels: p.Labels,
			Finalizers: p.Finalizers, DeletionTimestamp: p.DeletionTimestamp,
		}}
	}
	if conv, ok := o.(*v1alpha1.Conversation); ok {
		share(conv)
	}
	return o, nil
}

// share keeps one copy of each string that many Conversations have in common.
func share(conv *v1alpha1.Conversation) {
	same(&conv.Namespace)
	for i := range conv.Finalizers {
		same(&conv.Finalizers[i])
	}
	same(&conv.Spec.ChatServiceSID)
	same(&conv.Spec.MessagingServiceSID)
	s := &conv.Status
	same(&s.AccountSID)
	same(&s.ChatServiceSID)
	same(&s.MessagingServiceSID)
	same(&s.State)
	same(&s.Origin)
	for i := range s.Conditions {
		c := &s.Conditions[i]
		same(&c.Type)
		same(&c.Status)
		same(&c.Reason)
		same(&c.Message)
	}
}

func same[S ~string](s *S) { *s = S(kube.Strings.One(string(*s))) }
