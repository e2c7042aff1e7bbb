// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package crash

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/config"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"
	"sigs.k8s.io/yaml"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/controller"
	"github.com/conversations-operator/conversations-operator/internal/controller/options"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
)

// clusterName of every manager.
const clusterName = "crash"

// world is a namespace with a simulated Twilio of its own.
type world struct {
	*WithT
	t         testing.TB
	namespace string
	// id is part of the names of its Conversations.
	id    string
	sim   *simulator.Server
	token string
	log   lockedBuffer
	// selector chooses what its managers watch; nil: everything.
	selector labels.Selector
}

func newWorld(t testing.TB) *world {
	w := &world{WithT: NewWithT(t), t: t, id: random(5), token: random(16)}
	var err error
	w.sim, err = simulator.Start(simulator.Options{AuthToken: w.token})
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
	case w.namespace = <-free:
	default:
		w.namespace = "w-" + w.id
		w.create(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: w.namespace}})
	}
	w.t.Cleanup(func() {
		if w.t.Failed() {
			w.t.Log(w.log.String())
			return
		}
		free <- w.namespace
	})
}

// start runs a manager of this namespace until its process dies or the test ends; done is closed once it stands still.
func (w *world) start(p *process) (done <-chan struct{}) {
	// A process has connections of its own. Its informers' are not part of a story: they come whenever they like.
	identity, err := rest.TLSConfigFor(kube)
	w.Expect(err).NotTo(HaveOccurred())
	api := &http.Transport{TLSClientConfig: identity, ForceAttemptHTTP2: true}
	cfg := &rest.Config{Host: kube.Host, QPS: -1, Transport: transport{process: p, next: api}}
	wire := &http.Transport{}
	o := options.Manager{
		ClusterName: clusterName, TwilioBaseURL: w.sim.URL, WatchNamespaces: []string{w.namespace}, WatchLabelSelector: w.selector, MaxConcurrentReconciles: 4,
		RequestTimeout: requestTimeout, Transport: transport{process: p, next: wire, twilio: true},
	}
	opts := ctrl.Options{
		Scheme:                  scheme,
		Logger:                  zap.New(zap.WriteTo(&w.log), zap.UseDevMode(true)),
		MapperProvider:          func(*rest.Config, *http.Client) (meta.RESTMapper, error) { return mapper, nil },
		Cache:                   controller.CacheOptions(o),
		Metrics:                 metricsserver.Options{BindAddress: "0"},
		Controller:              config.Controller{SkipNameValidation: new(true)},
		GracefulShutdownTimeout: new(20 * time.Second),
	}
	opts.Cache.HTTPClient = &http.Client{Transport: api}
	mgr, err := ctrl.NewManager(cfg, opts)
	w.Expect(err).NotTo(HaveOccurred())
	ctx, cancel := context.WithCancel(context.Background())
	w.Expect(controller.Setup(ctx, mgr, o)).To(Succeed())
	go func() {
		<-p.dead
		cancel()
	}()
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		defer wire.CloseIdleConnections()
		defer api.CloseIdleConnections()
		if err := mgr.Start(ctx); err != nil {
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
	for _, o := range []client.Object{w.secret(), w.account(), w.conversation(vip), w.conversation(rival)} {
		w.delete(o)
	}
}

func (w *world) meta(name string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Namespace: w.namespace, Name: name}
}

func (w *world) secret() *corev1.Secret {
	m := w.meta("twilio")
	// Held from the start, or the event of that would have the account checked again in the midst of a story.
	m.Finalizers = []string{v1alpha1.Finalizer}
	return &corev1.Secret{ObjectMeta: m, StringData: map[string]string{
		"TWILIO_ACCOUNT_SID": simulator.DefaultAccountSID, "TWILIO_AUTH_TOKEN": w.token,
	}}
}

func (w *world) account() *v1alpha1.TwilioAccount {
	a := &v1alpha1.TwilioAccount{ObjectMeta: w.meta("default")}
	// Drift checks come whenever they like.
	a.Spec.CredentialsSecretRef.Name, a.Spec.DriftCheckIntervalSeconds = "twilio", new(int32(0))
	return a
}

func (w *world) conversation(name string) *v1alpha1.Conversation {
	return &v1alpha1.Conversation{ObjectMeta: w.meta(name + "-" + w.id)}
}

// connected creates the account and waits until it is Ready.
func (w *world) connected() {
	w.create(w.secret())
	w.create(w.account())
	w.Eventually(w.accountReason).Should(Equal(v1alpha1.ReasonAuthenticated))
}

func (w *world) accountReason() string {
	a := w.account()
	if k8s.Get(ctx(), client.ObjectKeyFromObject(a), a) != nil {
		return ""
	}
	return ready(a.Status.Conditions).Reason
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
	return ready(now.Status.Conditions).Reason
}

// synced waits until Twilio has what the object says.
func (w *world) synced(name string) {
	w.Eventually(func() string { return w.settledAs(name) }).Should(Equal(v1alpha1.ReasonSynced))
}

// removed tells whether a Conversation was there and is no more.
func (w *world) removed(name string) bool {
	key := client.ObjectKeyFromObject(w.conversation(name))
	return witness.Versions(key) > 0 && witness.Last(key) == nil
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

func ready(conditions []metav1.Condition) metav1.Condition {
	if c := meta.FindStatusCondition(conditions, v1alpha1.ConditionReady); c != nil {
		return *c
	}
	return metav1.Condition{}
}

func ctx() context.Context { return context.Background() }

func random(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return hex.EncodeToString(b)
}

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
