// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer/json"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/cli-runtime/pkg/resource"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
)

// source is where the Conversations come from that a command looks at: files, or the cluster.
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
	flags.BoolVarP(&f.recursive, "recursive", "R", false, "look into the folders of folders too")
	flags.BoolVar(&f.server, "server", false, "look at what is in the cluster")
	flags.BoolVar(&f.offline, "offline", false, "do not ask the cluster: every manifest is a new object. Needs --cluster-name and credentials in the environment")
	cmd.MarkFlagsMutuallyExclusive("server", "filename")
	cmd.MarkFlagsMutuallyExclusive("server", "kustomize")
	cmd.MarkFlagsMutuallyExclusive("server", "offline")
}

func addEveryone(cmd *cobra.Command, everyone *bool) {
	cmd.Flags().BoolVarP(everyone, "all-namespaces", "A", false, "look into all namespaces")
}

// candidate is a Conversation as it would be in the cluster.
type candidate struct {
	*v1alpha1.Conversation
	// refused is why Kubernetes would not take it; empty: it would.
	refused string
}

// candidates are the Conversations, in the order in which they are read.
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
		out = append(out, candidate{conv.DeepCopy(), ""})
		return nil
	})
	return out, err
}

func (f *source) fromFiles(ctx context.Context, s *session) ([]candidate, error) {
	out, err := f.manifests(ctx, s)
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
	for i, one := range out {
		if one.refused != "" {
			continue
		}
		live, err := there.find(ctx, one.Conversation)
		if err != nil {
			return nil, err
		}
		if live != nil {
			out[i] = onto(live, one.Conversation)
		}
	}
	return out, nil
}

// manifests are the Conversations of the files, as new objects. Reading hears of no context, neither standard input nor
// the rest of a folder: an interruption leaves it behind.
func (f *source) manifests(ctx context.Context, s *session) ([]candidate, error) {
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
		found, err := f.visit(ctx, namespace, bar)
		read <- result{found, missingFile(err)}
	}()
	select {
	case r := <-read:
		return r.found, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (f *source) visit(ctx context.Context, namespace string, bar *bar) (found []candidate, err error) {
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
		one, err := decode(scheme, u)
		if err != nil || one.Conversation == nil {
			return err
		}
		one.Namespace, one.Generation = or(one.Namespace, namespace), 1
		found = append(found, one)
		bar.add(1)
		return nil
	})
	return found, err
}

// missingFile says it in the words of who named the file.
func missingFile(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok && errors.Is(e, fs.ErrNotExist) {
		return fmt.Errorf("there is no %s", e.Path)
	}
	return err
}

// decode reads a manifest as strictly as the API server does; no Conversation: it is of another of the operator's kinds.
func decode(scheme *runtime.Scheme, u *unstructured.Unstructured) (candidate, error) {
	conv := &v1alpha1.Conversation{}
	conv.Namespace, conv.Name = u.GetNamespace(), u.GetName()
	if gvk := u.GroupVersionKind(); !scheme.Recognizes(gvk) {
		return candidate{conv, fmt.Sprintf("there is no kind %s in %s: correct kind or apiVersion.", gvk.Kind, gvk.GroupVersion())}, nil
	}
	if u.GetKind() != "Conversation" {
		return candidate{}, nil
	}
	text, err := u.MarshalJSON()
	if err != nil {
		return candidate{}, err
	}
	strict := json.NewSerializerWithOptions(json.DefaultMetaFactory, scheme, scheme, json.SerializerOptions{Strict: true})
	if _, _, err := strict.Decode(text, nil, conv); err != nil {
		return candidate{conv, misread(err)}, nil
	}
	conv.Status = v1alpha1.ConversationStatus{ObservedGeneration: -1}
	return candidate{conv, inadmissible(conv)}, nil
}

// misread says what is wrong without the words of who reads JSON.
func misread(err error) string {
	text := strings.TrimPrefix(err.Error(), "strict decoding error: ")
	return strings.TrimPrefix(text, "json: ") + "."
}

// onto puts the manifest over the object that is in the cluster.
func onto(live, conv *v1alpha1.Conversation) candidate {
	problem := changed(&live.Spec, &conv.Spec)
	if !equality.Semantic.DeepEqual(live.Spec, conv.Spec) {
		live.Generation++
	}
	live.Spec = conv.Spec
	return candidate{live, problem}
}

// inadmissible is why the API server would refuse a new object.
func inadmissible(conv *v1alpha1.Conversation) string {
	if conv.Name == "" {
		return "metadata.name is missing."
	}
	if problems := validation.IsDNS1123Subdomain(conv.Name); len(problems) > 0 {
		return "metadata.name: " + strings.Join(problems, ", ") + "."
	}
	if errs := conv.Spec.Validate(); len(errs) > 0 {
		return errs.ToAggregate().Error() + "."
	}
	return ""
}

// changed names what the API server does not let anybody change.
func changed(was, is *v1alpha1.ConversationSpec) string {
	sid := func(s *v1alpha1.ConversationSpec) string {
		if s.Adoption == nil {
			return ""
		}
		return s.Adoption.SID
	}
	var fields []string
	if !equality.Semantic.DeepEqual(was.AccountRef, is.AccountRef) {
		fields = append(fields, "spec.accountRef")
	}
	if was.ChatServiceSID != is.ChatServiceSID {
		fields = append(fields, "spec.chatServiceSid")
	}
	if sid(was) != sid(is) {
		fields = append(fields, "spec.adoption.sid")
	}
	if len(fields) == 0 {
		return ""
	}
	return strings.Join(slices.Compact(fields), " and ") + " must not change: delete the object and make a new one."
}
