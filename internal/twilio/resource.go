// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package twilio

import (
	"encoding/json"
	"strings"
	"time"
)

// Resource is a pointer to a resource as Twilio answers it. A resource embeds [Meta].
type Resource interface {
	// Valid is false for JSON which can't be the resource: other software answers JSON, too.
	Valid() bool
	// AddressedBy reports whether the resource has the given SID, or the name that is as good in a path.
	AddressedBy(key string) bool
	// Answered notes what the answer says besides the resource; [Meta] has the method.
	Answered(Meta)
}

// Meta is what an answer says besides the resource.
type Meta struct {
	// ServerTime is Twilio's clock at the answer, in whole seconds; zero if the answer has no date.
	ServerTime time.Time `json:"-"`
	// AnsweredAt is when the answer began to arrive, by this process' clock.
	AnsweredAt time.Time `json:"-"`
	// RequestID is the ID by which Twilio's support finds the request.
	RequestID string `json:"-"`
}

// Answered notes what an answer says besides the resource.
func (m *Meta) Answered(a Meta) { *m = a }

func (a *answer) meta() Meta {
	return Meta{ServerTime: a.serverTime(), AnsweredAt: a.at, RequestID: a.requestID()}
}

// read reads an answer about one resource, which errors call name, such as "a conversation".
func read[R Resource](a *answer, name string) (R, error) {
	var r, none R
	wrong := flaw("the body is not " + name)
	if err := a.decode(&r, wrong); err != nil {
		return none, err
	}
	if !r.Valid() {
		return none, a.error(wrong)
	}
	r.Answered(a.meta())
	return r, nil
}

// readOf reads an answer about the resource that key names, and refuses any other.
func readOf[R Resource](a *answer, name, key string) (R, error) {
	var none R
	r, err := read[R](a, name)
	if err != nil {
		return none, err
	}
	if !r.AddressedBy(key) {
		_, noun, _ := strings.Cut(name, " ")
		return none, a.error(flaw("the body is another " + noun))
	}
	return r, nil
}

// PageOf is the answer to one request for a list.
type PageOf[R Resource] struct {
	Entries []R
	// ServerTime is Twilio's clock at the answer, in whole seconds; zero if the answer has no date.
	ServerTime time.Time
	// NextPageURL is empty on the last page. If a limit cut a page short, NextPageURL skips the entries cut off.
	NextPageURL string
}

// readPage reads a page with entries under the key. An entry which is not a resource spoils the whole page, unless lenient
// leaves the entry out.
func readPage[R Resource](a *answer, key string, lenient bool, wrong flaw) (*PageOf[R], error) {
	var body map[string]json.RawMessage
	if err := a.decode(&body, wrong); err != nil {
		return nil, err
	}
	var meta *pageMeta
	var entries []json.RawMessage
	if json.Unmarshal(body["meta"], &meta) != nil || json.Unmarshal(body[key], &entries) != nil || meta == nil || entries == nil {
		return nil, a.error(wrong)
	}
	page := &PageOf[R]{Entries: make([]R, 0, len(entries)), ServerTime: a.serverTime(), NextPageURL: meta.NextPageURL}
	for _, entry := range entries {
		var r R
		switch err := json.Unmarshal(entry, &r); {
		case err == nil && r.Valid():
			r.Answered(a.meta())
			page.Entries = append(page.Entries, r)
		case !lenient:
			return nil, a.error(wrong)
		}
	}
	return page, nil
}
