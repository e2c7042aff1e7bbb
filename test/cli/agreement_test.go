// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
)

// agreement is the namespace of the stories.
const agreement = "agreement"

// story is a manifest in a certain world: what plan tells of it is what the manager then does.
type story struct {
	name string
	// there is what is at Twilio.
	there func(*simulator.Conversation)
	// first is the spec that was applied before, and meanwhile what happens at Twilio then.
	first     string
	meanwhile func(*simulator.Simulator, string)
	// spec is what is planned and applied; SID stands for the sid of what is there.
	spec string
	// action and reason are what plan tells; no reason: that Ready is left as it is.
	action, reason string
}

// generated is the name that the operator makes for an object of the stories.
func generated(name string) string { return plan.GeneratedName(clusterName, agreement, name) }

func named(name string) func(*simulator.Conversation) {
	return func(c *simulator.Conversation) { c.UniqueName, c.FriendlyName = name, "Old" }
}

func edited(change func(*simulator.Conversation)) func(*simulator.Simulator, string) {
	return func(s *simulator.Simulator, sid string) {
		if err := s.Edit(sid, change); err != nil {
			panic(err)
		}
	}
}

func removed(s *simulator.Simulator, sid string) {
	if err := s.Remove(sid); err != nil {
		panic(err)
	}
}

// later is when a timer of that length has run out.
func later(timer time.Duration) func(*simulator.Simulator, string) {
	return func(s *simulator.Simulator, _ string) { s.Advance(timer + time.Second) }
}

func closedThere(c *simulator.Conversation) { c.State = simulator.Closed }

