// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"sigs.k8s.io/yaml"
)

type schema = apiextensionsv1.JSONSchemaProps

func readCRD(path string) (*apiextensionsv1.CustomResourceDefinition, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	crd := &apiextensionsv1.CustomResourceDefinition{}
	if err := yaml.UnmarshalStrict(text, crd); err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	return crd, nil
}

// kind is one kind of the API. What a kind has in common with another one, like, is written only there.
type kind struct {
	*apiextensionsv1.CustomResourceDefinition
	like *kind
}

func (k *kind) name() string { return k.Spec.Names.Kind }

// part is spec or status.
func (k *kind) part(name string) schema {
	return k.Spec.Versions[0].Schema.OpenAPIV3Schema.Properties[name]
}

func (k *kind) write(b *strings.Builder, t *texts) error {
	names, version := k.Spec.Names, k.Spec.Versions[0]
	fmt.Fprintf(b, "\n## %s\n", k.name())
	writeParagraph(b, version.Schema.OpenAPIV3Schema.Description)
	scope := "in a namespace"
	if k.Spec.Scope == apiextensionsv1.ClusterScoped {
		scope = "in no namespace"
	}
	writeParagraph(b, fmt.Sprintf("`%s/%s`, %s. Short name: `%s`; category: `%s`.",
		k.Spec.Group, version.Name, scope, strings.Join(names.ShortNames, "`, `"), strings.Join(names.Categories, "`, `")))
	for _, name := range []string{"spec", "status"} {
		if err := k.writePart(b, name, t); err != nil {
			return err
		}
	}
	return nil
}

func (k *kind) writePart(b *strings.Builder, name string, t *texts) error {
	s := k.part(name)
	fmt.Fprintf(b, "\n### %s of a %s\n", name, k.name())
	d := describe(&s)
	for _, more := range []struct{ format, value string }{{" Left out: %s.", d.leftOut}, {" Default: %s.", defaultOf(&s)}} {
		if more.value != "" {
			d.text += fmt.Sprintf(more.format, more.value)
		}
	}
	writeParagraph(b, d.text)
	own, common := k.divide(field{path: name, schema: &s}.children())
	if name == "status" && len(own) > 0 {
		b.WriteByte('\n')
	}
	if err := k.writeFields(b, own, t); err != nil || len(common) == 0 {
		return err
	}
	writeParagraph(b, fmt.Sprintf("As in [a %[2]s](#%[1]s-of-a-%[3]s): `%[4]s`.",
		name, k.like.name(), strings.ToLower(k.like.name()), strings.Join(common, "`, `")))
	return nil
}

// divide parts the fields from the names of those that are the same in like.
func (k *kind) divide(fields []field) (own []field, common []string) {
	if k.like == nil {
		return fields, nil
	}
	for _, f := range fields {
		part, name, _ := strings.Cut(f.path, ".")
		if equality.Semantic.DeepEqual(k.like.part(part).Properties[name], *f.schema) {
			common = append(common, name)
		} else {
			own = append(own, f)
		}
	}
	return own, common
}

// field is one property of a kind.
type field struct {
	path   string
	schema *schema
	// frozen: the field cannot be changed, or one that holds it.
	frozen, required bool
	// rules that the object has which holds the field.
	rules []string
}

// children are the properties of an object or of the items of a list, by name.
func (f field) children() []field {
	s, path := f.schema, f.path
	if s.Items != nil && s.Items.Schema != nil {
		s, path = s.Items.Schema, path+"[]"
	}
	out := make([]field, 0, len(s.Properties))
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		child := s.Properties[name]
		c := field{path: path + "." + name, schema: &child, required: slices.Contains(s.Required, name)}
		c.frozen = f.frozen || slices.ContainsFunc(child.XValidations, compares)
		for _, rule := range s.XValidations {
			if rule.FieldPath == "."+name && !compares(rule) {
				c.rules = append(c.rules, rule.Message)
			}
		}
		out = append(out, c)
	}
	return out
}

// standard are fields of types that Kubernetes documents.
func (f field) standard() bool {
	return strings.HasSuffix(f.path, ".conditions") || strings.HasSuffix(f.path, ".selector")
}

func (k *kind) writeFields(b *strings.Builder, fields []field, t *texts) error {
	for _, f := range fields {
		if strings.HasPrefix(f.path, "status") {
			writeObserved(b, f)
		} else if err := k.writeWanted(b, f, t); err != nil {
			return err
		}
		if f.standard() {
			continue
		}
		if err := k.writeFields(b, f.children(), t); err != nil {
			return err
		}
	}
	return nil
}

// writeObserved writes a field of status: nobody but the operator sets it.
func writeObserved(b *strings.Builder, f field) {
	path := strings.TrimPrefix(f.path, "status.")
	name := path[strings.LastIndex(path, ".")+1:]
	writeItem(b, fmt.Sprintf("`%s` (%s) %s", path, typeOf(f.schema), strings.TrimPrefix(describe(f.schema).text, name+" ")))
}

