// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package simulator

import "time"

// Quirks choose among the possible behaviours where Twilio's behaviour is not documented, or was seen to differ. The
// zero value is the likeliest behaviour.
type Quirks struct {
	// RefuseLargePages answers a PageSize over the largest of a list (100, of addresses 50) with 400, code 20007. Otherwise
	// pages have as many entries at most.
	RefuseLargePages bool `json:"refuseLargePages"`
	// EmptyUpdateCode is the code of the 400 for an update without any parameter, 50347 or 20161. Left out: 20161.
	EmptyUpdateCode int `json:"emptyUpdateCode"`
	// AcceptEmptyUpdates answers an update without any parameter with 200.
	AcceptEmptyUpdates bool `json:"acceptEmptyUpdates"`
	// RestartTimersOnUpdate restarts both timers on every update. Otherwise an update restarts only the timers that it
	// sets.
	RestartTimersOnUpdate bool `json:"restartTimersOnUpdate"`
	// RefuseZeroTimers refuses PT0S on a conversation as too short, 50375 or 50376. Otherwise PT0S removes the timer.
	RefuseZeroTimers bool `json:"refuseZeroTimers"`
	// AcceptClosingClosed answers an update of a closed conversation with 200, if State=closed is its only parameter.
	// Otherwise the answer is 50377.
	AcceptClosingClosed bool `json:"acceptClosingClosed"`
	// RefuseDeletingClosed answers the deletion of a closed conversation with 400, code 50377.
	RefuseDeletingClosed bool `json:"refuseDeletingClosed"`
	// ClosedFreesUniqueName lets another conversation take the unique name of a closed conversation.
	ClosedFreesUniqueName bool `json:"closedFreesUniqueName"`
	// NameHeldAfterDelete is how long, by the simulator's clock, a create with the unique name of a deleted
	// conversation is answered with 409, code 50391.
	NameHeldAfterDelete time.Duration `json:"nameHeldAfterDelete"`
	// UniqueNameMax is the longest unique name, in characters. Left out: 256.
	UniqueNameMax int `json:"uniqueNameMax"`
	// CountAttributesInCharacters limits attributes by characters, not by bytes.
	CountAttributesInCharacters bool `json:"countAttributesInCharacters"`
	// RefuseScalarAttributes refuses attributes that are JSON but not an object, with 50304.
	RefuseScalarAttributes bool `json:"refuseScalarAttributes"`
	// NormalizeAttributes re-encodes attributes (keys sorted, no spaces). Otherwise attributes stay verbatim.
	NormalizeAttributes bool `json:"normalizeAttributes"`
	// KeepBindings ignores empty Bindings.Email.* values on update. Otherwise such values clear the binding.
	KeepBindings bool `json:"keepBindings"`
	// GroupListsByState sorts undated lists by state first: initializing, active, inactive, closed.
	GroupListsByState bool `json:"groupListsByState"`
	// CompareEndDateExactly excludes from a list the conversations that were created within the second of EndDate, but
	// after the start of the second.
	CompareEndDateExactly bool `json:"compareEndDateExactly"`
	// RefusePartialDays answers with 400 if the time of StartDate is not T00:00:00Z, or the time of EndDate is not
	// T23:59:59Z.
	RefusePartialDays bool `json:"refusePartialDays"`
	// RefusalStatus is the HTTP status of the errors 50374 to 50390, except 50377. Left out: 400.
	RefusalStatus int `json:"refusalStatus"`
	// ServiceNotFoundCode is the code of the 404 for an unknown service, 20404 or 50050. Left out: 20404.
	ServiceNotFoundCode int `json:"serviceNotFoundCode"`
	// SparseAnswers omits the values that old recordings lack: date_updated of what is new is null, and bindings and
	// links.export of a conversation are missing.
	SparseAnswers bool `json:"sparseAnswers"`
	// InitializingFor is how long, by the simulator's clock, a conversation with participants stays initializing after
	// its creation. Left out: 2 s.
	InitializingFor time.Duration `json:"initializingFor"`
	// Addresses are the quirks of address configurations.
	Addresses AddressQuirks `json:"addresses"`
	// Services are the quirks of Conversation Services and their configuration.
	Services ServiceQuirks `json:"services"`
}

