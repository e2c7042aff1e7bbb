// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// rowCases has at least one case for every row of Table, in its order.
var rowCases = []struct {
	row, name string
	facts     *Facts
	verb      Verb
	// target and reason are what the step names.
	target, reason string
}{
	{"Created in another account", "What came to be in another account than the Secret names is taken back",
		given(accountIs(claiming), announced(0), creates(inAccount(otherAccountSID))), Delete, ourSID, ""},
	{"Nothing held", "An object without the finalizer goes by itself",
		given(created(), beingDeleted, func(f *Facts) { f.Object.Finalizers = nil }), Rest, "", ""},
	{"Retained", "Retain lets the object go although the account cannot be used",
		given(deletion(v1alpha1.DeletionPolicyRetain), created(), beingDeleted, accountIs(Account{Reason: v1alpha1.ReasonAccountNotReady})), Release, ourSID, ""},
	{"Retained", "What was adopted stays unless the spec says otherwise", given(ifExists, adopted, beingDeleted), Release, ourSID, ""},
	{"Retained", "What is observed stays whatever the spec says",
		given(observing, deletion(v1alpha1.DeletionPolicyDelete), created(), beingDeleted), Release, ourSID, ""},
	{"Never created", "What was never created needs no credentials",
		given(beingDeleted, accountIs(Account{Reason: v1alpha1.ReasonAccountNotReady})), Release, "", ""},
	{"Never created", "An announced create that certainly did not happen is none",
		given(announced(0), unsent, beingDeleted, accountIs(Account{Reason: v1alpha1.ReasonAccountNotReady})), Release, "", ""},
	{"Deletion suspended", "A deletion waits while the object is suspended", given(suspendedSpec, created(), beingDeleted), Hold, "", ""},
	{"Deletion waits for the account", "A deletion waits for credentials and says so",
		given(created(), beingDeleted, accountIs(Account{Reason: v1alpha1.ReasonCredentialsRejected, Message: "no"})), Wait, "", v1alpha1.ReasonCredentialsRejected},
	{"Deletion waits for the right account", "A deletion waits for the account that holds the conversation",
		given(created(), beingDeleted, accountIs(Account{SID: otherAccountSID})), Wait, "", v1alpha1.ReasonAccountMismatch},
	{"Deletion waits for the right account", "A deletion waits for the account in which a create is open",
		given(announced(0), beingDeleted, accountIs(Account{SID: otherAccountSID})), Wait, "", v1alpha1.ReasonAccountMismatch},
	{"Deletion waits for the right account", "A deletion waits for the Region that holds the conversation",
		given(created(), beingDeleted, accountIs(Account{SID: accountSID, Region: "ie1"})), Wait, "", v1alpha1.ReasonAccountMismatch},
	{"Deletion finds another account", "What another account has under the name is not deleted",
		given(accountIs(claiming), announced(0), beingDeleted, finds(inAccount(otherAccountSID))), Wait, "", v1alpha1.ReasonAccountMismatch},
	{"Look in an earlier default service", "A create that went to the default service of then is looked for there",
		given(announced(0), beingDeleted, accountIs(moved), nobodyHasTheName), Lookup, given().Generated, ""},
	{"Look for what may have been created", "A create whose outcome is open is looked for before the object goes",
		given(announced(time.Hour), beingDeleted), Lookup, given().Generated, ""},
	{"Look for what may have been created", "What was created in place of an adopted conversation is looked for too",
		given(ifExists, adopted, announced(time.Hour), beingDeleted), Lookup, given().Generated, ""},
	{"Delete what was created", "What was found and is ours is deleted",
		given(announced(time.Hour), beingDeleted, finds(isSID(newSID))), Delete, newSID, ""},
	{"Not found in an unknown account", "That an unknown account has nothing says nothing of the one to which the create went",
		given(announced(time.Minute), beingDeleted, accountIs(Account{}), nobodyHasTheName), Wait, "", v1alpha1.ReasonAccountMismatch},
	{"Wait for a create on its way", "A second create may take the name of the first, which was found and deleted",
		given(announced(10*time.Second), announced(0), beingDeleted, finds(), deleted, nobodyHasTheName), Wait, "", v1alpha1.ReasonProgressing},
	{"Wait for a create on its way", "A create that may still take effect holds the object",
		given(announced(time.Second), beingDeleted, nobodyHasTheName), Wait, "", v1alpha1.ReasonProgressing},
	{"Wait for a create on its way", "A name that keeps a lost create from taking effect is not given up yet",
		given(announced(10*time.Second), announced(5*time.Second), created(), beingDeleted), Wait, "", v1alpha1.ReasonProgressing},
	{"Delete", "What was created is deleted", given(created(), beingDeleted), Delete, ourSID, ""},
	{"Delete", "What was adopted is deleted if the spec says so",
		given(ifExists, deletion(v1alpha1.DeletionPolicyDelete), adopted, beingDeleted), Delete, ourSID, ""},
	{"Gone in an unknown account", "An unknown account's 404 does not count as deleted",
		given(created(), beingDeleted, accountIs(Account{}), func(f *Facts) { f.NotFound(Step{Verb: Delete}) }), Wait, "", v1alpha1.ReasonAccountMismatch},
	{"Deleted", "A create that was refused and left nothing is over",
		given(announced(0), refused, beingDeleted, nobodyHasTheName), Release, "", ""},
	{"Deleted", "A 404 counts as deleted", given(created(), beingDeleted, func(f *Facts) { f.NotFound(Step{Verb: Delete}) }), Release, "", ""},
	{"Deleted", "A create that can no longer take effect and did not is over",
		given(announced(time.Minute), beingDeleted, nobodyHasTheName), Release, "", ""},
	{"Deleted", "Somebody else's conversation of the name is left alone",
		given(named("vip"), announced(time.Minute), beingDeleted, finds(bornAt(noon.Add(-time.Hour)))), Release, "", ""},
	{"Deleted", "A conversation that another object manages is left alone",
		given(announced(time.Minute), beingDeleted, finds(), elsewhereManaged), Release, "", ""},

	{"Finalizer missing", "A finalizer that was lost is put back, whatever else there is to do",
		given(created(), edit(friendly("new")), unheld), Protect, "", ""},
	{"Finalizer missing", "A finalizer that was lost is put back while the object is suspended", given(suspendedSpec, created(), unheld), Protect, "", ""},
	{"Finalizer missing", "A finalizer that was lost is put back while the account cannot be used",
		given(created(), unheld, accountIs(Account{Reason: v1alpha1.ReasonAccountNotReady})), Protect, "", ""},
	{"Finalizer missing", "An object whose create is open is held", given(announced(0), unheld), Protect, "", ""},
	{"Suspended", "A suspended object asks nothing", given(suspendedSpec, look), Hold, "", ""},
	{"Spec refused", "Attributes over 16 KiB are refused before Twilio does",
		given(attributesOf(`"` + long(MaxAttributes-1) + `"`)), Refuse, "", v1alpha1.ReasonRejected},
	{"Spec refused", "What the CRD would refuse now is refused", given(named("k8s.mine"), created(), look), Refuse, "", v1alpha1.ReasonRejected},
	{"Account not usable", "An object without an account waits for it",
		given(accountIs(Account{Reason: v1alpha1.ReasonAccountNotReady, Message: "none"})), Wait, "", v1alpha1.ReasonAccountNotReady},
	{"Another account", "Nothing is corrected in another account",
		given(created(), edit(friendly("new")), accountIs(Account{SID: otherAccountSID})), Wait, "", v1alpha1.ReasonAccountMismatch},

	{"Another account", "The same account in another Region is another account",
		given(created(), look, accountIs(Account{SID: accountSID, Region: "ie1"})), Wait, "", v1alpha1.ReasonAccountMismatch},
	{"Another account", "A create that is open in another account is waited for",
		given(announced(time.Minute), accountIs(Account{SID: otherAccountSID})), Wait, "", v1alpha1.ReasonAccountMismatch},
	{"Found in another account", "What another account than the Secret names has under the name is left alone",
		given(ifExists, named("vip"), accountIs(claiming), finds(inAccount(otherAccountSID))), Wait, "", v1alpha1.ReasonAccountMismatch},

	{"Missing in an unknown account", "A 404 from an unknown account proves nothing",
		given(created(), missing, accountIs(Account{})), Wait, "", v1alpha1.ReasonAccountMismatch},
	{"Missing in an unknown account", "A 404 from an unknown account proves nothing under Report either",
		given(reporting, created(), missing, accountIs(Account{})), Wait, "", v1alpha1.ReasonAccountMismatch},
	{"Not found in an unknown account, not deleted", "That an unknown account has nothing says nothing of the one to which the create went",
		given(announced(0), accountIs(Account{}), nobodyHasTheName), Wait, "", v1alpha1.ReasonAccountMismatch},
	{"Missing, must not be created", "adoption.sid names what Twilio does not have", given(bySID, missing), Refuse, "", v1alpha1.ReasonConversationMissing},
	{"Missing, must not be created", "What adoption.sid names is not created anew",
		given(bySID, adopted, missing), Refuse, "", v1alpha1.ReasonConversationMissing},
	{"Missing, reported only", "What vanished is not created anew under Report",
		given(reporting, created(), missing), Refuse, "", v1alpha1.ReasonConversationMissing},
	{"Too many missing", "A mass disappearance stops recreation",
		given(created(), missing, accountIs(Account{SID: accountSID, Halted: true, Key: "TwilioAccount a/b"})), Wait, "", v1alpha1.ReasonProgressing},

	{"Fetch the named conversation", "adoption.sid is asked for", given(bySID), Fetch, ourSID, ""},
	{"Named conversation managed elsewhere", "adoption.sid names what another object manages",
		given(bySID, sees(), elsewhereManaged), Refuse, "", v1alpha1.ReasonAlreadyManaged},
	{"Adopt the named conversation", "adoption.sid is adopted", given(bySID, sees()), Adopt, "", ""},
	{"Look for what is observed", "Observe looks for the generated name", given(observing), Lookup, given().Generated, ""},
	{"Look for what is observed", "Observe looks for the name again when the conversation is gone",
		given(observing, named("vip"), onlyObserved, missing), Lookup, "vip", ""},
	{"Nothing to observe", "Observe creates nothing", given(observing, nobodyHasTheName), Refuse, "", v1alpha1.ReasonConversationMissing},
	{"Observed conversation managed elsewhere", "Observe leaves what another object manages",
		given(observing, named("vip"), finds(), elsewhereManaged), Refuse, "", v1alpha1.ReasonAlreadyManaged},
	{"Observe", "Observe needs no adoption", given(observing, named("vip"), finds(bornAt(noon.Add(-time.Hour)))), Adopt, "", ""},
	{"Resolve a create", "An open create is resolved by name first", given(named("vip"), announced(time.Minute)), Lookup, "vip", ""},
	{"Resolve a create", "The name that was announced is asked for, not the one of now",
		given(named("old"), announced(time.Minute), edit(named("new"))), Lookup, "old", ""},
	{"Look in earlier default services", "An object that was held before and has no record is looked for where it may be",
		given(accountIs(moved)), Lookup, given().Generated, ""},
	{"Look who has the name", "Already exists is answered by looking", given(named("vip"), announced(0), exists), Lookup, "vip", ""},
	{"Look who has the name", "An earlier create under another name does not hide who has this one",
		given(named("old"), announced(10*time.Second), edit(named("new")), announced(0), exists), Lookup, "new", ""},
	{"Name taken by nobody", "A name that is refused although nobody has it is tried again later",
		given(named("vip"), exists, nobodyHasTheName), Wait, "", v1alpha1.ReasonProgressing},
	{"Renamed while a create is on its way", "No second create starts while one is on its way under another name",
		given(named("old"), announced(time.Second), edit(named("new")), nobodyHasTheName), Wait, "", v1alpha1.ReasonProgressing},
	{"The old one is still there", "The name belongs to the one just deleted",
		given(created(), startingOver, func(f *Facts) { f.Deleted() }, finds()), Wait, "", v1alpha1.ReasonProgressing},
	{"Look whether the name is free", "A create that was refused is not sent again blindly",
		given(named("vip"), is(v1alpha1.ReasonUniqueNameTaken)), Lookup, "vip", ""},
	{"Look whether the name is free", "After an earlier create was resolved, the name of the spec is asked for, too",
		given(named("old"), announced(time.Hour), edit(named("new")), is(v1alpha1.ReasonUniqueNameTaken), nobodyHasTheName), Lookup, "new", ""},
	{"Found, managed elsewhere", "The name belongs to what another object manages",
		given(named("vip"), exists, finds(), elsewhereManaged), Refuse, "", v1alpha1.ReasonAlreadyManaged},
	{"Found, managed elsewhere", "What another object manages is not taken for ours by its generated name",
		given(exists, finds(), elsewhereManaged), Refuse, "", v1alpha1.ReasonAlreadyManaged},
	{"Found, managed elsewhere", "What another object manages is not adopted by name",
		given(named("vip"), ifExists, exists, finds(), elsewhereManaged), Refuse, "", v1alpha1.ReasonAlreadyManaged},
	{"Found again", "A generated name is ours by construction", given(exists, finds(bornAt(noon.Add(-time.Hour)))), Adopt, "", ""},
	{"Found again", "A user's name is ours if what was recorded proves it", given(named("vip"), announced(time.Second), finds()), Adopt, "", ""},
	{"Adopt by name", "IfExists adopts what has the name", given(named("vip"), ifExists, exists, finds(bornAt(noon.Add(-time.Hour)))), Adopt, "", ""},
	{"Name taken", "Never refuses what has the name",
		given(named("vip"), exists, finds(bornAt(noon.Add(-time.Hour)))), Refuse, "", v1alpha1.ReasonUniqueNameTaken},
	{"Create", "A new object creates", given(), Create, given().Generated, ""},
	{"Create", "What vanished is created anew", given(created(), missing), Create, given().Generated, ""},
	{"Create", "What was adopted and vanished is created under its own unique name", given(named("vip"), ifExists, adopted, missing), Create, "vip", ""},
	{"Create", "A name that was refused and is free by now is taken",
		given(named("vip"), is(v1alpha1.ReasonUniqueNameTaken), nobodyHasTheName), Create, "vip", ""},
	{"Create", "An open create that came to nothing is begun anew", given(named("vip"), announced(time.Second), nobodyHasTheName), Create, "vip", ""},
	{"Create", "Whoever holds a name that the spec no longer asks for is left alone",
		given(named("old"), ifExists, announced(time.Minute), edit(named("new")), finds(uniquely("old"), bornAt(noon.Add(-time.Hour)))), Create, "new", ""},
	{"Renamed while a create is on its way", "Whoever holds the name before may give it up before the create arrives",
		given(named("old"), ifExists, announced(time.Second), edit(named("new")), finds(uniquely("old"), bornAt(noon.Add(-time.Hour)))),
		Wait, "", v1alpha1.ReasonProgressing},

	{"Look who has the new name", "A rename that is refused is answered by looking", given(created(), edit(named("vip")), exists), Lookup, "vip", ""},
	{"New name taken by nobody", "A rename that is refused although nobody has the name is tried again later",
		given(created(), edit(named("vip")), exists, nobodyHasTheName), Wait, "", v1alpha1.ReasonProgressing},
	{"New name taken", "A conversation keeps its name if the new one is taken",
		given(created(), edit(named("vip")), exists, finds(isSID(otherSID))), Refuse, "", v1alpha1.ReasonUniqueNameTaken},
	{"Look whether the new name is free", "A rename that was refused is not sent again blindly",
		given(created(), edit(named("vip")), is(v1alpha1.ReasonUniqueNameTaken)), Lookup, "vip", ""},
	{"Look whether the new name is free", "A name that drifted and was refused is not sent again blindly",
		given(named("vip"), created(), is(v1alpha1.ReasonUniqueNameTaken), sees(uniquely("other"))), Lookup, "vip", ""},
	{"Managed by two", "Of two objects that manage a conversation one leaves it to the other",
		given(created(), look, sees(), elsewhereManaged), Refuse, "", v1alpha1.ReasonAlreadyManaged},
	{"Look whether the new name is free", "A name that was refused is asked for if there is more to do",
		given(friendly("wanted"), created(), edit(named("vip"), friendly("wanted")), is(v1alpha1.ReasonUniqueNameTaken),
			sees(uniquely(given().Generated), called("other")), listedOnly),
		Lookup, "vip", ""},
	{"At rest", "Nothing changed, nothing is asked", given(created()), Rest, "", ""},
	{"At rest", "An edit that means the same is none",
		given(attributesOf(`{"a":1,"b":2}`), created(), func(f *Facts) { attributesOf(`{"b":2.0,"a":1}`)(f) }), Rest, "", ""},
	{"At rest", "What is only observed is left to the drift check", given(observing, friendly("wanted"), onlyObserved), Rest, "", ""},
	{"Look", "What nobody kept for a while is looked at", given(created(), is(v1alpha1.ReasonNotSelected)), Fetch, ourSID, ""},
	{"Look", "A look that is asked for is one GET", given(created(), look), Fetch, ourSID, ""},
	{"Look", "A refused update of a closed conversation is looked at",
		given(created(), edit(friendly("new")), func(f *Facts) { f.Closed() }), Fetch, ourSID, ""},
	{"Look", "A replacement that was interrupted is looked at",
		given(created(), announced(time.Minute)), Fetch, ourSID, ""},
	{"Look", "A replacement that was throttled is looked at", given(created(), announced(time.Minute), unsent), Fetch, ourSID, ""},
	{"Observed before, to be managed now", "What another object manages by now is refused",
		given(observing, named("vip"), onlyObserved, edit(policy("")), sees(), elsewhereManaged), Refuse, "", v1alpha1.ReasonAlreadyManaged},
	{"Observed before, not adopted", "To have observed is no claim",
		given(observing, named("vip"), onlyObserved, edit(policy("")), sees()), Refuse, "", v1alpha1.ReasonUniqueNameTaken},
	{"Observed before, adopted", "IfExists adopts what was observed",
		given(observing, named("vip"), ifExists, onlyObserved, edit(policy("")), sees()), Adopt, "", ""},
	{"Initializing", "Nothing is sent while Twilio sets it up",
		given(friendly("new"), created(inState(twilio.StateInitializing)), edit(friendly("newer")), sees(inState(twilio.StateInitializing))),
		Wait, "", v1alpha1.ReasonProgressing},
	{"Closed, observed", "Observe says that it is closed", given(observing, active, onlyObserved, sees(seenClosed)), Keep, "", v1alpha1.ReasonClosed},
	{"Closed, start over", "Recreate deletes what is closed", given(startingOver, created(), look, sees(seenClosed)), Delete, ourSID, ""},
	{"Closed, start over", "Recreate works from the record, too", given(created(seenClosed), edit(startingOver)), Delete, ourSID, ""},
	{"Closed when found, reported", "Report leaves what it finds closed",
		given(reporting, ifExists, active, named("vip"), foundUnapplied, sees(seenClosed)), Keep, "", v1alpha1.ReasonClosed},
	{"Closed, edited, look first", "What cannot be applied is looked at once", given(active, created(seenClosed), edit(friendly("new"))), Fetch, ourSID, ""},
	{"Closed, edited", "An edit of a closed conversation is not sent",
		given(active, timers("", "PT10M"), created(), edit(friendly("new")), sees(seenClosed, called("old"))), Refuse, "", v1alpha1.ReasonConversationClosed},
	{"Closed, edited", "An edit that was refused costs no request again",
		given(active, created(seenClosed), edit(friendly("new")), is(v1alpha1.ReasonConversationClosed)), Refuse, "", v1alpha1.ReasonConversationClosed},
	{"Closed by Twilio", "A timer explains that it is closed",
		given(active, timers("", "PT10M"), created(), look, sees(seenClosed)), Keep, "", v1alpha1.ReasonClosed},
	{"Closed by somebody, reported", "Report leaves what somebody closed",
		given(reporting, active, created(), look, sees(seenClosed)), Keep, "", v1alpha1.ReasonClosed},
	{"Closed by somebody", "What nothing explains is told", given(active, created(), look, sees(seenClosed)), Refuse, "", v1alpha1.ReasonConversationClosed},
	{"Closed", "Closed is fine if the spec does not ask otherwise", given(created(), look, sees(seenClosed)), Keep, "", v1alpha1.ReasonClosed},
	{"Observed", "Observe never writes", given(observing, friendly("wanted"), onlyObserved, look, sees(called("other"))), Keep, "", v1alpha1.ReasonSynced},
	{"Found, reported", "Report leaves what it finds",
		given(reporting, ifExists, named("vip"), friendly("wanted"), foundUnapplied, sees(called("other"))), Keep, "", v1alpha1.ReasonSynced},
	{"Rename while a create is on its way", "A name that keeps a lost create from taking effect is not given up yet",
		given(named("vip"), announced(10*time.Second), announced(5*time.Second), created(), edit(named("other"))), Wait, "", v1alpha1.ReasonProgressing},
	{"Found again, not recorded yet", "What was found again is recorded before it is changed",
		given(named("vip"), announced(0), ownFound, func(f *Facts) { f.again = true }, friendly("new"), sees(called("old"))), Wait, "", v1alpha1.ReasonProgressing},
	{"Edited while an edit is on its way", "What may be on its way is let pass before it is taken back",
		given(created(), unanswered(5*time.Second), edit(friendly("new"))), Wait, "", v1alpha1.ReasonProgressing},
	{"Edited while an edit is on its way", "What Twilio shows meanwhile says nothing, even if there is nothing to take back in it",
		given(created(), unanswered(5*time.Second), edit(), look, sees()), Wait, "", v1alpha1.ReasonProgressing},
	{"Update", "What may be on its way is sent again at once",
		given(created(), edit(friendly("new")), unanswered(5*time.Second)), Update, ourSID, ""},
	{"Update", "What can no longer be on its way is taken back",
		given(created(), unanswered(SettleWindow), edit(friendly("new"))), Update, ourSID, ""},
	{"Update", "A rename is sent at once when nothing is on its way", given(announced(5*time.Second), created(), edit(named("other"))), Update, ourSID, ""},
	{"New name refused before", "A list that shows the old name changes nothing",
		given(created(), edit(named("vip")), is(v1alpha1.ReasonUniqueNameTaken), sees(uniquely(given().Generated)), listedOnly),
		Keep, "", v1alpha1.ReasonUniqueNameTaken},
	{"Update", "A rename that was refused is sent once the name is free",
		given(created(), edit(named("vip")), is(v1alpha1.ReasonUniqueNameTaken), nobodyHasTheName, sees(uniquely(given().Generated))), Update, ourSID, ""},
	{"Update", "An edit is sent without a GET", given(created(), edit(friendly("new"))), Update, ourSID, ""},
	{"Update", "Report applies edits", given(reporting, created(), edit(friendly("new"))), Update, ourSID, ""},
	{"Correct", "Enforce puts drift right", given(friendly("wanted"), created(), look, sees(called("other"))), Update, ourSID, ""},
	{"In sync", "What is as it should be is recorded", given(created(), look, sees()), Keep, "", v1alpha1.ReasonSynced},
	{"In sync", "A record of an earlier version is written anew, without a look", given(created(), legacy), Keep, "", v1alpha1.ReasonSynced},
	{"In sync", "Report records drift", given(reporting, friendly("wanted"), created(), look, sees(called("other"))), Keep, "", v1alpha1.ReasonSynced},
}

