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
	"github.com/conversations-operator/conversations-operator/internal/walk"
)

// Memory is this process' knowledge of Conversations, in one entry for each object. An entry ends when its object is
// gone, or as soon as the entry is empty.
type Memory struct {
	mu sync.Mutex
	// byName has the entries by the names of their objects: an erased object and a newer object may have the same name.
	byName map[types.NamespacedName][]*entry
	// claims hold which object of this process took which conversation, by sid, from Twilio's answer until every process
	// can read the claim in the object's status.
	claims map[string]types.UID
	// listed is how many entries have a hint with a listed conversation.
	listed int
	// looks wakes the reconciler of Conversations.
	looks chan event.GenericEvent
}

// entry is this process' knowledge of one object.
type entry struct {
	uid types.UID

	// About Kubernetes: the last write, whether this process took the finalizer away, the refused requests, the delayed
	// event.
	fresh                  kube.Freshness
	released               bool
	setback, statusSetback kube.Setback
	warning                kube.Warning

	walk.Memory
	// wrote is when this process last wrote to the object's conversation.
	wrote   time.Time
	hint    *Hint
	refusal *refusal

	// Since when a new object waits for its conversation, an edit for Twilio, and either for a seat.
	creating, editing, waiting time.Time

	// erased is a copy of an object which Kubernetes deleted in spite of our finalizer.
	erased *v1alpha1.Conversation
	// left: the object may have left this manager's selector; asked is when the object got the condition Unmanaged, which a
	// manager that selects the object takes away.
	left  bool
	asked time.Time
}

// NewMemory makes an empty memory.
func NewMemory() *Memory {
	return &Memory{byName: map[types.NamespacedName][]*entry{}, claims: map[string]types.UID{}, looks: make(chan event.GenericEvent)}
}

// recall answers the entry of the object; an empty entry for an unknown object.
func (m *Memory) recall(o client.Object) entry {
	m.mu.Lock()
	defer m.mu.Unlock()
	if e := m.find(client.ObjectKeyFromObject(o), o.GetUID()); e != nil {
		return *e
	}
	return entry{uid: o.GetUID()}
}

// note changes the entry of the object.
func (m *Memory) note(o client.Object, change func(*entry)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.change(client.ObjectKeyFromObject(o), o.GetUID(), change)
}

// noted answers the first entry of the name for which has answers true.
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

// forget ends the entry of a deleted or released object, except for the question whether the object left this manager's
// selector.
func (m *Memory) forget(o client.Object, released bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.unclaim(o.GetUID())
	m.change(client.ObjectKeyFromObject(o), o.GetUID(), func(e *entry) {
		*e = entry{uid: e.uid, released: released, left: e.left, asked: e.asked}
	})
}

// end ends the entries of all objects of the name but the given object; empty: the cache has no object of the name. An
// erased object keeps its entry, and the question whether an object left this manager's selector stays open.
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

// claim gives the conversation to the object; false if another object has the claim.
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

// listed is 1 for an entry with a listed conversation, else 0.
func (e *entry) listed() int {
	if e.hint != nil && e.hint.Listed != nil {
		return 1
	}
	return 0
}

// released tells whether the copy of the object is older than this process' removal of the finalizer. Such a copy still
// has the finalizer and a sid, so a pass would delete the conversation at Twilio once more.
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

// setback counts one more refused request about the object, and answers whether it is time to tell the user.
func (m *Memory) setback(conv *v1alpha1.Conversation) (tell bool) {
	m.note(conv, func(e *entry) { tell = e.setback.Note(queueName) })
	return tell
}

// warning decides about the Warning event for a change of Ready.
func (m *Memory) warning(conv *v1alpha1.Conversation, was, is metav1.Condition) (tell bool, wait time.Duration) {
	m.note(conv, func(e *entry) { tell, wait = e.warning.Due(was, is) })
	return tell, wait
}
