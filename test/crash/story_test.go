// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package crash

import (
	"fmt"

	. "github.com/onsi/gomega"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
)

// vip is the object that the stories are about, rival the other one.
const vip, rival = "vip", "rival"

// Labels of the calls that a create is made of.
const (
	announcement = "PATCH conversations"
	creation     = "CREATE Twilio"
	recording    = "PATCH conversations/status"
	change       = "POST Twilio"
)

// story is what a user does, and how it ends whatever happens on the way.
type story struct {
	name string
	// bare: there is no account before the story begins.
	bare bool
	// given comes before the calls are numbered, when begins the story.
	given, when func(*world)
	// during is what the user does while the call of that label is on its way, once.
	during map[string]func(*world)
	// reason of Ready at the end; empty: the object is gone. isOver says so where one object is not all.
	reason string
	isOver func(*world) bool
	// then checks the end of stories that do not end with one object and its conversation, or none.
	then func(*world)
	// forgetful: what was announced is lost with the process, so that the next one creates again and is refused.
	forgetful bool
	// remain is how many conversations stay at Twilio once all objects are gone.
	remain int
	// cost is what is asked of Twilio if nothing goes wrong; nil: that depends on who comes first.
	cost tally
}

// stories are what is run at every point.
var stories = []story{
	{
		name:   "created with a generated name",
		when:   apply(`{friendlyName: VIP, attributes: {tier: gold}, timers: {closed: P1D}}`),
		reason: v1alpha1.ReasonSynced,
		cost:   tally{simulator.OperationCreate: 1},
	},
	{
		name:   "created with a user's name",
		when:   apply(`{uniqueName: mine, friendlyName: VIP, attributes: [1, 2]}`),
		reason: v1alpha1.ReasonSynced,
		cost:   tally{simulator.OperationCreate: 1},
	},
	{
		name:   "created closed",
		when:   apply(`{state: closed}`),
		reason: v1alpha1.ReasonClosed,
		cost:   tally{simulator.OperationCreate: 1, simulator.OperationUpdate: 1},
	},
	{
		name: "created before its account",
		bare: true,
		given: func(w *world) {
			w.apply(vip, `{}`)
			w.Eventually(func() string { return w.settledAs(vip) }).Should(Equal(v1alpha1.ReasonAccountNotReady))
			w.create(w.secret())
		},
		when:   func(w *world) { w.create(w.Account()) },
		reason: v1alpha1.ReasonSynced,
		cost:   tally{simulator.OperationCreate: 1},
	},
	{
		name:   "created and edited at once",
		when:   apply(`{friendlyName: One}`),
		during: map[string]func(*world){creation: apply(`{friendlyName: Two, attributes: {a: 1}}`)},
		reason: v1alpha1.ReasonSynced,
	},
	{
		name:   "created and renamed at once",
		when:   apply(`{uniqueName: one}`),
		during: map[string]func(*world){creation: apply(`{uniqueName: two}`)},
		reason: v1alpha1.ReasonSynced,
	},
	{
		name:   "labelled by somebody while its sid is recorded",
		when:   apply(`{friendlyName: VIP}`),
		during: map[string]func(*world){recording: labelled},
		reason: v1alpha1.ReasonSynced,
		cost:   tally{simulator.OperationCreate: 1},
	},
	{
		name:   "adopted by its name",
		given:  theirs,
		when:   apply(`{uniqueName: theirs, friendlyName: VIP, adoption: {policy: IfExists}}`),
		reason: v1alpha1.ReasonSynced,
		remain: 1,
	},
	{
		name:  "adopted by its sid",
		given: theirs,
		when: func(w *world) {
			w.apply(vip, fmt.Sprintf(`{adoption: {sid: %s}, attributes: {a: 1}}`, w.there()[0].SID))
		},
		reason: v1alpha1.ReasonSynced,
		remain: 1,
	},
	{
		name:   "refused a name that is taken",
		given:  theirs,
		when:   apply(`{uniqueName: theirs, friendlyName: VIP}`),
		reason: v1alpha1.ReasonUniqueNameTaken,
		then:   refused,
		remain: 1,
	},
	{
		name: "created with the same name by two objects",
		when: func(w *world) {
			w.apply(vip, `{uniqueName: mine}`)
			w.apply(rival, `{uniqueName: mine}`)
		},
		isOver: oneHasIt,
		then:   oneOfTwo,
	},
	{
		name:   "updated",
		given:  synced(`{friendlyName: One, timers: {closed: P1D}}`),
		when:   apply(`{friendlyName: Two, timers: {closed: P2D}, attributes: {a: 1}}`),
		reason: v1alpha1.ReasonSynced,
		cost:   tally{simulator.OperationUpdate: 1},
	},
	{
		name:   "made inactive and active again at once",
		given:  synced(`{state: active, timers: {closed: P1D}}`),
		when:   apply(`{state: inactive, timers: {closed: P2D}, attributes: {a: 1}}`),
		during: map[string]func(*world){change: apply(`{state: active, timers: {closed: P1D}, attributes: {}}`)},
		reason: v1alpha1.ReasonSynced,
	},
	{
		name:   "made active and inactive again at once",
		given:  synced(`{state: inactive}`),
		when:   apply(`{state: active, timers: {inactive: P2D}}`),
		during: map[string]func(*world){change: apply(`{state: inactive}`)},
		reason: v1alpha1.ReasonSynced,
	},
	{
		name:   "created and made inactive at once",
		when:   apply(`{state: active, timers: {closed: P1D}}`),
		during: map[string]func(*world){creation: apply(`{state: inactive, timers: {inactive: P1D}}`)},
		reason: v1alpha1.ReasonSynced,
	},
	{
		name:   "renamed",
		given:  synced(`{uniqueName: one}`),
		when:   apply(`{}`),
		reason: v1alpha1.ReasonSynced,
		cost:   tally{simulator.OperationUpdate: 1},
	},
	{
		name:  "changed at Twilio and corrected",
		given: synced(`{friendlyName: VIP}`),
		when: func(w *world) {
			w.Expect(w.sim.Edit(w.there()[0].SID, func(c *simulator.Conversation) { c.FriendlyName = "Other" })).To(Succeed())
			w.look("now")
		},
		reason: v1alpha1.ReasonSynced,
		cost:   tally{simulator.OperationFetch: 1, simulator.OperationUpdate: 1},
	},
	{
		name:  "recreated after it was closed",
		given: synced(`{friendlyName: VIP, closedPolicy: Recreate}`),
		when: func(w *world) {
			w.Expect(w.sim.Edit(w.there()[0].SID, func(c *simulator.Conversation) { c.State = "closed" })).To(Succeed())
			w.look("now")
		},
		reason: v1alpha1.ReasonSynced,
		cost:   tally{simulator.OperationFetch: 1, simulator.OperationDelete: 1, simulator.OperationCreate: 1},
	},
	{
		name:  "recreated after it vanished",
		given: synced(`{uniqueName: mine, friendlyName: VIP}`),
		when: func(w *world) {
			w.Expect(w.sim.Remove(w.there()[0].SID)).To(Succeed())
			w.look("now")
		},
		reason: v1alpha1.ReasonSynced,
	},
	{
		name:   "updated while the credentials are rotated",
		given:  synced(`{friendlyName: One}`),
		when:   func(w *world) { w.rotate(); w.apply(vip, `{friendlyName: Two}`) },
		reason: v1alpha1.ReasonSynced,
	},
	{
		name:   "replaced",
		given:  synced(`{uniqueName: mine, friendlyName: VIP}`),
		when:   replaced,
		reason: v1alpha1.ReasonSynced,
		isOver: isHeld,
		cost:   tally{},
	},
	{
		name:   "replaced while it is created",
		when:   apply(`{friendlyName: VIP}`),
		during: map[string]func(*world){creation: replaced},
		reason: v1alpha1.ReasonSynced,
		isOver: isHeld, forgetful: true,
	},
	{
		name:  "deleted",
		given: synced(`{friendlyName: VIP}`),
		when:  deleted,
		cost:  tally{simulator.OperationDelete: 1},
	},
	{
		name:   "deleted and retained",
		given:  synced(`{deletionPolicy: Retain}`),
		when:   deleted,
		remain: 1,
		cost:   tally{},
	},
	{
		name:   "deleted while it is announced",
		when:   apply(`{friendlyName: VIP}`),
		during: map[string]func(*world){announcement: deleted},
	},
	{
		name:   "deleted while it is created",
		when:   apply(`{friendlyName: VIP}`),
		during: map[string]func(*world){creation: deleted},
	},
	{
		name:   "deleted while it is created with a user's name",
		when:   apply(`{uniqueName: mine, friendlyName: VIP}`),
		during: map[string]func(*world){creation: deleted},
	},
	{
		name:   "deleted while its sid is recorded",
		when:   apply(`{friendlyName: VIP}`),
		during: map[string]func(*world){recording: deleted},
	},
	{
		name:  "deleted while it is recreated",
		given: synced(`{uniqueName: mine, closedPolicy: Recreate}`),
		when: func(w *world) {
			w.Expect(w.sim.Edit(w.there()[0].SID, func(c *simulator.Conversation) { c.State = "closed" })).To(Succeed())
			w.look("now")
		},
		during: map[string]func(*world){creation: deleted},
	},
	{
		name:  "deleted with everything in the namespace",
		given: synced(`{friendlyName: VIP}`),
		when:  (*world).deleteAll,
	},
}
