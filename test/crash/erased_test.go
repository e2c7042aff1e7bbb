// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package crash

import (
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	. "github.com/onsi/gomega"
	admissionv1 "k8s.io/api/admission/v1"
	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
)

// doorkeeper is an admission webhook that takes its time over deletions: the API server looked for finalizers before it
// asks, and does not look again.
type doorkeeper struct {
	*world
	// asked gets a deletion that waits, open lets all pass.
	asked chan struct{}
	open  chan struct{}
	// deleted is closed once the deletion is done.
	deleted chan struct{}
}

func newDoorkeeper(w *world) *doorkeeper {
	d := &doorkeeper{world: w, asked: make(chan struct{}, 100), open: make(chan struct{}), deleted: make(chan struct{})}
	server := httptest.NewTLSServer(d)
	w.t.Cleanup(server.Close)
	hook := d.webhook(server)
	w.create(hook)
	w.t.Cleanup(func() { w.delete(hook) })
	d.asks()
	return d
}

// webhook has the API server ask about the deletions of this world's Conversations.
func (d *doorkeeper) webhook(server *httptest.Server) client.Object {
	deletions := admissionregistrationv1.RuleWithOperations{Operations: []admissionregistrationv1.OperationType{admissionregistrationv1.Delete}}
	deletions.APIGroups, deletions.APIVersions, deletions.Resources = []string{v1alpha1.SchemeGroupVersion.Group}, []string{"*"}, []string{"conversations"}
	return &admissionregistrationv1.ValidatingWebhookConfiguration{
		ObjectMeta: metav1.ObjectMeta{Name: "deletions-" + d.id},
		Webhooks: []admissionregistrationv1.ValidatingWebhook{{
			Name: "deletions.example.com",
			ClientConfig: admissionregistrationv1.WebhookClientConfig{
				URL: &server.URL, CABundle: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}),
			},
			Rules:                   []admissionregistrationv1.RuleWithOperations{deletions},
			NamespaceSelector:       &metav1.LabelSelector{MatchLabels: map[string]string{corev1.LabelMetadataName: d.Namespace}},
			SideEffects:             new(admissionregistrationv1.SideEffectClassNone),
			TimeoutSeconds:          new(int32(30)),
			AdmissionReviewVersions: []string{"v1"},
		}},
	}
}

// ServeHTTP lets a deletion pass once the door is open. Trials pass at once.
func (d *doorkeeper) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	var review admissionv1.AdmissionReview
	if err := json.NewDecoder(r.Body).Decode(&review); err != nil || review.Request == nil {
		http.Error(rw, "not a review", http.StatusBadRequest)
		return
	}
	d.asked <- struct{}{}
	if review.Request.DryRun == nil || !*review.Request.DryRun {
		<-d.open
	}
	review.Response = &admissionv1.AdmissionResponse{UID: review.Request.UID, Allowed: true}
	rw.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(rw).Encode(review)
}

// asks waits until the API server does, which it begins to do a while after the webhook was made.
func (d *doorkeeper) asks() {
	d.apply(rival, `{suspend: true}`)
	d.Eventually(func() int {
		d.Expect(k8s.Delete(ctx(), d.conversation(rival), client.DryRunAll)).To(Succeed())
		return len(d.asked)
	}).ShouldNot(BeZero())
	for len(d.asked) > 0 {
		<-d.asked
	}
}

// knock begins to delete the object, which has no finalizer yet.
func (d *doorkeeper) knock() {
	go func() {
		defer close(d.deleted)
		d.delete(d.conversation(vip))
	}()
	<-d.asked
}

// letIn lets the deletion come to its end.
func (d *doorkeeper) letIn() {
	close(d.open)
	<-d.deleted
}

// erasure is an object that is deleted before it has the finalizer, and is gone after it has.
type erasure struct {
	name, spec string
	// when is the label of the call at which it is gone; empty: it is once it is Synced.
	when string
	// remain is how many conversations stay at Twilio.
	remain int
	// create is what happens to the request to create the conversation; nil: nothing.
	create *fault
}

// TestErasedWithItsFinalizer: what was created for an object that is gone does not outlive it.
func TestErasedWithItsFinalizer(t *testing.T) {
	for _, e := range []erasure{
		{name: "before it is created", spec: `{friendlyName: VIP}`, when: creation},
		{name: "before it is created with a user's name", spec: `{uniqueName: mine}`, when: creation},
		{name: "before its sid is recorded", spec: `{uniqueName: mine}`, when: recording},
		{name: "after its sid was recorded", spec: `{friendlyName: VIP}`},
		{name: "after its sid was recorded, and retained", spec: `{deletionPolicy: Retain}`, remain: 1},
	} {
		t.Run(e.name, e.run)
		for i := range faults {
			if f := &faults[i]; f.hits(theCreation) && !f.deadly {
				e.create = f
				t.Run(fmt.Sprintf("%s, and the create %s", e.name, f.name), e.run)
			}
		}
	}
}

// theCreation is the request to create a conversation.
var theCreation = call{label: creation, nth: 1, twilio: true, write: true}

