// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

// Package model is a world of the walk in which everything that may happen happens: Kubernetes, Twilio, and managers that carry out the
// decisions of package plan. A [Checker] says which states may follow a state, and which promise of the operator a state breaks. In which
// order states are looked at is not its matter.
package model

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
	"github.com/conversations-operator/conversations-operator/test/prove/scenario"
)

const cluster, namespace = "prove", "support"

// objectNames are those of the object and of its rival.
var objectNames = [objects]string{"vip", "rival"}

// Checker makes the states of one scenario, and says which promise a state breaks. Its methods may be called side by side.
type Checker struct {
	Scenario *scenario.Scenario
	// mutants are the faults that are built into the walk, by name.
	mutants []string
	names   [objects]string

	versions   *parts[string, *v1alpha1.Conversation]
	digests    *parts[uint32, *digest]
	memories   *parts[memory, memory]
	texts      *parts[string, string]
	requestsOf *parts[string, *request]
	seenConvs  *parts[sight, *twilio.Conversation]
	remotes    *parts[string, *remote]
	nodes      *parts[step, *node]
	roots      *parts[root, root]
	effects    *parts[effect, *consequence]
	edits      *parts[edit, uint32]
	dates      *parts[uint32, int8]

	rowsMu sync.Mutex
	rows   map[string]bool
}

// sight is a conversation seen at a time.
type sight struct {
	conv conv
	tick int8
}

// New prepares the exploration of a scenario, with these faults built into the walk.
func New(s *scenario.Scenario, mutants ...string) *Checker {
	c := &Checker{
		Scenario: s, mutants: mutants, rows: map[string]bool{},
		versions: newParts[string, *v1alpha1.Conversation](), digests: newParts[uint32, *digest](),
		memories: newParts[memory, memory](), texts: newParts[string, string](), requestsOf: newParts[string, *request](),
		seenConvs: newParts[sight, *twilio.Conversation](), remotes: newParts[string, *remote](), nodes: newParts[step, *node](),
		roots: newParts[root, root](), effects: newParts[effect, *consequence](), edits: newParts[edit, uint32](),
		dates: newParts[uint32, int8](),
	}
	for i, name := range objectNames {
		c.names[i] = plan.GeneratedName(cluster, namespace, name)
	}
	return c
}

func (c *Checker) mutant(name string) bool {
	return len(c.mutants) > 0 && slices.Contains(c.mutants, name)
}

func (c *Checker) reached(row string) {
	c.rowsMu.Lock()
	defer c.rowsMu.Unlock()
	c.rows[row] = true
}

// Rows are the names of the rows of the table that decided so far, in the order of the alphabet.
func (c *Checker) Rows() []string {
	c.rowsMu.Lock()
	defer c.rowsMu.Unlock()
	return slices.Sorted(maps.Keys(c.rows))
}

// keep keeps a version of an object.
func (c *Checker) keep(conv *v1alpha1.Conversation) uint32 {
	if len(conv.Annotations) == 0 {
		conv.Annotations = nil
	}
	if len(conv.Finalizers) == 0 {
		conv.Finalizers = nil
	}
	text, err := json.Marshal(conv)
	if err != nil {
		panic(err)
	}
	return c.versions.add(string(text), conv)
}

func uid(n uint8) types.UID { return types.UID(fmt.Sprintf("uid-%d", n)) }

func uidOf(conv *v1alpha1.Conversation) uint8 { return conv.UID[len(conv.UID)-1] - '0' }

// object creates a new object.
func (c *Checker) object(n int, id uint8, spec *v1alpha1.ConversationSpec) uint32 {
	conv := &v1alpha1.Conversation{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: objectNames[n], UID: uid(id), Generation: 1, ResourceVersion: "0"},
		Spec:       *spec.DeepCopy(), Status: v1alpha1.ConversationStatus{ObservedGeneration: -1},
	}
	if c.Scenario.Doubled && id <= objects {
		conv.Finalizers = []string{v1alpha1.Finalizer}
		conv.Status = v1alpha1.ConversationStatus{
			ObjectUID: conv.UID, SID: scenario.SIDOf(1), AccountSID: c.Scenario.Accounts[0].Actual, Origin: v1alpha1.OriginAdopted, ObservedGeneration: 1,
		}
	}
	return c.keep(conv)
}

// First is the state in which all begins.
func (c *Checker) First() State {
	s := State{left: c.Scenario.Bounds}
	s.objects[0] = object{now: c.object(0, 1, &c.Scenario.Specs[0]), there: true}
	if c.Scenario.Rival != nil {
		s.objects[1] = object{now: c.object(1, 2, c.Scenario.Rival), there: true}
	}
	for i := range s.workers {
		s.workers[i] = worker{written: unseen, read: unseen}
		if !s.objects[i%objects].there {
			s.workers[i].cached = gone
		}
	}
	r := &remote{}
	if name := c.Scenario.Theirs; name != "" {
		a := c.Scenario.Accounts[0]
		r.made++
		r.convs = append(r.convs, conv{
			sid: r.made, account: a.Actual, service: a.DefaultService, name: name, friendly: "Theirs", attributes: "{}",
			state: twilio.StateActive, created: -10, updated: -10, idles: never, closes: never,
		})
	}
	s.twilio = c.remotes.add(r.key(), r)
	s.tidy()
	return s
}

// beginning marks the first key of a pass, which has no answer yet.
const beginning problem = 255

// begin is the number of a pass with this beginning.
func (c *Checker) begin(r root) uint32 {
	key := step{answer: answer{problem: beginning, ref: c.roots.add(r, r)}}
	if id := c.nodes.find(key); id != 0 {
		return id
	}
	return c.nodes.add(key, c.run(r, nil))
}

// next is the number of the pass with one more answer.
func (c *Checker) next(before uint32, a answer) uint32 {
	key := step{before, a}
	if id := c.nodes.find(key); id != 0 {
		return id
	}
	answers := []answer{a}
	n := c.nodes.at(before)
	r := n.root
	for ; n.before != 0; n = c.nodes.at(n.before) {
		answers = append(answers, n.answer)
	}
	slices.Reverse(answers)
	made := c.run(r, answers)
	made.before, made.answer = before, a
	return c.nodes.add(key, made)
}

// run runs a pass up to the last answer.
func (c *Checker) run(r root, answers []answer) *node {
	w := &world{Checker: c, root: r, answers: answers}
	out := w.run()
	return &node{root: r, call: out, mem: w.mem, wrong: w.wrong, requests: w.requests, again: w.again, fate: w.fate}
}
