// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package system_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
	"github.com/conversations-operator/conversations-operator/test/testbed"
	"github.com/conversations-operator/conversations-operator/test/testbed/random"
)

var (
	// secrets are what must be found nowhere: tokens and keys of accounts, in every way that they are written, and the
	// bearer tokens of those who ask for metrics.
	secrets []string
	// private are attributes: they are in the objects and at Twilio, and in no log, event or condition.
	private []string
)

// keepSecret adds the ways in which credentials are written.
func keepSecret(username, password string) {
	secrets = append(secrets, password, base64.StdEncoding.EncodeToString([]byte(password)),
		base64.StdEncoding.EncodeToString([]byte(username+":"+password)))
}

// Nothing that any spec has done so far gave a secret away.
var _ = AfterEach(func() {
	Expect(found(said(), append(secrets, private...))).To(BeEmpty(), "logs, events, conditions and arguments")
	Expect(found(shown(), secrets)).To(BeEmpty(), "objects")
})

var _ = AfterSuite(func() {
	if manager != nil {
		var text bytes.Buffer
		Expect(manager.Metrics(ctx, &text)).To(Succeed())
		Expect(text.Len()).To(BeNumerically(">", 0))
		Expect(found(map[string]string{"metrics": text.String()}, append(secrets, private...))).To(BeEmpty())
	}
})

// found lists where a secret is, not which.
func found(texts map[string]string, secrets []string) []string {
	var where []string
	for name, text := range texts {
		for _, secret := range secrets {
			if strings.Contains(text, secret) {
				where = append(where, name)
				break
			}
		}
	}
	return where
}

// said is what the managers tell: their logs, but for one that was asked to tell more, the events, the conditions, and the
// arguments of every program that was run.
func said() map[string]string {
	GinkgoHelper()
	out := map[string]string{"arguments": strings.Join(bed.Arguments(), "\n")}
	logs, err := filepath.Glob(filepath.Join(bed.Dir, "*.log"))
	Expect(err).NotTo(HaveOccurred())
	for _, path := range logs {
		if filepath.Base(path) == "audit.log" {
			continue
		}
		text, err := os.ReadFile(path)
		Expect(err).NotTo(HaveOccurred())
		out[filepath.Base(path)] = string(text)
	}
	var events eventsv1.EventList
	Expect(bed.Client.List(ctx, &events)).To(Succeed())
	for _, e := range events.Items {
		out["event "+e.Namespace+"/"+e.Name] = encode(e)
	}
	var conversations v1alpha1.ConversationList
	Expect(bed.Client.List(ctx, &conversations)).To(Succeed())
	for _, conv := range conversations.Items {
		out["conditions of "+conv.Namespace+"/"+conv.Name] = encode(conv.Status.Conditions)
	}
	return out
}

// shown is what anybody may read who may not read Secrets.
func shown() map[string]string {
	GinkgoHelper()
	out := map[string]string{}
	for kind, list := range map[string]client.ObjectList{
		"Conversations": &v1alpha1.ConversationList{}, "TwilioAccounts": &v1alpha1.TwilioAccountList{},
		"ClusterTwilioAccounts": &v1alpha1.ClusterTwilioAccountList{}, "ConfigMaps": &corev1.ConfigMapList{},
	} {
		Expect(bed.Client.List(ctx, list)).To(Succeed())
		out[kind] = encode(list)
	}
	loud, err := os.ReadFile(loudLog())
	if err == nil {
		out["the loud manager's log"] = string(loud)
	}
	return out
}

func encode(v any) string {
	GinkgoHelper()
	text, err := json.Marshal(v)
	Expect(err).NotTo(HaveOccurred())
	return string(text)
}

// loudLog is where a manager writes that was asked to tell everything.
func loudLog() string { return filepath.Join(bed.Dir, "loud") }

var _ = Describe("Whatever goes wrong", func() {
	It("the manager keeps to itself what nobody else may know, however much it is asked to tell", func() {
		Expect(manager.Stop()).To(Succeed())
		DeferCleanup(func() { Expect(manager.Start(ctx)).To(Succeed()) })
		quiet, err := bed.StartManager(ctx, testbed.ManagerOptions{Args: []string{"--cluster-name=" + clusterName, "--twilio-base-url=" + twilio.URL}})
		Expect(err).NotTo(HaveOccurred())
		goWrong()
		Expect(quiet.Stop()).To(Succeed())
		loud, err := bed.StartManager(ctx, testbed.ManagerOptions{Log: loudLog(), Args: []string{
			"--cluster-name=" + clusterName, "--twilio-base-url=" + twilio.URL, "--zap-log-level=9", "--zap-devel"}})
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(loud.Stop)
		goWrong()
		Expect(os.ReadFile(loudLog())).NotTo(BeEmpty())
	})
})

// goWrong goes through what is told of most: rejected values, an outage, pages of proxies, wrong and malformed credentials.
func goWrong() {
	GinkgoHelper()
	t := newTenant()
	private = append(private, random.Hex(16))
	mine := private[len(private)-1]
	for _, effect := range []simulator.Effect{
		{Status: http.StatusBadRequest, Code: 50301, Message: "Invalid parameter"},
		{Status: http.StatusBadGateway},
		{Status: http.StatusTooManyRequests, Code: 20429},
		{DropBefore: true},
		{DropAfter: true},
		{TruncateBody: true},
		{Redirect: "https://elsewhere.example/"},
	} {
		Expect(twilio.Control(ctx, "POST /rules", simulator.Rule{
			Match:  simulator.Match{Operation: simulator.OperationCreate, Account: t.SID, Count: 1},
			Effect: effect,
		}, nil)).To(Succeed())
		conv := &v1alpha1.Conversation{ObjectMeta: metav1.ObjectMeta{Namespace: t.Namespace, GenerateName: "conv-"}}
		conv.Spec.Attributes = &apiextensionsv1.JSON{Raw: []byte(`{"private":"` + mine + `"}`)}
		create(conv)
		Eventually(func(g Gomega) {
			g.Expect(bed.Client.Get(ctx, client.ObjectKeyFromObject(conv), conv)).To(Succeed())
			g.Expect(conv.Status.Conditions).NotTo(BeEmpty())
		}).Should(Succeed())
	}
	wrong := random.Hex(16)
	for token, reason := range map[string]string{wrong: v1alpha1.ReasonCredentialsRejected, wrong + " " + wrong: v1alpha1.ReasonSecretInvalid} {
		t.rotate(token)
		t.accountIs(reason)
	}
	t.rotate(t.Token)
	t.accountIs(v1alpha1.ReasonAuthenticated)
}