func (e erasure) run(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	door := newDoorkeeper(w)
	p := newProcess()
	w.start(p)
	w.connected()
	during := map[string]func(){announcement: door.knock}
	if e.when != "" {
		during[e.when] = door.letIn
	}
	var aims []aim
	if e.create != nil {
		aims = []aim{{call: theCreation, fault: e.create}}
	}
	p.begin(aims, during)
	w.apply(vip, e.spec)
	if e.when == "" {
		w.synced(vip)
		door.letIn()
	}
	w.gone(w.conversation(vip))
	w.deleteAll()
	w.gone(w.Account())
	// What takes effect late did.
	p.busy.Wait()
	w.Expect(w.there()).To(HaveLen(e.remain))
}

// stranded has an object erased whose conversation stays: Twilio deletes nothing until it is up again.
func stranded(t *testing.T) (w *world, sid string, up func()) {
	w = newWorld(t)
	door := newDoorkeeper(w)
	p := newProcess()
	w.start(p)
	w.connected()
	down := simulator.Rule{Match: simulator.Match{Operation: simulator.OperationDelete}, Effect: simulator.Effect{Status: http.StatusServiceUnavailable}}
	rule, err := w.sim.AddRule(down)
	w.Expect(err).NotTo(HaveOccurred())
	p.begin(nil, map[string]func(){announcement: door.knock})
	w.apply(vip, `{friendlyName: VIP}`)
	w.synced(vip)
	sid = w.get(vip).Status.SID
	door.letIn()
	return w, sid, func() { w.Expect(w.sim.RemoveRule(rule)).To(Succeed()) }
}

// triesAgain waits until Twilio was asked twice more to delete a conversation.
func (w *world) triesAgain() {
	tries := func() int { return count(w.requests())[simulator.OperationDelete] }
	w.Eventually(tries).Should(BeNumerically(">", tries()+1))
}

// TestReplacedAndErased: a manifest takes the place of an object while its conversation is created, and goes at once: nothing
// on it tells any more that there is something at Twilio, but the manager that announced it knows.
func TestReplacedAndErased(t *testing.T) {
	for _, spec := range []string{`{friendlyName: VIP}`, `{uniqueName: mine}`} {
		t.Run(spec, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			p := newProcess()
			w.start(p)
			w.connected()
			p.begin(nil, map[string]func(){creation: func() { replaced(w); deleted(w) }})
			w.apply(vip, spec)
			w.gone(w.conversation(vip))
			w.Eventually(w.there).Should(BeEmpty())
			w.deleteAll()
			w.gone(w.Account())
			w.Expect(count(w.requests())).To(HaveKey(simulator.OperationCreate))
			w.Expect(w.there()).To(BeEmpty())
		})
	}
}

// TestErasedWithItsAccount: the account waits for an object that is gone, and whose conversation is not.
func TestErasedWithItsAccount(t *testing.T) {
	t.Parallel()
	w, _, up := stranded(t)
	w.deleteAll()
	w.triesAgain()
	w.Expect(k8s.Get(ctx(), client.ObjectKeyFromObject(w.Account()), w.Account())).To(Succeed())
	w.Expect(k8s.Get(ctx(), client.ObjectKeyFromObject(w.secret()), w.secret())).To(Succeed())
	up()
	w.gone(w.Account())
	w.gone(w.secret())
	w.Expect(w.there()).To(BeEmpty())
}

// TestErasedAndMadeAnew: an object that takes the name of one that is gone gets its turn once nothing of that is left.
func TestErasedAndMadeAnew(t *testing.T) {
	t.Parallel()
	w, old, up := stranded(t)
	w.apply(vip, `{friendlyName: VIP again}`)
	w.triesAgain()
	up()
	w.synced(vip)
	w.Expect(w.there()).To(ConsistOf(HaveField("SID", w.get(vip).Status.SID)))
	w.Expect(w.get(vip).Status.SID).NotTo(Equal(old))
}

// TestMovedToAnotherShard: an object that leaves what a manager's selector chooses looks like one that was erased, and is
// still there.
func TestMovedToAnotherShard(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var err error
	w.selector, err = labels.Parse("team != red")
	w.Expect(err).NotTo(HaveOccurred())
	p := newProcess()
	w.start(p)
	w.connected()
	p.begin(nil, map[string]func(){recording: func() { labelled(w) }})
	w.apply(vip, `{friendlyName: VIP}`)
	// The manager sees that the object is still there, and asks who keeps it.
	unmanaged := func() bool {
		return meta.IsStatusConditionTrue(w.get(vip).Status.Conditions, v1alpha1.ConditionUnmanaged)
	}
	w.Eventually(unmanaged).Should(BeTrue())
	w.change(vip, func(conv *v1alpha1.Conversation) { conv.Labels = nil })
	w.look("now")
	w.synced(vip)
	w.Eventually(unmanaged).Should(BeFalse())
	w.Expect(count(w.requests())[simulator.OperationDelete]).To(BeZero())
	w.Expect(w.there()).To(ConsistOf(HaveField("SID", w.get(vip).Status.SID)))
}