// claiming is an account of which Twilio told nothing, moved one whose default service was another before.
var (
	claiming = Account{Claimed: accountSID}
	moved    = Account{SID: accountSID, FormerServices: []string{serviceSID}}
)

func inAccount(sid string) with { return func(c *twilio.Conversation) { c.AccountSID = sid } }

// creates is a create that was answered.
func creates(changes ...with) setup { return func(f *Facts) { f.Created(conversation(f, changes...)) } }

func deleted(f *Facts) { f.Deleted() }

// listedOnly makes what is seen come from a list.
func listedOnly(f *Facts) { f.Listed = true }

// foundUnapplied makes the object one that adopted a conversation and has applied nothing to it yet.
func foundUnapplied(f *Facts) { f.take(conversation(f), v1alpha1.OriginAdopted) }

func TestEveryRowDecides(t *testing.T) {
	for _, c := range rowCases {
		t.Run(c.row+": "+c.name, func(t *testing.T) {
			got := mustNotPanic(t, c.facts)
			type outcome struct {
				Row            string
				Verb           Verb
				Target, Reason string
			}
			want := outcome{Row: c.row, Verb: c.verb, Target: c.target, Reason: c.reason}
			if diff := cmp.Diff(want, outcome{Row: got.Row, Verb: got.Verb, Target: got.Target, Reason: got.Reason}); diff != "" {
				t.Errorf("step (-want +got):\n%s", diff)
			}
			if (got.Reason != "") != (got.Message != "" || got.Reason == v1alpha1.ReasonAccountNotReady) {
				t.Errorf("reason %q comes with message %q", got.Reason, got.Message)
			}
		})
	}
}

func TestEveryRowHasACaseAndAPlaceInTheDocs(t *testing.T) {
	covered := map[string]bool{}
	for _, c := range rowCases {
		covered[c.row] = true
	}
	names := map[string]bool{}
	sections := map[string]bool{}
	last := ""
	for _, row := range Table {
		if !covered[row.Name] {
			t.Errorf("no case for row %q", row.Name)
		}
		if names[row.Name] {
			t.Errorf("row name %q is not unique", row.Name)
		}
		if row.Section != last && sections[row.Section] {
			t.Errorf("section %q is torn apart at row %q", row.Section, row.Name)
		}
		names[row.Name], sections[row.Section], last = true, true, row.Section
	}
	for name := range covered {
		if !names[name] {
			t.Errorf("a case names row %q, which does not exist", name)
		}
	}
}

func TestTheDocsShowTheTableAsItIs(t *testing.T) {
	page, err := os.ReadFile("../../docs/decision-table.md")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Markdown(), string(page)); diff != "" {
		t.Errorf("docs/decision-table.md is out of date: go run ./hack/decisiontable -o docs/decision-table.md (-want +got):\n%s", diff)
	}
}
