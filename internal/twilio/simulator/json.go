// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"time"
)

var errTrailing = errors.New("the body has data after its JSON")

// span is a duration in the JSON of the control port: text such as "1m30s".
type span time.Duration

// MarshalText writes Go's notation of a duration.
func (d span) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// UnmarshalText reads Go's notation of a duration.
func (d *span) UnmarshalText(b []byte) error {
	v, err := time.ParseDuration(string(b))
	*d = span(v)
	return err
}

// decode decodes JSON into v and keeps the values of missing fields. It refuses unknown fields, and data after the
// JSON.
func decode(b []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return errTrailing
	}
	return nil
}

// The types below contain durations. Plain JSON would write durations as nanoseconds.

type (
	plainLimits  Limits
	plainListing Listing
	plainQuirks  Quirks
	plainEffect  Effect

	plainServiceQuirks ServiceQuirks
)

type limitsJSON struct {
	*plainLimits
	RetryAfter span `json:"retryAfter"`
}

// MarshalJSON writes durations as text.
func (l Limits) MarshalJSON() ([]byte, error) {
	return json.Marshal(limitsJSON{(*plainLimits)(&l), span(l.RetryAfter)})
}

// UnmarshalJSON reads durations as text.
func (l *Limits) UnmarshalJSON(b []byte) error {
	v := limitsJSON{(*plainLimits)(l), span(l.RetryAfter)}
	err := decode(b, &v)
	l.RetryAfter = time.Duration(v.RetryAfter)
	return err
}

type listingJSON struct {
	*plainListing
	Lag span `json:"lag"`
}

// MarshalJSON writes durations as text.
func (l Listing) MarshalJSON() ([]byte, error) {
	return json.Marshal(listingJSON{(*plainListing)(&l), span(l.Lag)})
}

// UnmarshalJSON reads durations as text.
func (l *Listing) UnmarshalJSON(b []byte) error {
	v := listingJSON{(*plainListing)(l), span(l.Lag)}
	err := decode(b, &v)
	l.Lag = time.Duration(v.Lag)
	return err
}

type quirksJSON struct {
	*plainQuirks
	NameHeldAfterDelete span `json:"nameHeldAfterDelete"`
	InitializingFor     span `json:"initializingFor"`
}

// MarshalJSON writes durations as text.
func (q Quirks) MarshalJSON() ([]byte, error) {
	return json.Marshal(quirksJSON{(*plainQuirks)(&q), span(q.NameHeldAfterDelete), span(q.InitializingFor)})
}

// UnmarshalJSON reads durations as text.
func (q *Quirks) UnmarshalJSON(b []byte) error {
	v := quirksJSON{(*plainQuirks)(q), span(q.NameHeldAfterDelete), span(q.InitializingFor)}
	err := decode(b, &v)
	q.NameHeldAfterDelete, q.InitializingFor = time.Duration(v.NameHeldAfterDelete), time.Duration(v.InitializingFor)
	return err
}

type serviceQuirksJSON struct {
	*plainServiceQuirks
	DeletionTakes span `json:"deletionTakes"`
}

// MarshalJSON writes durations as text.
func (q ServiceQuirks) MarshalJSON() ([]byte, error) {
	return json.Marshal(serviceQuirksJSON{(*plainServiceQuirks)(&q), span(q.DeletionTakes)})
}

// UnmarshalJSON reads durations as text.
func (q *ServiceQuirks) UnmarshalJSON(b []byte) error {
	v := serviceQuirksJSON{(*plainServiceQuirks)(q), span(q.DeletionTakes)}
	err := decode(b, &v)
	q.DeletionTakes = time.Duration(v.DeletionTakes)
	return err
}

type effectJSON struct {
	*plainEffect
	Delay span `json:"delay,omitempty"`
}

// MarshalJSON writes durations as text.
func (e Effect) MarshalJSON() ([]byte, error) {
	return json.Marshal(effectJSON{(*plainEffect)(&e), span(e.Delay)})
}

// UnmarshalJSON reads durations as text.
func (e *Effect) UnmarshalJSON(b []byte) error {
	v := effectJSON{(*plainEffect)(e), span(e.Delay)}
	err := decode(b, &v)
	e.Delay = time.Duration(v.Delay)
	return err
}