var stories = []story{
	{name: "A new one is created", spec: "{friendlyName: New}", action: "create", reason: "Synced"},
	{name: "A new one is created with everything", action: "create", reason: "Synced",
		spec: "{uniqueName: all, friendlyName: New, state: inactive, attributes: {a: [1]}, timers: {closed: P1D}, bindings: {email: {address: a@example.com}}}"},
	{name: "A new one is created and closed", spec: "{state: closed}", action: "create", reason: "Closed"},
	{name: "A new one in another service", spec: "{chatServiceSid: " + otherService + "}", action: "create", reason: "Synced"},
	{name: "A service that is not there", spec: "{chatServiceSid: ISffffffffffffffffffffffffffffffff}", action: "refuse", reason: "Rejected"},
	{name: "A name that somebody has", there: named("taken"), spec: "{uniqueName: taken}", action: "refuse", reason: "UniqueNameTaken"},
	{name: "A name to adopt", there: named("adopted"), spec: "{uniqueName: adopted, adoption: {policy: IfExists}}", action: "adopt", reason: "Synced"},
	{name: "A name to adopt and to change", there: named("changed"), spec: "{uniqueName: changed, friendlyName: New, adoption: {policy: IfExists}}",
		action: "adopt and update", reason: "Synced"},
	{name: "A name to adopt that nobody has", spec: "{uniqueName: nobody, adoption: {policy: IfExists}}", action: "create", reason: "Synced"},
	{name: "A sid to adopt", there: named(""), spec: "{adoption: {sid: SID}, friendlyName: Old}", action: "adopt", reason: "Synced"},
	{name: "A sid that is not there", spec: "{adoption: {sid: CHffffffffffffffffffffffffffffffff}}", action: "refuse", reason: "ConversationMissing"},
	{name: "What was made for it is found again", action: "adopt and update", reason: "Synced", spec: "{friendlyName: New}",
		there: named(generated("what-was-made-for-it-is-found-again"))},
	{name: "To be observed", there: named("seen"), spec: "{uniqueName: seen, friendlyName: New, managementPolicy: Observe}", action: "adopt", reason: "Synced"},
	{name: "To be observed and not there", spec: "{uniqueName: unseen, managementPolicy: Observe}", action: "refuse", reason: "ConversationMissing"},
	{name: "To be reported", there: named(""), spec: "{adoption: {sid: SID}, friendlyName: New, managementPolicy: Report}", action: "adopt", reason: "Synced"},
	{name: "Attributes that are too large", spec: "{attributes: " + strings.Repeat("x", 17<<10) + "}", action: "refuse", reason: "Rejected"},
	{name: "An account that is not there", spec: "{accountRef: {name: nobody}}", action: "wait", reason: "AccountNotReady"},
	{name: "Closed when found", spec: "{adoption: {sid: SID}}", action: "adopt", reason: "Closed", there: closedThere},

	{name: "Nothing changed", first: "{friendlyName: Old}", spec: "{friendlyName: Old}", action: "keep", reason: "Synced"},
	{name: "A field is edited", first: "{friendlyName: Old}", spec: "{friendlyName: New}", action: "update", reason: "Synced"},
	{name: "A field is dropped", first: "{attributes: {a: 1}}", spec: "{}", action: "update", reason: "Synced"},
	{name: "A field is dropped that cannot be cleared", first: "{friendlyName: Old}", spec: "{}", action: "keep", reason: "Synced"},
	{name: "A timer is edited", first: "{timers: {closed: P1D}}", spec: "{timers: {closed: P2D}}", action: "update", reason: "Synced"},
	{name: "It is closed", first: "{}", spec: "{state: closed}", action: "update", reason: "Closed"},
	{name: "It is given a name", first: "{}", spec: "{uniqueName: given}", action: "update", reason: "Synced"},
	{name: "It is given a name that somebody has", there: named("had"), first: "{}", spec: "{uniqueName: had}", action: "refuse", reason: "UniqueNameTaken"},
	{name: "It drifted", first: "{friendlyName: Old}", spec: "{friendlyName: Old}", action: "update", reason: "Synced",
		meanwhile: edited(func(c *simulator.Conversation) { c.FriendlyName = "Drift" })},
	{name: "It drifted and is edited", first: "{friendlyName: Old, attributes: {a: 1}}", spec: "{friendlyName: Old, attributes: {a: 2}}", action: "update",
		reason: "Synced", meanwhile: edited(func(c *simulator.Conversation) { c.FriendlyName = "Drift" })},
	{name: "It drifted and is only reported", first: "{friendlyName: Old, managementPolicy: Report}", spec: "{friendlyName: Old, managementPolicy: Report}",
		action: "keep", reason: "Synced", meanwhile: edited(func(c *simulator.Conversation) { c.FriendlyName = "Drift" })},
	{name: "It vanished", first: "{}", spec: "{}", action: "create", reason: "Synced", meanwhile: removed},
	{name: "It vanished and is only reported", first: "{managementPolicy: Report}", spec: "{managementPolicy: Report}", action: "refuse",
		reason: "ConversationMissing", meanwhile: removed},
	{name: "It was closed and is to be open", first: "{state: active}", spec: "{state: active}", action: "refuse", reason: "ConversationClosed",
		meanwhile: edited(closedThere)},
	{name: "It was closed and starts over", first: "{closedPolicy: Recreate}", spec: "{closedPolicy: Recreate}", action: "recreate", reason: "Synced",
		meanwhile: edited(closedThere)},
	{name: "It was closed with a name and starts over", first: "{uniqueName: again, closedPolicy: Recreate}", spec: "{uniqueName: again, closedPolicy: Recreate}",
		action: "recreate", reason: "Synced", meanwhile: edited(closedThere)},
	{name: "It was closed and is edited", first: "{friendlyName: Old}", spec: "{friendlyName: New}", action: "keep", reason: "Closed",
		meanwhile: edited(closedThere)},
	{name: "Attributes are written another way", first: "{attributes: {a: 1, b: [2]}}", spec: "{attributes: {b: [2.0], a: 1}}", action: "keep", reason: "Synced"},
	{name: "A timer is dropped", first: "{timers: {closed: P1D}}", spec: "{}", action: "update", reason: "Synced"},
	{name: "A name is dropped", first: "{uniqueName: dropped}", spec: "{}", action: "update", reason: "Synced"},
	{name: "Bindings are dropped", first: "{bindings: {email: {address: a@example.com, name: A}}}", spec: "{}", action: "update", reason: "Synced"},
	{name: "It is to be active again", first: "{state: inactive}", spec: "{state: active}", action: "update", reason: "Synced"},
	{name: "Only its webhooks are another", first: "{friendlyName: Old}", spec: "{friendlyName: Old, webhookEnabled: true}", action: "keep", reason: "Synced"},
	{name: "It drifted and is observed", there: named("watched"), first: "{uniqueName: watched, friendlyName: Old, managementPolicy: Observe}",
		spec: "{uniqueName: watched, friendlyName: Old, managementPolicy: Observe}", action: "keep", reason: "Synced",
		meanwhile: edited(func(c *simulator.Conversation) { c.FriendlyName = "Drift" })},
	{name: "The kind of its account is left out", first: "{accountRef: {kind: TwilioAccount, name: default}}", spec: "{accountRef: {name: default}}",
		action: "keep", reason: "Synced"},
	{name: "The kind of its account is written out", first: "{accountRef: {name: default}}", spec: "{accountRef: {kind: TwilioAccount, name: default}}",
		action: "keep", reason: "Synced"},
	{name: "It is edited and suspended", first: "{friendlyName: Old}", spec: "{friendlyName: New, suspend: true}", action: "hold"},

	// The clock is moved from here on.
	{name: "Its timer made it inactive", first: "{state: active, timers: {inactive: PT1M}}", spec: "{state: active, timers: {inactive: PT1M}}",
		action: "keep", reason: "Synced", meanwhile: later(time.Minute)},
	{name: "Its timer closed it", first: "{state: active, timers: {closed: PT10M}}", spec: "{state: active, timers: {closed: PT10M}}",
		action: "keep", reason: "Closed", meanwhile: later(10 * time.Minute)},
	{name: "Its timer closed it and it starts over", first: "{timers: {closed: PT10M}, closedPolicy: Recreate}",
		spec: "{timers: {closed: PT10M}, closedPolicy: Recreate}", action: "recreate", reason: "Synced", meanwhile: later(10 * time.Minute)},
}

