// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package testbed

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Namespace is where config/default installs the operator, SingleNamespace where config/namespaced does, and Deployment
// what it is called in either.
const (
	Namespace       = "conversations-operator-system"
	SingleNamespace = "conversations"
	Deployment      = "conversations-operator-controller-manager"
)

// tokenLifetime is longer than any bed lives.
const tokenLifetime = 48 * time.Hour

// Install applies config/default, as `make deploy` does, and waits until the API server serves the operator's kinds.
func (b *Bed) Install(ctx context.Context) error {
	if _, err := b.Kubectl(ctx, "apply", "-k", "config/default"); err != nil {
		return err
	}
	_, err := b.Kubectl(ctx, "wait", "-f", "config/crd/bases", "--for=condition=Established", "--timeout="+startTimeout.String())
	return err
}

// Kubectl runs kubectl with all permissions in the checkout's folder, and answers what it printed.
func (b *Bed) Kubectl(ctx context.Context, args ...string) (string, error) {
	path, err := assets("kubectl")
	if err != nil {
		return "", err
	}
	b.noteArguments(args)
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Dir = b.Root
	cmd.Env = append(os.Environ(), "KUBECONFIG="+b.Kubeconfig, "KUBECACHEDIR="+filepath.Join(b.Dir, "kubectl"))
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return stdout.String(), fmt.Errorf("kubectl %s: %w: %s", strings.Join(args, " "), err, strings.TrimSpace(stderr.String()))
	}
	return stdout.String(), nil
}

// deployed is the Deployment that was installed in a namespace.
func (b *Bed) deployed(ctx context.Context, namespace string) (*appsv1.Deployment, error) {
	d := &appsv1.Deployment{}
	if err := b.Client.Get(ctx, client.ObjectKey{Namespace: namespace, Name: Deployment}, d); err != nil {
		return nil, fmt.Errorf("reading the Deployment of the operator: %w", err)
	}
	return d, nil
}

// managerKubeconfig writes a kubeconfig for the ServiceAccount that the manager's Deployment names.
func (b *Bed) managerKubeconfig(ctx context.Context, namespace string) (string, error) {
	d, err := b.deployed(ctx, namespace)
	if err != nil {
		return "", err
	}
	account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: d.Spec.Template.Spec.ServiceAccountName}}
	request := &authenticationv1.TokenRequest{}
	request.Spec.ExpirationSeconds = new(int64(tokenLifetime.Seconds()))
	if err := b.Client.SubResource("token").Create(ctx, account, request); err != nil {
		return "", fmt.Errorf("getting a token of the operator's ServiceAccount: %w", err)
	}
	const name = "manager"
	path := filepath.Join(b.Dir, namespace+".kubeconfig")
	err = clientcmd.WriteToFile(clientcmdapi.Config{
		Clusters: map[string]*clientcmdapi.Cluster{
			name: {Server: b.Config.Host, CertificateAuthorityData: b.Config.CAData},
		},
		AuthInfos:      map[string]*clientcmdapi.AuthInfo{name: {Token: request.Status.Token}},
		Contexts:       map[string]*clientcmdapi.Context{name: {Cluster: name, AuthInfo: name, Namespace: namespace}},
		CurrentContext: name,
	}, path)
	if err != nil {
		return "", fmt.Errorf("writing the manager's kubeconfig: %w", err)
	}
	return path, nil
}
