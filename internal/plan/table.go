// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package plan

// Row is one rule: if all its conditions hold, its verb is the next step.
type Row struct {
	// Section groups rows in the docs.
	Section string
	// Name is unique.
	Name string
	When []Condition
	Then Verb
	// Why is one sentence for users.
	Why  string
	step func(*decision, *Step)
}

// Table is the decision table. The first row of which all conditions hold decides. The page in the docs is printed from
// Table.
var Table = []Row{
	// This row comes first: a conversation in the wrong account has to go, whatever else holds.
	{"Accounts", "Created in another account", []Condition{misplaced}, Delete,
		"The credentials turned out to be another account's: what was just created there is taken back.", deleteFound},

	// Deletion comes before Holding: neither a wrong spec nor a missing account may keep an object which holds no
	// conversation.
	{"Deletion", "Nothing held", []Condition{deleting, not(hasHold)}, Rest,
		"Kubernetes removes the object by itself.", none},
	{"Deletion", "Retained", []Condition{deleting, retains}, Release,
		"The conversation stays at Twilio; no credentials are needed.", released},
	{"Deletion", "Never created", []Condition{deleting, not(hasSID), not(unresolved)}, Release,
		"There is nothing at Twilio; no credentials are needed.", none},
	{"Deletion", "Deletion suspended", []Condition{deleting, suspended}, Hold,
		"No request is made while suspended, so the object stays.", none},
	{"Deletion", "Deletion waits for the account", []Condition{deleting, accountUnusable}, Wait,
		"The conversation can only be deleted with credentials that work.", waitAccount},
	{"Deletion", "Deletion waits for the right account", []Condition{deleting, accountOther}, Wait,
		"Another account's 404 would prove nothing.", waitMismatch},
	{"Deletion", "Deletion finds another account", []Condition{deleting, foreign}, Wait,
		"The credentials turned out to be another account's.", waitForeign},
	{"Deletion", "Look for what may have been created", []Condition{deleting, stray, nameUnknown}, Lookup,
		"A create whose answer was lost may have taken effect.", lookup},
	{"Deletion", "Look in an earlier default service", []Condition{deleting, stray, nameFree, formerLeft}, Lookup,
		"The account's default service was another when the create was sent.", lookupFormer},
	{"Deletion", "Delete what was created", []Condition{deleting, stray, nameFound, isOurs, not(elsewhere)}, Delete,
		"It was made for this object and nobody else manages it.", deleteFound},
	{"Deletion", "Not found in an unknown account", []Condition{deleting, stray, nameFree, accountUnproven}, Wait,
		"A 404 is believed only from the account to which the create was sent.", waitUnproven},
	{"Deletion", "Wait for a create on its way", []Condition{deleting, inFlight}, Wait,
		"A create that is still on its way must not outlive the object; who else has its name may give it up.", waitInFlight},
	{"Deletion", "Delete", []Condition{deleting, not(unresolved), not(gone)}, Delete,
		"A 404 counts as deleted.", deleteKnown},
	{"Deletion", "Gone in an unknown account", []Condition{deleting, gone, not(removed), hasSID, accountUnproven}, Wait,
		"A 404 is believed only from the account that held the conversation.", waitUnproven},
	{"Deletion", "Deleted", []Condition{deleting}, Release,
		"Nothing is left at Twilio.", none},

	// Below this row, a row may send a request: the object has to be protected, valid and connected first.
	{"Holding", "Finalizer missing", []Condition{not(hasHold), owns}, Protect,
		"Without it the object could go and leave its conversation at Twilio.", none},
	{"Holding", "Suspended", []Condition{suspended}, Hold,
		"No request is made while suspended; the conditions stay as they were.", none},
	{"Holding", "Spec refused", []Condition{invalid}, Refuse,
		"Twilio would refuse the values, so nothing is sent; what is there stays.", refuseInvalid},
	{"Holding", "Account not usable", []Condition{accountUnusable}, Wait,
		"Nothing is concluded without an account that works.", waitAccount},
	{"Holding", "Another account", []Condition{accountOther}, Wait,
		"Nothing is created, corrected or believed missing in another account.", waitMismatch},
	{"Holding", "Found in another account", []Condition{foreign}, Wait,
		"The credentials turned out to be another account's.", waitForeign},

	// Missing comes before Finding, whose last row creates a conversation in place of the missing conversation.
	{"Missing", "Missing in an unknown account", []Condition{gone, not(removed), hasSID, accountUnproven}, Wait,
		"A 404 is believed only from the account that held the conversation.", waitUnproven},
	{"Missing", "Not found in an unknown account, not deleted", []Condition{stray, nameFree, not(removed), accountUnproven}, Wait,
		"A 404 is believed only from the account to which the create was sent.", waitUnproven},
	{"Missing", "Missing, must not be created", []Condition{gone, not(removed), namesSID}, Refuse,
		"`adoption.sid` never creates a conversation.", refuseMissing},
	{"Missing", "Missing, reported only", []Condition{gone, not(removed), reports}, Refuse,
		"`Report` does not put right what vanished.", refuseMissing},
	{"Missing", "Too many missing", []Condition{gone, not(removed), hasSID, enforces, halted}, Wait,
		"A mass disappearance is likelier a mishap than a wish.", waitHalted},

	// In Finding, the object has no conversation. Every row which may find an existing conversation comes before Create.
	{"Finding", "Fetch the named conversation", []Condition{not(hasSID), namesSID, not(seen)}, Fetch,
		"`adoption.sid` names the conversation.", fetchNamed},
	{"Finding", "Named conversation managed elsewhere", []Condition{not(hasSID), namesSID, elsewhere}, Refuse,
		"One object manages a conversation.", refuseManaged},
	{"Finding", "Adopt the named conversation", []Condition{not(hasSID), namesSID}, Adopt,
		"`adoption.sid` names the conversation.", none},
	{"Finding", "Look for what is observed", []Condition{absent, observes, nameUnknown}, Lookup,
		"`Observe` finds its conversation by its unique name.", lookup},
	{"Finding", "Nothing to observe", []Condition{absent, observes, nameFree}, Refuse,
		"`Observe` never creates.", refuseMissing},
	{"Finding", "Observed conversation managed elsewhere", []Condition{absent, observes, elsewhere}, Refuse,
		"One object manages a conversation.", refuseManaged},
	{"Finding", "Observe", []Condition{absent, observes}, Adopt,
		"To observe needs no adoption.", none},
	{"Finding", "Resolve a create", []Condition{absent, stray, nameUnknown}, Lookup,
		"It may have taken effect: it is looked for before anything else.", lookup},
	{"Finding", "Look in earlier default services", []Condition{absent, hasHold, not(nameTaken), not(nameFound), formerLeft}, Lookup,
		"The object was held before, and the account's default service may have been another then.", lookupFormer},
	{"Finding", "Look who has the name", []Condition{absent, nameTaken}, Lookup,
		"Twilio says that the name exists.", lookupWanted},
	{"Finding", "Name taken by nobody", []Condition{absent, existed, nameFree}, Wait,
		"Twilio has not finished deleting who had it, or giving it to who has it.", waitName},
	{"Finding", "Renamed while a create is on its way", []Condition{absent, renamed, inFlight}, Wait,
		"It would be a second conversation if it took effect after all.", waitRenamed},
	{"Finding", "The old one is still there", []Condition{absent, nameFound, isOld}, Wait,
		"Twilio has not finished deleting it.", waitReplaced},
	{"Finding", "Found again", []Condition{absent, nameFound, isOurs, not(elsewhere)}, Adopt,
		"It was made for this object: a lost answer, a crash, a rebuilt cluster.", none},
	{"Finding", "Look whether the name is free", []Condition{absent, refusedName, wantedUnknown}, Lookup,
		"A create that was refused is not sent again before the name is free.", lookupWanted},
	{"Finding", "Found, managed elsewhere", []Condition{absent, nameFound, not(renamed), elsewhere}, Refuse,
		"One object manages a conversation.", refuseManaged},
	{"Finding", "Adopt by name", []Condition{absent, nameFound, not(renamed), adoptsNames}, Adopt,
		"`adoption.policy: IfExists` allows it.", none},
	{"Finding", "Name taken", []Condition{absent, nameFound, not(renamed)}, Refuse,
		"A conversation that the operator cannot show it made has the name.", refuseTaken},
	{"Finding", "Create", []Condition{absent}, Create,
		"There is none yet.", create},

	// In Keeping, the object has a conversation. Rows about closed conversations come before the rows which send an
	// update.
	{"Keeping", "Look who has the new name", []Condition{nameTaken}, Lookup,
		"Twilio says that the name exists, and an update was to take it.", lookupWanted},
	{"Keeping", "New name taken by nobody", []Condition{existed, nameFree}, Wait,
		"Twilio has not finished deleting who had it, or giving it to who has it.", waitName},
	{"Keeping", "New name taken", []Condition{nameFound, not(isOld), not(renamed)}, Refuse,
		"Another conversation has the unique name; this one keeps its own.", refuseRename},
	{"Keeping", "New name refused before", []Condition{renames, not(changesMore), refusedName, listed}, Keep,
		"Nothing else differs, and the name is asked for again after a while, or when somebody gives it up.", keepRefused},
	{"Keeping", "Look whether the new name is free", []Condition{renames, refusedName, wantedUnknown}, Lookup,
		"A rename that was refused is not sent again before the name is free.", lookupWanted},
	{"Keeping", "Managed by two", []Condition{hasSID, noted, not(nameFound), elsewhere}, Refuse,
		"One object manages a conversation; the older object keeps it.", refuseShared},
	{"Keeping", "At rest", []Condition{quiet, not(seen)}, Rest,
		"Nothing changed; the drift check finds what changes at Twilio.", none},
	{"Keeping", "Look", []Condition{lookWanted, not(seen)}, Fetch,
		"A look was asked for, or the record does not suffice to compare.", fetchKnown},
	{"Keeping", "Observed before, to be managed now", []Condition{not(noted), not(observes), elsewhere}, Refuse,
		"One object manages a conversation.", refuseManaged},
	{"Keeping", "Observed before, not adopted", []Condition{not(noted), not(observes), not(adoptsNames)}, Refuse,
		"To manage a conversation that was only observed takes an adoption.", refuseTaken},
	{"Keeping", "Observed before, adopted", []Condition{not(noted), not(observes)}, Adopt,
		"`adoption.policy: IfExists` allows it.", none},
	{"Keeping", "Initializing", []Condition{initial}, Wait,
		"Twilio is still setting it up (50386); nothing is sent until that is over.", waitInitializing},
	{"Keeping", "Closed, observed", []Condition{closed, observes}, Keep,
		"`Observe` never writes.", keepClosed},
	{"Keeping", "Closed, start over", []Condition{closed, enforces, recreates, not(namesSID)}, Delete,
		"A closed conversation cannot be reopened: it is deleted and created anew.", deleteKnown},
	{"Keeping", "Closed when found, reported", []Condition{closed, firstSight, reports}, Keep,
		"`Report` leaves what it finds.", keepClosed},
	{"Keeping", "Closed, edited, look first", []Condition{closed, edited, unread, not(seen)}, Fetch,
		"To show what cannot be applied any more.", fetchKnown},
	{"Keeping", "Closed, edited", []Condition{closed, wantsOpen, edited}, Refuse,
		"Twilio takes no edits of a closed conversation (50377).", refuseClosed},
	{"Keeping", "Closed by Twilio", []Condition{closed, wantsOpen, explained}, Keep,
		"Its timer ended it: the end of a normal life.", keepClosed},
	{"Keeping", "Closed by somebody, reported", []Condition{closed, wantsOpen, reports}, Keep,
		"`Report` leaves it.", keepClosed},
	{"Keeping", "Closed by somebody", []Condition{closed, wantsOpen}, Refuse,
		"It is closed for good, and the spec wants it otherwise.", refuseClosed},
	{"Keeping", "Closed", []Condition{closed}, Keep,
		"Nothing in the spec asks otherwise.", keepClosed},
	{"Keeping", "Observed", []Condition{observes}, Keep,
		"`Observe` never writes; differences are reported.", keepSynced},
	{"Keeping", "Found, reported", []Condition{firstSight, reports}, Keep,
		"`Report` leaves what it finds; later edits are applied.", keepApplied},
	{"Keeping", "Rename while a create is on its way", []Condition{renames, inFlight}, Wait,
		"The name is what keeps the create from taking effect.", waitRename},
	{"Keeping", "Found again, not recorded yet", []Condition{foundAgain, unlike}, Wait,
		"Once it is changed, neither its name nor what was announced need tell any more that it was made for this object.", waitRecorded},
	{"Keeping", "Edited while an edit is on its way", []Condition{overtaken}, Wait,
		"What was sent before would undo what is there, or what is sent now, if it took effect after all.", waitOvertaken},
	{"Keeping", "Update", []Condition{edited}, Update,
		"Only what changed is sent, in one request.", update},
	{"Keeping", "Correct", []Condition{drifted, enforces}, Update,
		"`Enforce` puts drift right.", update},
	{"Keeping", "In sync", nil, Keep,
		"Twilio has what the spec says, or the difference is only to be reported.", keepApplied},
}

// absent: the object has no conversation, and may have a conversation.
var absent = Condition{"no conversation yet, or none any more", func(d *decision) bool { return d.Object.Status.SID == "" || d.Gone }}