// writeWanted writes a field of spec.
func (k *kind) writeWanted(b *strings.Builder, f field, t *texts) error {
	d := describe(f.schema)
	fmt.Fprintf(b, "\n#### %s\n", f.path)
	writeParagraph(b, d.text)
	b.WriteByte('\n')
	writeItem(b, "**Type:** "+typeOf(f.schema))
	for _, value := range d.values {
		fmt.Fprintf(b, "  - %s\n", wrap(value, "    "))
	}
	if r := append(rules(f.schema), f.rules...); len(r) > 0 {
		writeItem(b, "**Rules:** "+strings.Join(r, "; "))
	}
	group := len(f.schema.Properties) > 0 && !f.standard()
	switch {
	case f.required:
		writeItem(b, "**Left out:** refused")
	case d.leftOut != "":
		writeItem(b, "**Left out:** "+d.leftOut)
	case f.schema.Type == "boolean":
		writeItem(b, "**Left out:** false")
	case !group:
		writeItem(b, "**Left out:** none")
	}
	if group && !f.frozen {
		return nil
	}
	change, err := t.change(k.name(), f)
	if err == nil {
		writeItem(b, "**On change:** "+change)
	}
	return err
}

// description is what a CRD says of a field, taken apart.
type description struct {
	text, leftOut string
	// values are the lines that each explain a value of an enum.
	values []string
}

// describe finds the sentence that begins with "Left out" and the lines that begin with a value.
func describe(s *schema) description {
	var d description
	var text []string
	for line := range strings.Lines(s.Description) {
		value, what, ok := strings.Cut(strings.TrimSpace(line), ": ")
		switch {
		case ok && isValue(s, value):
			d.values = append(d.values, "`"+value+"`: "+what)
		case len(d.values) > 0:
			d.values[len(d.values)-1] += " " + strings.TrimSpace(line)
		default:
			text = append(text, strings.TrimSpace(line))
		}
	}
	d.text = strings.Join(text, " ")
	for _, start := range []string{"Left out or dropped: ", "Left out: "} {
		before, rest, found := strings.Cut(d.text, start)
		if !found {
			continue
		}
		sentence, after, more := strings.Cut(rest, ". ")
		d.leftOut = strings.TrimSuffix(sentence, ".")
		d.text = strings.TrimSpace(before)
		if more {
			d.text = strings.TrimSpace(d.text + " " + after)
		}
		break
	}
	return d
}

func isValue(s *schema, text string) bool {
	return slices.ContainsFunc(s.Enum, func(e apiextensionsv1.JSON) bool { return string(e.Raw) == `"`+text+`"` })
}

// typeOf names the type as a user writes it.
func typeOf(s *schema) string {
	switch {
	case s.XPreserveUnknownFields != nil && *s.XPreserveUnknownFields:
		return "any"
	case len(s.Enum) > 0:
		var values []string
		for _, e := range s.Enum {
			values = append(values, "`"+strings.Trim(string(e.Raw), `"`)+"`")
		}
		last := len(values) - 1
		return strings.Join(values[:last], ", ") + " or " + values[last]
	case s.Type == "array" && s.Items != nil && s.Items.Schema != nil:
		return "list of " + typeOf(s.Items.Schema) + "s"
	case s.Format == "date-time":
		return "date and time"
	}
	return s.Type
}

// rules are what the API server checks.
func rules(s *schema) []string {
	var out []string
	if s.MaxLength != nil {
		out = append(out, fmt.Sprintf("at most %d characters", *s.MaxLength))
	}
	if s.Minimum != nil && s.Maximum != nil {
		out = append(out, fmt.Sprintf("from %v to %v", *s.Minimum, *s.Maximum))
	}
	if s.MaxItems != nil {
		out = append(out, fmt.Sprintf("at most %d items", *s.MaxItems))
	}
	for _, rule := range s.XValidations {
		if !compares(rule) && rule.FieldPath == "" {
			out = append(out, rule.Message)
		}
	}
	if s.Items != nil && s.Items.Schema != nil && s.Type == "array" {
		for _, rule := range rules(s.Items.Schema) {
			out = append(out, "each "+rule)
		}
	}
	return out
}

// compares tells whether a rule is about a change.
func compares(rule apiextensionsv1.ValidationRule) bool {
	return strings.Contains(rule.Rule, "oldSelf")
}

// defaultOf is the default that the CRD itself sets.
func defaultOf(s *schema) string {
	if s.Default == nil {
		return ""
	}
	var v any
	if json.Unmarshal(s.Default.Raw, &v) != nil {
		return ""
	}
	return "`" + string(s.Default.Raw) + "`"
}
