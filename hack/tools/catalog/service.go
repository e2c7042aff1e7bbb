// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/blang/semver/v4"
	"github.com/operator-framework/api/pkg/lib/version"
	"github.com/operator-framework/api/pkg/operators/v1alpha1"
	appsv1 "k8s.io/api/apps/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

// newService is the ClusterServiceVersion of config/olm, with what the other manifests say.
func newService(root, release string, objects []*unstructured.Unstructured) (*v1alpha1.ClusterServiceVersion, error) {
	text, err := os.ReadFile(filepath.Join(root, "config/olm/clusterserviceversion.yaml"))
	if err != nil {
		return nil, err
	}
	service := &v1alpha1.ClusterServiceVersion{}
	if err := yaml.UnmarshalStrict(text, service); err != nil {
		return nil, err
	}
	parsed, err := semver.Parse(strings.TrimPrefix(release, "v"))
	if err != nil {
		return nil, fmt.Errorf("the version %q: %w", release, err)
	}
	service.Name = fmt.Sprintf("%s.v%s", pack, parsed)
	service.Spec.Version = version.OperatorVersion{Version: parsed}
	icon, err := os.ReadFile(filepath.Join(root, "docs/pictures/icon.svg"))
	if err != nil {
		return nil, err
	}
	service.Spec.Icon = []v1alpha1.Icon{{Data: base64.StdEncoding.EncodeToString(icon), MediaType: "image/svg+xml"}}
	if service.Annotations["alm-examples"], err = examples(root); err != nil {
		return nil, err
	}
	if err := strategy(service, objects); err != nil {
		return nil, err
	}
	containers := service.Spec.InstallStrategy.StrategySpec.DeploymentSpecs[0].Spec.Template.Spec.Containers
	service.Annotations["containerImage"] = containers[0].Image
	service.Spec.RelatedImages = []v1alpha1.RelatedImage{{Name: containers[0].Name, Image: containers[0].Image}}
	return service, nil
}

// examples are the samples of the operator's kinds, as a console shows them.
func examples(root string) (string, error) {
	files, err := filepath.Glob(filepath.Join(root, "config/samples/twilio-*.yaml"))
	if err != nil {
		return "", err
	}
	var out []map[string]any
	for _, path := range files {
		objects, err := readObjects(path)
		if err != nil {
			return "", err
		}
		for _, o := range objects {
			if o.GroupVersionKind().Group == "twilio-operator.dev" {
				out = append(out, o.Object)
			}
		}
	}
	text, err := json.MarshalIndent(out, "", "  ")
	return string(text), err
}

// strategy adds the Deployment, and the permissions of its account.
func strategy(service *v1alpha1.ClusterServiceVersion, objects []*unstructured.Unstructured) error {
	spec := &service.Spec.InstallStrategy.StrategySpec
	service.Spec.InstallStrategy.StrategyName = v1alpha1.InstallStrategyNameDeployment
	for _, o := range objects {
		if o.GetKind() != "Deployment" {
			continue
		}
		d, err := as[appsv1.Deployment](o)
		if err != nil {
			return err
		}
		spec.DeploymentSpecs = append(spec.DeploymentSpecs, v1alpha1.StrategyDeploymentSpec{Name: d.Name, Spec: d.Spec, Label: d.Labels})
	}
	if len(spec.DeploymentSpecs) != 1 {
		return fmt.Errorf("the installer has %d Deployments, not one", len(spec.DeploymentSpecs))
	}
	account := spec.DeploymentSpecs[0].Spec.Template.Spec.ServiceAccountName
	for _, o := range objects {
		if !manager(o) {
			continue
		}
		// A Role has the same fields.
		role, err := as[rbacv1.ClusterRole](o)
		if err != nil {
			return err
		}
		permission := v1alpha1.StrategyDeploymentPermissions{ServiceAccountName: account, Rules: role.Rules}
		if o.GetKind() == "Role" {
			spec.Permissions = append(spec.Permissions, permission)
		} else {
			spec.ClusterPermissions = append(spec.ClusterPermissions, permission)
		}
	}
	if len(spec.Permissions) != 1 || len(spec.ClusterPermissions) != 2 {
		return errors.New("the roles of the manager are not those that are known")
	}
	return nil
}