func TestPlanTellsWhatTheManagerThenDoes(t *testing.T) {
	s := newSimulator(t)
	newNamespace(t, s, agreement)
	for i := range stories {
		t.Run(stories[i].name, func(t *testing.T) { (&teller{story: &stories[i], twilio: s, shell: online(s, agreement)}).tell(t) })
	}
}

func TestPlanRefusesWhatKubernetesRefuses(t *testing.T) {
	s := newSimulator(t)
	const namespace = "refusals"
	newNamespace(t, s, namespace)
	sh := online(s, namespace)
	const version, kind = "v1alpha1", "Conversation"
	for name, c := range map[string]struct{ version, kind, spec string }{
		"bad-duration": {version, kind, "{timers: {closed: P1W}}"}, "bad-name": {version, kind, "{uniqueName: k8s.mine}"},
		"bad-sid": {version, kind, "{adoption: {sid: CH1}}"}, "Bad-Object": {version, kind, "{}"},
		"no-field": {version, kind, "{colour: red}"}, "no-case": {version, kind, "{friendlyname: VIP}"},
		"a-number": {version, kind, "{uniqueName: 1e3}"}, "a-boolean": {version, kind, "{friendlyName: yes}"},
		"empty-name": {version, kind, "{uniqueName: ''}"}, "empty-friendly-name": {version, kind, "{friendlyName: ''}"},
		"empty-state": {version, kind, "{state: ''}"}, "empty-timer": {version, kind, "{timers: {closed: ''}}"},
		"empty-address": {version, kind, "{bindings: {email: {address: ''}}}"}, "no-account": {version, kind, "{accountRef: {}}"},
		"a-list": {version, kind, "[]"}, "capital-prefix": {version, kind, "{uniqueName: K8s.mine}"},
		"no-version": {"v1alpha2", kind, "{}"}, "no-kind": {version, "Convo", "{}"},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "manifest.yaml")
			text := "apiVersion: twilio-operator.dev/" + c.version + "\nkind: " + c.kind + "\nmetadata: {name: " + name + "}\nspec: " + c.spec + "\n"
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			told := sh.plan(t, "-f", file)
			if len(told) != 1 || told[0].Name != name || told[0].Action != "refuse" || told[0].Reason != "Invalid" {
				t.Errorf("plan tells %+v", told)
			}
			if _, err := bed.Kubectl(t.Context(), "apply", "-n", namespace, "-f", file); err == nil {
				t.Error("Kubernetes takes it")
			}
		})
	}
}

