// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package conversation

import (
	"slices"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/event"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/kube"
)

// Memory is what this process remembers of Conversations, in one entry for each. An entry ends when its object is gone, or as
// soon as nothing is left in it.
type Memory struct {
	mu sync.Mutex
	// byName has the entries by the names of their objects: one that was erased may have had the name of another before.
	byName map[types.NamespacedName][]*entry
	// claims hold which object of this process took which conversation, by sid, from the answer of Twilio until the status that
	// says so can be read by everybody.
	claims map[string]types.UID
	// listed is how many entries have a hint with a listed conversation.
	listed int
	// looks wakes the reconciler of Conversations.
	looks chan event.GenericEvent
}

// entry is what is remembered of one object.
type entry struct {
	uid types.UID

	// Of Kubernetes: the last write, whether the finalizer was taken away, the requests that were refused, the event that waits.
	fresh                  kube.Freshness
	released               bool
	setback, statusSetback kube.Setback
	warning                kube.Warning

	// The annotations that announce a create and an update.
	create, update string
	// The announcements, by their time, of which certainly nothing came, of a create that was refused, and of an update that
	// this process wrote itself.
	createUnsent, updateUnsent, createRefused, updateOwn time.Time
	// deleted is the conversation that was deleted for the object, until the object has another: a create in its place may have
	// to wait for a seat, and need not ask again whether the old one is gone.
	deleted string
	// wrote is when this process last wrote to the object's conversation.
	wrote   time.Time
	hint    *Hint
	refusal *refusal

	// Since when a new object waits for its conversation, an edit for Twilio, and either for a seat.
	creating, editing, waiting time.Time

	// erased is an object that Kubernetes deleted with our finalizer on it.
	erased *v1alpha1.Conversation
	// left: the object may have left what this manager selects; asked is when it was asked who keeps it.
	left  bool
	asked time.Time
}

// NewMemory makes a memory of nothing.
func NewMemory() *Memory {
	return &Memory{byName: map[types.NamespacedName][]*entry{}, claims: map[string]types.UID{}, looks: make(chan event.GenericEvent)}
}

// recall answers what is remembered of the object; an empty entry if nothing is.
func (m *Memory) recall(o client.Object) entry {
	m.mu.Lock()
	defer m.mu.Unlock()
	if e := m.find(client.ObjectKeyFromObject(o), o.GetUID()); e != nil {
		return *e
	}
	return entry{uid: o.GetUID()}
}

// note changes what is remembered of the object.
func (m *Memory) note(o client.Object, change func(*entry)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.change(client.ObjectKeyFromObject(o), o.GetUID(), change)
}

// noted answers the first entry of that name that has what is asked for.
func (m *Memory) noted(name types.NamespacedName, has func(*entry) bool) (entry, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, e := range m.byName[name] {
		if has(e) {
			return *e, true
		}
	}
	return entry{}, false
}

// forget ends what is remembered of an object that Kubernetes has no more, or that was released. Whether it left this manager's
// selector is still to be seen.
func (m *Memory) forget(o client.Object, released bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.unclaim(o.GetUID())
	m.change(client.ObjectKeyFromObject(o), o.GetUID(), func(e *entry) {
		*e = entry{uid: e.uid, released: released, left: e.left, asked: e.asked}
	})
}

// end ends what is remembered of all objects of that name but the one given; empty: the cache has none. What was erased, or
// left this manager's selector, is still to be seen to.
func (m *Memory) end(name types.NamespacedName, but types.UID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, e := range slices.Clone(m.byName[name]) {
		if e.erased == nil && e.uid != but {
			m.unclaim(e.uid)
			m.change(name, e.uid, func(e *entry) { *e = entry{uid: e.uid, left: e.left, asked: e.asked} })
		}
	}
}

// claim is true if no other object has the conversation.
func (m *Memory) claim(sid string, uid types.UID) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if owner, ok := m.claims[sid]; ok && owner != uid {
		return false
	}
	m.claims[sid] = uid
	return true
}

// giveUp ends the claim to a conversation.
func (m *Memory) giveUp(sid string, uid types.UID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.claims[sid] == uid {
		delete(m.claims, sid)
	}
}

// giveUpAll ends the claims of an object.
func (m *Memory) giveUpAll(uid types.UID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.unclaim(uid)
}

func (m *Memory) unclaim(uid types.UID) {
	for sid, owner := range m.claims {
		if owner == uid {
			delete(m.claims, sid)
		}
	}
}

func (m *Memory) find(name types.NamespacedName, uid types.UID) *entry {
	for _, e := range m.byName[name] {
		if e.uid == uid {
			return e
		}
	}
	return nil
}

func (m *Memory) change(name types.NamespacedName, uid types.UID, change func(*entry)) {
	e := m.find(name, uid)
	if e == nil {
		e = &entry{uid: uid}
		m.byName[name] = append(m.byName[name], e)
	}
	listed := e.listed()
	change(e)
	m.listed += e.listed() - listed
	if *e != (entry{uid: uid}) {
		return
	}
	m.byName[name] = slices.DeleteFunc(m.byName[name], func(o *entry) bool { return o == e })
	if len(m.byName[name]) == 0 {
		delete(m.byName, name)
	}
}

// listed is 1 for an entry that keeps a listed conversation.
func (e *entry) listed() int {
	if e.hint != nil && e.hint.Listed != nil {
		return 1
	}
	return 0
}

// released tells whether the copy is of an object as it was before this process took the finalizer away. It still has the
// finalizer and a sid, and would be deleted at Twilio once more.
func (m *Memory) released(conv *v1alpha1.Conversation) bool {
	if !m.recall(conv).released {
		return false
	}
	if controllerutil.ContainsFinalizer(conv, v1alpha1.Finalizer) {
		return true
	}
	m.note(conv, func(e *entry) { e.released = false })
	return false
}

// setback counts one more request about the object that the API server refused, and answers whether it is time to tell.
func (m *Memory) setback(conv *v1alpha1.Conversation) (tell bool) {
	m.note(conv, func(e *entry) { tell = e.setback.Note(queueName) })
	return tell
}

// warning decides about the Warning event for a change of Ready.
func (m *Memory) warning(conv *v1alpha1.Conversation, was, is metav1.Condition) (tell bool, wait time.Duration) {
	m.note(conv, func(e *entry) { tell, wait = e.warning.Due(was, is) })
	return tell, wait
}
