// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Package admission predicts whether the API server would accept a Conversation, without a request to an API server. The
// package uses the API server's own code, with the schema and the rules of the CustomResourceDefinition embedded in the
// program.
package admission

import (
	"context"
	"fmt"
	"strings"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel/model"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/objectmeta"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/validation/field"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"k8s.io/apiserver/pkg/cel/common"
	"sigs.k8s.io/yaml"

	"github.com/conversations-operator/conversations-operator/config/crd"
)

// Conversations predicts the admission of Conversations.
type Conversations struct {
	structural *structuralschema.Structural
	schema     validation.SchemaValidator
	rules      *cel.Validator
}

// New reads the embedded CustomResourceDefinition.
func New() (*Conversations, error) {
	var definition apiextensionsv1.CustomResourceDefinition
	if err := yaml.UnmarshalStrict(crd.Conversations, &definition); err != nil {
		return nil, fmt.Errorf("reading the CRD: %w", err)
	}
	var props apiextensions.JSONSchemaProps
	from := definition.Spec.Versions[0].Schema.OpenAPIV3Schema
	if err := apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(from, &props, nil); err != nil {
		return nil, fmt.Errorf("reading the schema of the CRD: %w", err)
	}
	structural, err := structuralschema.NewStructural(&props)
	if err != nil {
		return nil, fmt.Errorf("reading the schema of the CRD: %w", err)
	}
	schema, _, err := validation.NewSchemaValidator(&props)
	if err != nil {
		return nil, fmt.Errorf("reading the schema of the CRD: %w", err)
	}
	return &Conversations{structural, schema, cel.NewValidator(structural, true, celconfig.PerCallLimit)}, nil
}

// Decode changes a manifest as the API server does before the API server checks any rule: Decode drops null values and the
// status, and adds defaults. An error is the reason why the API server would not read the manifest (such as unknown fields,
// under strict validation), or would not accept its metadata.
func (c *Conversations) Decode(u *unstructured.Unstructured) error {
	metadata, _, unknown, err := objectmeta.GetObjectMetaWithOptions(u.Object, objectmeta.ObjectMetaOptions{ReturnUnknownFieldPaths: true})
	if err != nil {
		return err
	}
	version, kind := u.GetAPIVersion(), u.GetKind()
	track := structuralschema.UnknownFieldPathOptions{TrackUnknownFieldPaths: true}
	unknown = append(unknown, pruning.PruneWithOptions(u.Object, c.structural, true, track)...)
	if len(unknown) > 0 {
		return fmt.Errorf(`unknown field "%s"`, strings.Join(unknown, `", unknown field "`))
	}
	defaulting.PruneNonNullableNullsWithoutDefaults(u.Object, c.structural)
	u.SetAPIVersion(version)
	u.SetKind(kind)
	if metadata == nil || metadata.Name == "" {
		// kubectl apply takes no generateName.
		return field.Required(field.NewPath("metadata", "name"), "kubectl apply finds the object by its name")
	}
	if err := objectmeta.SetObjectMeta(u.Object, metadata); err != nil {
		return err
	}
	defaulting.Default(u.Object, c.structural)
	delete(u.Object, "status")
	return apivalidation.ValidateObjectMetaAccessor(u, true, apivalidation.NameIsDNSSubdomain, field.NewPath("metadata")).ToAggregate()
}

// Create returns the reason why the API server would refuse a new object; nil: the API server would accept the object. The
// object comes from [Conversations.Decode].
func (c *Conversations) Create(ctx context.Context, u *unstructured.Unstructured) error {
	if errs := validation.ValidateCustomResource(nil, u.Object, c.schema); len(errs) > 0 {
		return errs.ToAggregate()
	}
	errs, _ := c.rules.Validate(ctx, nil, c.structural, u.Object, nil, celconfig.RuntimeCELCostBudget)
	return errs.ToAggregate()
}

// Update returns the reason why the API server would refuse the object as an update of the old object; nil: the API server
// would accept the object. As in the API server, values which the update does not change may break a rule (ratcheting). The
// object comes from [Conversations.Decode].
func (c *Conversations) Update(ctx context.Context, u, old *unstructured.Unstructured) error {
	same := common.NewCorrelatedObject(u.Object, old.Object, &model.Structural{Structural: c.structural})
	if errs := validation.ValidateCustomResourceUpdate(nil, u.Object, old.Object, c.schema, validation.WithRatcheting(same)); len(errs) > 0 {
		return errs.ToAggregate()
	}
	errs, _ := c.rules.Validate(ctx, nil, c.structural, u.Object, old.Object, celconfig.RuntimeCELCostBudget, cel.WithRatcheting(same))
	return errs.ToAggregate()
}