func TestPlanSaysThatANewNameIsTakenByTheManifestBefore(t *testing.T) {
	s := newSimulator(t)
	const namespace = "namesakes"
	newNamespace(t, s, namespace)
	sh := online(s, namespace)
	manifest := func(name, spec string) string {
		return "apiVersion: twilio-operator.dev/v1alpha1\nkind: Conversation\nmetadata: {name: " + name + "}\nspec: {uniqueName: new" + spec + "}\n"
	}
	files := []string{
		manifest("one", ""), manifest("two", ""), manifest("three", ", adoption: {policy: IfExists}"),
		manifest("four", ", chatServiceSid: "+simulator.DefaultServiceSID), manifest("five", ", chatServiceSid: "+otherService),
	}
	dir := t.TempDir()
	for i, text := range files {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%d.yaml", i)), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	told := sh.plan(t, "-f", dir)
	if len(told) != len(files) {
		t.Fatalf("plan tells %+v", told)
	}
	for i, p := range told {
		if _, err := bed.Kubectl(t.Context(), "apply", "-n", namespace, "-f", filepath.Join(dir, fmt.Sprintf("%d.yaml", i))); err != nil {
			t.Fatal(err)
		}
		o := &v1alpha1.Conversation{}
		eventually(t, func(g Gomega) {
			g.Expect(bed.Client.Get(t.Context(), client.ObjectKey{Namespace: namespace, Name: p.Name}, o)).To(Succeed())
			ready := meta.FindStatusCondition(o.Status.Conditions, v1alpha1.ConditionReady)
			g.Expect(ready).NotTo(BeNil())
			g.Expect(ready.Reason).NotTo(Equal(v1alpha1.ReasonProgressing))
			g.Expect(p.Reason).To(Equal(ready.Reason), p.Name)
		})
	}
	// Other tests count the services that objects are in.
	if _, err := bed.Kubectl(t.Context(), "delete", "conversations", "-n", namespace, "--all"); err != nil {
		t.Fatal(err)
	}
}

func TestPlanSaysTheSecondOfTwoIsTooMany(t *testing.T) {
	s := newSimulator(t)
	const sid = "CH77777777777777777777777777777777"
	if _, err := s.Seed("", 1, func(_ int, c *simulator.Conversation) { c.SID = sid }); err != nil {
		t.Fatal(err)
	}
	manifest := "apiVersion: twilio-operator.dev/v1alpha1\nkind: Conversation\nmetadata: {name: NAME}\nspec: {adoption: {sid: " + sid + "}}\n"
	file := filepath.Join(t.TempDir(), "manifest.yaml")
	text := strings.ReplaceAll(manifest, "NAME", "one") + "---\n" + strings.ReplaceAll(manifest, "NAME", "two")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	told := offline(s).plan(t, "--offline", "-f", file)
	var actions []string
	for _, p := range told {
		actions = append(actions, p.Action+" "+p.Reason)
	}
	if !slices.Equal(actions, []string{"adopt Synced", "refuse AlreadyManaged"}) {
		t.Errorf("plan tells %v", actions)
	}
}
