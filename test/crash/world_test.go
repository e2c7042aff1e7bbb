// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package crash

import (
	"bytes"
	"context"
	"net/http"
	"slices"
	"sync"
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
	"sigs.k8s.io/yaml"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/controller/options"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
	"github.com/conversations-operator/conversations-operator/test/testbed"
	"github.com/conversations-operator/conversations-operator/test/testbed/cluster"
	"github.com/conversations-operator/conversations-operator/test/testbed/random"
)

// clusterName of every manager.
const clusterName = "crash"

// world is a tenant with a simulated Twilio of its own.
type world struct {
	*WithT
	testbed.Tenant
	t testing.TB
	// id is part of the names of its Conversations.
	id  string
	sim *simulator.Server
	log lockedBuffer
	// selector chooses what its managers watch; nil: everything.
	selector labels.Selector
}

func newWorld(t testing.TB) *world {
	w := &world{WithT: NewWithT(t), Tenant: testbed.NewTenant(), t: t, id: random.Hex(5)}
	w.SID = simulator.DefaultAccountSID
	var err error
	w.sim, err = simulator.Start(simulator.Options{AuthToken: w.Token})
	w.Expect(err).NotTo(HaveOccurred())
	t.Cleanup(w.sim.Close)
	w.enter()
	return w
}

// free are namespaces that a test left empty. Every manager watches all namespaces, so there should be few.
var free = make(chan string, 1000)

// enter takes a namespace for the time of the test.
func (w *world) enter() {
	select {
	case w.Namespace = <-free:
	default:
		w.Expect(w.CreateNamespace(ctx(), k8s)).To(Succeed())
	}
	w.t.Cleanup(func() {
		if w.t.Failed() {
			w.t.Logf("in namespace %s:\n%s", w.Namespace, w.log.String())
			return
		}
		free <- w.Namespace
	})
}

// start runs a manager of this namespace until its process dies or the test ends; done is closed once it stands still.
func (w *world) start(p *process) (done <-chan struct{}) {
	// A process has connections of its own. Its informers' are not part of a story: they come whenever they like.
	identity, err := rest.TLSConfigFor(kube.Config)
	w.Expect(err).NotTo(HaveOccurred())
	api := &http.Transport{TLSClientConfig: identity, ForceAttemptHTTP2: true}
	wire := &http.Transport{}
	m := &cluster.Manager{
		API: transport{process: p, next: api}, Watches: api,
		Log: zap.New(zap.WriteTo(&w.log), zap.UseDevMode(true)),
		Options: options.Manager{
			ClusterName: clusterName, TwilioBaseURL: w.sim.URL, WatchNamespaces: []string{w.Namespace}, WatchLabelSelector: w.selector,
			MaxConcurrentReconciles: 4, RequestTimeout: requestTimeout, Transport: transport{process: p, next: wire, twilio: true},
		},
	}
	w.Expect(kube.StartManager(m)).To(Succeed())
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		defer wire.CloseIdleConnections()
		defer api.CloseIdleConnections()
		select {
		case <-p.dead:
		case <-m.Done():
		}
		if err := m.Stop(); err != nil {
			w.t.Errorf("the manager ended: %v", err)
		}
	}()
	w.t.Cleanup(func() {
		p.die()
		<-stopped
		p.busy.Wait()
	})
	return stopped
}

func (w *world) create(o client.Object) { w.Expect(k8s.Create(ctx(), o)).To(Succeed()) }

func (w *world) delete(o client.Object) {
	w.Expect(client.IgnoreNotFound(k8s.Delete(ctx(), o))).To(Succeed())
}

// deleteAll deletes everything in the namespace at once.
func (w *world) deleteAll() {
	for _, o := range []client.Object{w.secret(), w.Account(), w.conversation(vip), w.conversation(rival)} {
		w.delete(o)
	}
}

