// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package crash

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/test/prove/scenario"
)

// replayed is a file of testdata/stories: a story that the model checker told, and how many of the calls in it the manager makes.
// Most stories were told of a decision with a fault in it. The manager leaves such a story where it decides better.
type replayed struct {
	// Why is what the story shows.
	Why     string         `json:"why"`
	Follows int            `json:"follows"`
	Story   scenario.Story `json:"story"`
}

// TestStoriesAreReplayed: whatever a story does to a real manager, its promises hold.
func TestStoriesAreReplayed(t *testing.T) {
	files, err := filepath.Glob("testdata/stories/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no stories: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".json"), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			r := replay{}
			if err := json.Unmarshal(text, &r.replayed); err != nil {
				t.Fatal(err)
			}
			r.run(t)
		})
	}
}

// The calls of a story by the labels of the requests that a process makes.
var labelOf = map[string]string{
	"patch": announcement, "release": announcement, "status": recording, "Create": creation, "Update": change, "Delete": "DELETE Twilio",
	"Fetch": "GET Twilio", "Lookup": "GET Twilio by name",
}

// tickLength is the time of a tick: 20 seconds where a request may take ten.
const tickLength = 2 * requestTimeout

// replay brings a manager through a story. Each call of the process waits until the story says what becomes of the call.
type replay struct {
	replayed
	*world
	now      *process
	stopped  <-chan struct{}
	door     *doorkeeper
	calls    chan *held
	open     chan struct{}
	openOnce sync.Once
	// flights are the requests on their way, made the sids of all conversations in the order of their creation.
	flights  []*exchange
	made     []string
	followed int
}

// held is a call that waits for the story.
type held struct {
	*exchange
	outcome chan outcome
}

// outcome of a call.
type outcome func(x *exchange) (*http.Response, error)

func (r *replay) run(t *testing.T) {
	r.world = newWorld(t)
	r.calls, r.open = make(chan *held), make(chan struct{})
	t.Cleanup(r.end)
	if r.Story.Theirs != "" {
		theirs(r.world)
		r.Expect(r.sim.Edit(r.there()[0].SID, theirsIs(r.Story.Theirs))).To(Succeed())
	}
	r.note()
	if slices.ContainsFunc(r.Story.Steps, func(s scenario.StoryStep) bool { return s.Do == "knock" }) {
		r.door = newDoorkeeper(r.world)
	}
	r.begin()
	r.connected()
	r.now.begin(r.gate(), nil)
	r.edit(&r.Story.Spec)
	for i := range r.Story.Steps {
		step := &r.Story.Steps[i]
		if step.Do == "calm" || !r.step(step) {
			t.Logf("the manager leaves the story at step %d: %s", i+1, step.Text)
			break
		}
	}
	r.Expect(r.followed).To(BeNumerically(">=", r.Follows), "calls that the manager makes as the story says")
	r.end()
	r.holds()
}

// end lets all calls pass, as nothing goes wrong any more.
func (r *replay) end() { r.openOnce.Do(func() { close(r.open) }) }

// begin starts a process.
func (r *replay) begin() {
	r.now = newProcess()
	r.stopped = r.start(r.now)
}

// gate has every call of the process that a story may tell of wait for the story.
func (r *replay) gate() []aim {
	const many = 1000
	told := func(c call) bool {
		for _, label := range labelOf {
			if label == c.label {
				return true
			}
		}
		return false
	}
	return slices.Repeat([]aim{{fault: &fault{hits: told, do: r.wait}}}, many)
}

// wait holds a call until the story says what becomes of it, or is over.
func (r *replay) wait(x *exchange) (*http.Response, error) {
	h := &held{exchange: x, outcome: make(chan outcome, 1)}
	select {
	case r.calls <- h:
		return (<-h.outcome)(x)
	case <-r.open:
		return passes(x)
	case <-x.request.Context().Done():
		return nil, x.request.Context().Err()
	case <-x.dead:
		return nil, errGone
	}
}

