// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Package form writes the parameters of a request as a form.
package form

import (
	"maps"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"time"
)

// Encode is the body of a request with the parameters in params: a struct whose fields have the names of Twilio's
// parameters as form tags, and are pointers to texts, booleans, whole numbers, times or lists of texts. A nil field is not
// sent. An empty list is sent as one empty value, since a form has no other way to say so. Times are sent in UTC, in whole
// seconds.
func Encode(params any) url.Values {
	values := url.Values{}
	for field, value := range reflect.ValueOf(params).Fields() {
		if key := field.Tag.Get("form"); key != "" && !value.IsNil() {
			values[key] = texts(value.Elem())
		}
	}
	return values
}

// Fields are the names of the parameters in params that are sent, sorted.
func Fields(params any) []string { return slices.Sorted(maps.Keys(Encode(params))) }

func texts(v reflect.Value) []string {
	switch v.Kind() {
	case reflect.Bool:
		return []string{strconv.FormatBool(v.Bool())}
	case reflect.Int:
		return []string{strconv.FormatInt(v.Int(), 10)}
	case reflect.Slice:
		if v.Len() == 0 {
			return []string{""}
		}
		all := make([]string, 0, v.Len())
		for i := range v.Len() {
			all = append(all, v.Index(i).String())
		}
		return all
	case reflect.Struct:
		return []string{v.Interface().(time.Time).UTC().Format(time.RFC3339)}
	}
	return []string{v.String()}
}
