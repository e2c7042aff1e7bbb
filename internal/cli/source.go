// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/cli-runtime/pkg/resource"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/admission"
)

// source holds the flags which tell plan where to read Conversations: from files or from the cluster.
type source struct {
	files     []string
	kustomize string
	recursive bool
	server    bool
	everyone  bool
	offline   bool
}

func (f *source) addFlags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringSliceVarP(&f.files, "filename", "f", nil, "files, folders or URLs with manifests; - is standard input")
	flags.StringVarP(&f.kustomize, "kustomize", "k", "", "a folder that kustomize builds")
	flags.BoolVarP(&f.recursive, "recursive", "R", false, "also read the subfolders of folders")
	flags.BoolVar(&f.server, "server", false, "read the objects of the cluster instead of manifests")
	flags.BoolVar(&f.offline, "offline", false,
		"do not connect to the cluster, and treat every manifest as a new object; needs --cluster-name and credentials in the environment")
	cmd.MarkFlagsMutuallyExclusive("server", "filename")
	cmd.MarkFlagsMutuallyExclusive("server", "kustomize")
	cmd.MarkFlagsMutuallyExclusive("server", "offline")
}

func addEveryone(cmd *cobra.Command, everyone *bool) {
	cmd.Flags().BoolVarP(everyone, "all-namespaces", "A", false, "use the objects of all namespaces")
}

// candidate is a Conversation of the cluster, or a Conversation as the cluster would hold the object after an apply.
type candidate struct {
	*v1alpha1.Conversation
	// refused is the reason why Kubernetes would refuse the manifest; empty: Kubernetes would accept the manifest.
	refused string
	// manifest is the object as read from a file; nil for an object of the cluster.
	manifest *unstructured.Unstructured
}

// candidates returns the Conversations in the order of reading.
func (f *source) candidates(ctx context.Context, s *session) ([]candidate, error) {
	if !f.server {
		return f.fromFiles(ctx, s)
	}
	c, err := s.cluster()
	if err != nil {
		return nil, err
	}
	namespace := c.namespace
	if f.everyone {
		namespace = ""
	}
	var out []candidate
	err = c.each(ctx, namespace, func(conv *v1alpha1.Conversation) error {
		out = append(out, candidate{Conversation: conv.DeepCopy()})
		return nil
	})
	return out, err
}

func (f *source) fromFiles(ctx context.Context, s *session) ([]candidate, error) {
	rules, err := admission.New()
	if err != nil {
		return nil, err
	}
	out, err := f.manifests(ctx, s, rules)
	if err != nil {
		return nil, err
	}
	var there *lookup
	if !f.offline {
		c, err := s.cluster()
		if err != nil {
			return nil, err
		}
		if there, err = c.lookup(ctx, out); err != nil {
			return nil, err
		}
	}
	for i := range out {
		if out[i].refused != "" {
			continue
		}
		live, err := there.find(ctx, out[i].Conversation)
		if err != nil {
			return nil, err
		}
		if err := out[i].admit(ctx, rules, live); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// manifests reads the Conversations of the files, as new objects. Reading standard input or a file takes no context, so the
// reading goroutine may outlive an interruption.
func (f *source) manifests(ctx context.Context, s *session, rules *admission.Conversations) ([]candidate, error) {
	namespace, err := s.namespace()
	if err != nil {
		return nil, err
	}
	type result struct {
		found []candidate
		err   error
	}
	bar := s.newBar(unknown)
	defer bar.end()
	read := make(chan result, 1)
	go func() {
		found, err := f.visit(ctx, rules, namespace, bar)
		read <- result{found, missingFile(err)}
	}()
	select {
	case r := <-read:
		return r.found, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// visit reads the manifests in order, and returns the Conversations. A manifest of the operator's API group with an unknown
// kind or version becomes a refused candidate; visit skips accounts and objects of other groups.
func (f *source) visit(ctx context.Context, rules *admission.Conversations, namespace string, bar *bar) (found []candidate, err error) {
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		return nil, err
	}
	files := &resource.FilenameOptions{Filenames: f.files, Kustomize: f.kustomize, Recursive: f.recursive}
	all := resource.NewLocalBuilder().Unstructured().Local().FilenameParam(false, files).Flatten().Do()
	err = all.Visit(func(info *resource.Info, err error) error {
		if err = errors.Join(err, ctx.Err()); err != nil {
			return err
		}
		u, ok := info.Object.(*unstructured.Unstructured)
		if !ok || u.GroupVersionKind().Group != v1alpha1.SchemeGroupVersion.Group {
			return nil
		}
		known := scheme.Recognizes(u.GroupVersionKind())
		if known && u.GetKind() != "Conversation" {
			return nil
		}
		u.SetNamespace(cmp.Or(u.GetNamespace(), namespace))
		one := candidate{Conversation: &v1alpha1.Conversation{}, manifest: u}
		one.Namespace, one.Name = u.GetNamespace(), u.GetName()
		if !known {
			one.refused = fmt.Sprintf("there is no kind %s in %s: correct kind or apiVersion.", u.GetKind(), u.GetAPIVersion())
		} else if err := rules.Decode(u); err != nil {
			one.refused = err.Error() + "."
		}
		found = append(found, one)
		bar.add(1)
		return nil
	})
	return found, err
}

// missingFile turns the operating system's error for a missing file into a short message with the path of the file.
func missingFile(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok && errors.Is(e, fs.ErrNotExist) {
		return fmt.Errorf("%s does not exist", e.Path)
	}
	return err
}

// admit turns the manifest into the object which the cluster would hold after an apply: a new object, or the live object
// with the spec of the manifest. If Kubernetes would refuse the manifest, admit only sets refused.
func (c *candidate) admit(ctx context.Context, rules *admission.Conversations, live *v1alpha1.Conversation) error {
	var refusal error
	if live == nil {
		refusal = rules.Create(ctx, c.manifest)
	} else {
		old, err := runtime.DefaultUnstructuredConverter.ToUnstructured(live)
		if err != nil {
			return fmt.Errorf("reading Conversation %s/%s: %w", live.Namespace, live.Name, err)
		}
		refusal = rules.Update(ctx, c.manifest, &unstructured.Unstructured{Object: old})
	}
	if refusal != nil {
		c.refused = refusal.Error() + "."
		return nil
	}
	text, err := c.manifest.MarshalJSON()
	if err != nil {
		return err
	}
	conv := &v1alpha1.Conversation{}
	if err := json.Unmarshal(text, conv); err != nil {
		return fmt.Errorf("reading Conversation %s/%s: %w", c.Namespace, c.Name, err)
	}
	if live == nil {
		conv.Generation, conv.Status = 1, v1alpha1.ConversationStatus{ObservedGeneration: -1}
		c.Conversation = conv
		return nil
	}
	if !equality.Semantic.DeepEqual(live.Spec, conv.Spec) {
		live.Generation++
	}
	live.Spec = conv.Spec
	c.Conversation = live
	return nil
}