// passes lets a call take effect, and answers it.
func passes(x *exchange) (*http.Response, error) {
	x.request.Body = io.NopCloser(bytes.NewReader(x.body))
	return x.send(x.request)
}

// refusedWith is an answer that says that a request was wrong.
func refusedWith(status, code int) outcome {
	return func(x *exchange) (*http.Response, error) {
		return x.answer(status, "application/json", fmt.Sprintf(`{"code":%d,"message":"made up","status":%d}`, code, status))
	}
}

// outcomes are what may become of a call.
func (r *replay) outcomes() map[string]outcome {
	underway := func(then outcome) outcome {
		return func(x *exchange) (*http.Response, error) {
			r.flights = append(r.flights, x)
			return then(x)
		}
	}
	return map[string]outcome{
		"": passes, "unheard": broken, "underway": underway(broken), "interrupted": underway(die),
		"throttled": throttled, "unauthorized": refusedWith(http.StatusUnauthorized, 20003), "conflict": kubeConflict,
		"unanswered": after(broken),                                    //nolint:bodyclose // the manager that asked closes the body
		"exists":     after(exists),                                    //nolint:bodyclose // the manager that asked closes the body
		"refused":    after(refusedWith(http.StatusBadRequest, 20001)), //nolint:bodyclose // the manager that asked closes the body
	}
}

// step does one step of the story; false: the manager does something else.
func (r *replay) step(s *scenario.StoryStep) bool {
	switch s.Do {
	case "start", "undo", "catchUp", "notice":
		// A manager does so by itself.
	case "look":
		r.look(fmt.Sprint(r.followed))
	case "reply":
		return r.reply(s)
	case "land":
		x := r.flights[min(s.Request, len(r.flights)-1)]
		r.flights = slices.DeleteFunc(r.flights, func(o *exchange) bool { return o == x })
		x.carryOut()
		r.note()
	case "tick":
		<-time.After(tickLength)
	case "kill":
		r.now.die()
		r.restart()
	case "meddle":
		return r.meddle(s)
	default:
		r.user(s)
	}
	return true
}

// restart begins the next process once the one before stands still.
func (r *replay) restart() {
	<-r.stopped
	r.begin()
	r.now.begin(r.gate(), nil)
}

// reply waits for a call, and does to it what the story says. A second call of a pass that the story does not tell of is not answered.
func (r *replay) reply(s *scenario.StoryStep) bool {
	label, told := labelOf[s.Call]
	if !told {
		return true
	}
	const patience = 2 * requestTimeout
	select {
	case h := <-r.calls:
		if h.call.label != label {
			h.outcome <- broken
			return false
		}
		h.outcome <- r.outcomes()[s.Outcome]
		r.followed++
		if s.Outcome == "interrupted" {
			<-r.now.dead
			r.restart()
		}
		r.Eventually(h.busyDone).Should(BeTrue())
		r.note()
		return true
	case <-time.After(patience):
		return false
	}
}

// busyDone tells whether the call has its outcome.
func (h *held) busyDone() bool { return len(h.outcome) == 0 }

// note notes the conversations that are new at Twilio.
func (r *replay) note() {
	for _, c := range r.there() {
		if !slices.Contains(r.made, c.SID) {
			r.made = append(r.made, c.SID)
		}
	}
}

// user does what the user does in the story.
func (r *replay) user(s *scenario.StoryStep) {
	switch s.Do {
	case "edit":
		r.edit(s.Spec)
	case "delete":
		deleted(r.world)
	case "knock":
		r.door.knock()
	case "erase":
		r.door.letIn()
	case "replace":
		replaced(r.world)
	case "stripAnnotations":
		r.change(vip, func(conv *v1alpha1.Conversation) { conv.Annotations = nil })
	case "reapply":
		r.gone(r.conversation(vip))
		r.edit(&r.Story.Spec)
	default:
		r.t.Fatalf("step %q cannot be replayed", s.Do)
	}
}

func (r *replay) edit(spec *v1alpha1.ConversationSpec) {
	text, err := json.Marshal(spec)
	r.Expect(err).NotTo(HaveOccurred())
	r.apply(vip, string(text))
}