func (w *world) secret() *corev1.Secret {
	s := w.Secret()
	// Held from the start, or the event of that would have the account checked again in the midst of a story.
	s.Finalizers = []string{v1alpha1.Finalizer}
	return s
}

func (w *world) conversation(name string) *v1alpha1.Conversation {
	return w.Conversation(name + "-" + w.id)
}

// connected creates the account and waits until it is Ready.
func (w *world) connected() {
	w.create(w.secret())
	w.create(w.Account())
	w.Eventually(func() string { return w.Ready(ctx(), k8s).Reason }).Should(Equal(v1alpha1.ReasonAuthenticated))
}

// apply creates a Conversation from the YAML of its spec, or replaces its spec.
func (w *world) apply(name, spec string) {
	var want v1alpha1.ConversationSpec
	w.Expect(unmarshal(spec, &want)).To(Succeed())
	conv := w.conversation(name)
	conv.Spec = want
	if err := k8s.Create(ctx(), conv); !apierrors.IsAlreadyExists(err) {
		w.Expect(err).NotTo(HaveOccurred())
		return
	}
	w.change(name, func(conv *v1alpha1.Conversation) { conv.Spec = want })
}

func unmarshal(text string, spec *v1alpha1.ConversationSpec) error {
	return yaml.UnmarshalStrict([]byte(text), spec)
}

// change edits an object as kubectl does, whatever its version.
func (w *world) change(name string, edit func(*v1alpha1.Conversation)) {
	conv := w.get(name)
	before := conv.DeepCopy()
	edit(conv)
	w.Expect(k8s.Patch(ctx(), conv, client.MergeFrom(before))).To(Succeed())
}

// look asks for a look at the object now.
func (w *world) look(at string) {
	w.change(vip, func(conv *v1alpha1.Conversation) {
		metav1.SetMetaDataAnnotation(&conv.ObjectMeta, v1alpha1.ReconcileRequestedAtAnnotation, at)
	})
}

func (w *world) get(name string) *v1alpha1.Conversation {
	conv := w.conversation(name)
	w.Expect(k8s.Get(ctx(), client.ObjectKeyFromObject(conv), conv)).To(Succeed())
	return conv
}

// settledAs is the reason of Ready of an object that was looked at as it is now, empty before that.
func (w *world) settledAs(name string) string {
	now := w.conversation(name)
	if k8s.Get(ctx(), client.ObjectKeyFromObject(now), now) != nil || now.Status.ObservedGeneration != now.Generation ||
		now.Status.LastHandledReconcileAt != now.Annotations[v1alpha1.ReconcileRequestedAtAnnotation] {
		return ""
	}
	return testbed.Ready(now.Status.Conditions).Reason
}

// synced waits until Twilio has what the object says.
func (w *world) synced(name string) {
	w.Eventually(func() string { return w.settledAs(name) }).Should(Equal(v1alpha1.ReasonSynced))
}

// removed tells whether a Conversation was there and is no more.
func (w *world) removed(name string) bool {
	key := client.ObjectKeyFromObject(w.conversation(name))
	return seen.Versions(key) > 0 && seen.Last(key) == nil
}

// gone waits until an object is not there.
func (w *world) gone(o client.Object) {
	w.Eventually(func() bool {
		return apierrors.IsNotFound(k8s.Get(ctx(), client.ObjectKeyFromObject(o), o))
	}).Should(BeTrue(), "%T %s is still there", o, o.GetName())
}

// there are the conversations at Twilio.
func (w *world) there() []simulator.Conversation { return w.sim.Conversations("") }

// requests are those about conversations since the story began; checks of credentials are not.
func (w *world) requests() []simulator.Request {
	return slices.DeleteFunc(w.sim.Requests(), func(r simulator.Request) bool {
		return r.Operation == simulator.OperationList && r.Query.Get("PageSize") == "1" || r.Operation == simulator.OperationConfiguration
	})
}

func ctx() context.Context { return context.Background() }

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