// ServiceQuirks are the quirks of Conversation Services and their configuration.
type ServiceQuirks struct {
	// DeletionTakes is how long, by the simulator's clock, the deletion of a service takes. Until then writes in the service
	// are answered with 409, code 50002. Left out: the service is gone at once.
	DeletionTakes time.Duration `json:"deletionTakes"`
	// DeletingIsGone answers reads in a service whose deletion is under way with 404. Otherwise they are answered as before.
	DeletingIsGone bool `json:"deletingIsGone"`
	// RefuseDeletingDefault is the status, 400 or 403, for the deletion of the account's default service. Left out: it can be
	// deleted.
	RefuseDeletingDefault int `json:"refuseDeletingDefault"`
	// Most is how many services an account may have before a create is answered with 403, code 20403. Left out: no limit.
	Most int `json:"most"`
	// DeletionClearsAddresses takes a deleted service out of the address configurations that name it, and
	// DeletionRemovesAddresses deletes them. Otherwise they keep the SID of the deleted service.
	DeletionClearsAddresses  bool `json:"deletionClearsAddresses"`
	DeletionRemovesAddresses bool `json:"deletionRemovesAddresses"`
	// AddToAccountHooks sends the account's webhooks also for a service with webhooks of its own. Otherwise the service's
	// replace them.
	AddToAccountHooks bool `json:"addToAccountHooks"`
	// BlankHooksSilence sends no webhooks for a service whose URLs were cleared. Otherwise the account's are sent again.
	BlankHooksSilence bool `json:"blankHooksSilence"`
	// KeepEmptyURLs ignores an empty webhook URL, and RefuseEmptyURLs answers it with 400, code 50077 or 50078. Otherwise
	// the URL becomes null.
	KeepEmptyURLs   bool `json:"keepEmptyUrls"`
	RefuseEmptyURLs bool `json:"refuseEmptyUrls"`
	// KeepEmptyFilters ignores an empty list of events, and RefuseEmptyFilters answers it with 400, code 50365. Otherwise the
	// list becomes empty.
	KeepEmptyFilters   bool `json:"keepEmptyFilters"`
	RefuseEmptyFilters bool `json:"refuseEmptyFilters"`
	// UpperCaseMethod answers the method of webhooks in upper case. Otherwise the method is as sent.
	UpperCaseMethod bool `json:"upperCaseMethod"`
	// RoleStatus and RoleCode are for a default role that is unknown or of the wrong type. Left out: 400 and 50109.
	RoleStatus int `json:"roleStatus"`
	RoleCode   int `json:"roleCode"`
}

// AddressQuirks are the quirks of address configurations.
type AddressQuirks struct {
	// DuplicateStatus is the HTTP status for the second configuration of an address. Left out: 409.
	DuplicateStatus int `json:"duplicateStatus"`
	// DuplicateCode is the code of that answer. Left out: 20409. -1: the answer has no code.
	DuplicateCode int `json:"duplicateCode"`
	// UniquePerType lets an address have one configuration of each type. Otherwise an address has one.
	UniquePerType bool `json:"uniquePerType"`
	// OnlyFieldsOfType answers only the fields of auto_creation that belong to its type and are set. Otherwise the answer
	// has all of them, and nulls.
	OnlyFieldsOfType bool `json:"onlyFieldsOfType"`
	// OmitBindingName omits binding_name, which Twilio does not document, from auto_creation.
	OmitBindingName bool `json:"omitBindingName"`
	// ClearEmptyTexts clears a text that is sent empty, and RefuseEmptyTexts answers it with 400, code 20001. Otherwise the
	// text stays.
	ClearEmptyTexts  bool `json:"clearEmptyTexts"`
	RefuseEmptyTexts bool `json:"refuseEmptyTexts"`
	// KeepFieldsOfOtherType keeps the fields of auto_creation that belong to another type than its own. Otherwise they are
	// dropped.
	KeepFieldsOfOtherType bool `json:"keepFieldsOfOtherType"`
	// RefuseIncomplete refuses the type webhook without a URL and the type studio without a flow, with 400, code 20001.
	RefuseIncomplete bool `json:"refuseIncomplete"`
	// KeepCaseOfType answers the type as it was sent. Otherwise the type is in lower case.
	KeepCaseOfType bool `json:"keepCaseOfType"`
	// CanonicalAddresses keeps addresses in lower case, and without spaces, hyphens and brackets. Otherwise they stay as
	// sent.
	CanonicalAddresses bool `json:"canonicalAddresses"`
	// AcceptAnyFormat takes an address in the format of another type, such as sms with whatsapp:+15550100. Otherwise the
	// answer is 400, code 20001.
	AcceptAnyFormat bool `json:"acceptAnyFormat"`
	// FilterCode is the code of the 400 for an unknown filter, 50365 or 20001. Left out: 50365.
	FilterCode int `json:"filterCode"`
	// WriteBySIDOnly answers an update and a delete of a configuration by its address with 404. Otherwise both are as
	// good by address as by SID.
	WriteBySIDOnly bool `json:"writeBySidOnly"`
	// AcceptChat takes the type chat with the key of a deployment, CV…. Otherwise the answer is 400, code 20001.
	AcceptChat bool `json:"acceptChat"`
	// ForeignStatus is the status for an address that the account does not own, 400 or 403. Left out: 400.
	ForeignStatus int `json:"foreignStatus"`
	// AcceptForeign takes an address that the account does not own.
	AcceptForeign bool `json:"acceptForeign"`
	// RefuseReleased counts an address whose configuration [Simulator.RemoveAddress] removed as not owned. Otherwise the
	// account has the address still.
	RefuseReleased bool `json:"refuseReleased"`
}
