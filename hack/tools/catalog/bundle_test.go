// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/operator-framework/api/pkg/manifests"
	"github.com/operator-framework/api/pkg/operators/v1alpha1"
	"github.com/operator-framework/api/pkg/validation"
	validator "github.com/operator-framework/api/pkg/validation/interfaces"
	"sigs.k8s.io/yaml"
)

// root is the folder of the operator's module.
const root = "../../.."

// validators are those that operator-sdk bundle validate runs, and those of OperatorHub.
var validators = append(validator.Validators{
	validation.OperatorHubV2Validator, validation.StandardCapabilitiesValidator, validation.StandardCategoriesValidator,
	validation.ObjectValidator, validation.GoodPracticesValidator,
}, validation.DefaultBundleValidators...)

// newBundle writes a bundle, lets a test change the ClusterServiceVersion, and loads the bundle.
func newBundle(t *testing.T, change func(*v1alpha1.ClusterServiceVersion)) *manifests.Bundle {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "bundle")
	if err := run(root, root+"/dist/install.yaml", "v1.2.3", folder, ""); err != nil {
		t.Fatal(err)
	}
	if change != nil {
		path := filepath.Join(folder, "manifests", pack+".clusterserviceversion.yaml")
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		service := &v1alpha1.ClusterServiceVersion{}
		if err := yaml.UnmarshalStrict(text, service); err != nil {
			t.Fatal(err)
		}
		change(service)
		if err := write(path, service); err != nil {
			t.Fatal(err)
		}
	}
	bundle, err := manifests.GetBundleFromDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	return bundle
}

// removed is a warning that the library gives of every role with events of events.k8s.io: v1beta1 is gone, and a role names no
// version.
const removed = `Migrate the API(s) for events: (["ClusterServiceVersion.Spec.InstallStrategy.StrategySpec.ClusterPermissions[0].Rules[2]"])`

// complaints are the errors and the warnings of all validators.
func complaints(bundle *manifests.Bundle) (out []string) {
	for _, result := range validators.Validate(bundle.ObjectsToValidate()...) {
		for _, e := range append(result.Errors, result.Warnings...) {
			if !strings.Contains(e.Error(), removed) {
				out = append(out, e.Error())
			}
		}
	}
	return out
}

func TestTheLibraryOfOLMAcceptsTheBundle(t *testing.T) {
	bundle := newBundle(t, nil)
	for _, complaint := range complaints(bundle) {
		t.Error(complaint)
	}
	if bundle.Package != pack || bundle.DefaultChannel != channel || bundle.CSV.Name != "conversations-operator.v1.2.3" {
		t.Errorf("it is %s in the channel %s of the package %s", bundle.CSV.Name, bundle.DefaultChannel, bundle.Package)
	}
	if n := len(bundle.V1CRDs); n != 3 {
		t.Errorf("it has %d CRDs", n)
	}
}

func TestTheLibraryOfOLMRefusesWhatIsWrong(t *testing.T) {
	for want, change := range map[string]func(*v1alpha1.ClusterServiceVersion){
		"csv.Spec.Provider.Name not specified": func(s *v1alpha1.ClusterServiceVersion) { s.Spec.Provider.Name = "" },
		"capabilities":                         func(s *v1alpha1.ClusterServiceVersion) { s.Annotations["capabilities"] = "Everything" },
		"is present in bundle": func(s *v1alpha1.ClusterServiceVersion) {
			s.Spec.CustomResourceDefinitions.Owned = s.Spec.CustomResourceDefinitions.Owned[1:]
		},
	} {
		if told := strings.Join(complaints(newBundle(t, change)), "\n"); !strings.Contains(told, want) {
			t.Errorf("nothing is said of %q: %s", want, told)
		}
	}
}

// What the manager may do is the same as with kubectl and helm, and it is the same Deployment.
func TestTheBundleInstallsWhatTheInstallerDoes(t *testing.T) {
	objects, err := readObjects(root + "/dist/install.yaml")
	if err != nil {
		t.Fatal(err)
	}
	bundle := newBundle(t, nil)
	spec := bundle.CSV.Spec.InstallStrategy.StrategySpec
	account := spec.DeploymentSpecs[0].Spec.Template.Spec.ServiceAccountName
	for _, p := range append(spec.Permissions, spec.ClusterPermissions...) {
		if p.ServiceAccountName != account || len(p.Rules) == 0 {
			t.Errorf("the account %s gets %d rules, not %s", p.ServiceAccountName, len(p.Rules), account)
		}
	}
	// Besides the namespace, the manager's account, its three roles, their three bindings and the Deployment.
	if got, want := len(bundle.Objects)-1, len(objects)-9; got != want {
		t.Errorf("the bundle has %d objects, and the installer %d of that sort", got, want)
	}
	for _, o := range bundle.Objects {
		if o.GetNamespace() != "" {
			t.Errorf("%s %s has the namespace %s", o.GetKind(), o.GetName(), o.GetNamespace())
		}
	}
}
