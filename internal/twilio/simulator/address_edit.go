// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"cmp"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// studioRetryMax is how often Twilio runs a flow again at most.
const studioRetryMax = 3

var (
	flowSID     = regexp.MustCompile(`^FW[0-9a-fA-F]{32}$`)
	countryCode = regexp.MustCompile(`^[A-Za-z]{2}$`)
)

// addressFormats are the types of addresses, and what an address of the type looks like.
var addressFormats = map[string]*regexp.Regexp{
	"sms":       regexp.MustCompile(`^(\+[0-9 ()-]{5,20}|[0-9]{3,8})$`),
	"whatsapp":  regexp.MustCompile(`^(?i:whatsapp):\+[0-9 ()-]{5,20}$`),
	"messenger": regexp.MustCompile(`^(?i:messenger):.+$`),
	"email":     regexp.MustCompile(`^[^@:\s]+@[^@:\s]+$`),
	"rcs":       regexp.MustCompile(`^(?i:rcs):.+$`),
	"apple":     regexp.MustCompile(`^(?i:urn:mbid):.+$`),
	"gbm":       regexp.MustCompile(`^.+$`),
	"chat":      regexp.MustCompile(`^CV[0-9a-fA-F]{32}$`),
}

// addressFilters are the events of a conversation that a webhook of an address may ask for.
var addressFilters = []string{
	"onMessageAdded", "onMessageUpdated", "onMessageRemoved", "onConversationUpdated", "onConversationStateUpdated",
	"onConversationRemoved", "onParticipantAdded", "onParticipantUpdated", "onParticipantRemoved", "onDeliveryUpdated",
}

// addressEdit applies the form of a request to an address configuration.
type addressEdit struct {
	a      *Address
	tenant *tenant
	quirks AddressQuirks
}

// addressIdentity are the parameters that only a create takes, in the order of their checks.
var addressIdentity = []addressField{
	{"Type", (*addressEdit).kind}, {"Address", (*addressEdit).address}, {"AddressCountry", (*addressEdit).country},
}

// addressFields are the parameters of a create and an update, in the order of their checks.
var addressFields = []addressField{
	{"FriendlyName", (*addressEdit).friendlyName},
	{"AutoCreation.Enabled", (*addressEdit).enabled},
	{"AutoCreation.Type", (*addressEdit).autoType},
	{"AutoCreation.ConversationServiceSid", (*addressEdit).service},
	{"AutoCreation.WebhookUrl", (*addressEdit).webhookURL},
	{"AutoCreation.WebhookMethod", (*addressEdit).webhookMethod},
	{"AutoCreation.WebhookFilters", (*addressEdit).webhookFilters},
	{"AutoCreation.StudioFlowSid", (*addressEdit).flow},
	{"AutoCreation.StudioRetryCount", (*addressEdit).retryCount},
}

type addressField struct {
	key string
	set func(*addressEdit, []string) *apiError
}

// apply sets the fields of a form. Twilio ignores all other parameters.
func (e *addressEdit) apply(fields []addressField, form url.Values) *apiError {
	for _, f := range fields {
		if values, sent := form[f.key]; sent {
			if err := f.set(e, values); err != nil {
				return err
			}
		}
	}
	return nil
}

// complete ends an edit: complete drops the fields of other types, and checks the remaining fields.
func (e *addressEdit) complete() *apiError {
	if !e.quirks.KeepFieldsOfOtherType {
		e.a.AutoCreation.drop()
	}
	if e.quirks.RefuseIncomplete && e.a.AutoCreation.incomplete() {
		return badRequest(20001, "AutoCreation of type "+e.a.AutoCreation.Type+" is incomplete")
	}
	return nil
}

func (e *addressEdit) kind(v []string) *apiError {
	kind := strings.ToLower(v[0])
	if addressFormats[kind] == nil || kind == "chat" && !e.quirks.AcceptChat {
		return invalidParameter("Type")
	}
	if e.a.Type = kind; e.quirks.KeepCaseOfType {
		e.a.Type = v[0]
	}
	return nil
}

func (e *addressEdit) address(v []string) *apiError {
	format := addressFormats[strings.ToLower(e.a.Type)]
	if v[0] == "" || format != nil && !format.MatchString(v[0]) && !e.quirks.AcceptAnyFormat {
		return invalidParameter("Address")
	}
	if e.a.Address = v[0]; e.quirks.CanonicalAddresses {
		e.a.Address = strings.NewReplacer(" ", "", "-", "", "(", "", ")", "").Replace(strings.ToLower(v[0]))
	}
	return nil
}

func (e *addressEdit) country(v []string) *apiError {
	if !countryCode.MatchString(v[0]) {
		return invalidParameter("AddressCountry")
	}
	e.a.Country = v[0]
	return nil
}

func (e *addressEdit) friendlyName(v []string) *apiError {
	if utf8.RuneCountInString(v[0]) > friendlyNameMax {
		return errFriendlyNameLength
	}
	return e.text("FriendlyName", &e.a.FriendlyName, v[0])
}

func (e *addressEdit) enabled(v []string) *apiError {
	return parseBool("AutoCreation.Enabled", v[0], &e.a.AutoCreation.Enabled)
}

func (e *addressEdit) autoType(v []string) *apiError {
	kind := strings.ToLower(v[0])
	if kind != autoDefault && kind != autoWebhook && kind != autoStudio {
		return invalidParameter("AutoCreation.Type")
	}
	e.a.AutoCreation.Type = kind
	return nil
}

func (e *addressEdit) service(v []string) *apiError {
	if v[0] != "" && !serviceSID.MatchString(v[0]) {
		return invalidParameter("AutoCreation.ConversationServiceSid")
	}
	return e.text("AutoCreation.ConversationServiceSid", &e.a.AutoCreation.ServiceSID, v[0])
}

func (e *addressEdit) webhookURL(v []string) *apiError {
	return e.text("AutoCreation.WebhookUrl", &e.a.AutoCreation.WebhookURL, v[0])
}

// webhookMethod keeps the method in upper case, whichever case was sent.
func (e *addressEdit) webhookMethod(v []string) *apiError {
	method := strings.ToUpper(v[0])
	if method != "GET" && method != "POST" {
		return invalidParameter("AutoCreation.WebhookMethod")
	}
	e.a.AutoCreation.WebhookMethod = method
	return nil
}

func (e *addressEdit) webhookFilters(v []string) *apiError {
	if len(v) == 1 && v[0] == "" {
		return e.emptied("AutoCreation.WebhookFilters", func() { e.a.AutoCreation.WebhookFilters = nil })
	}
	for _, filter := range v {
		if !slices.Contains(addressFilters, filter) {
			return badRequest(cmp.Or(e.quirks.FilterCode, 50365), "Invalid Webhook filter")
		}
	}
	e.a.AutoCreation.WebhookFilters = slices.Clone(v)
	return nil
}

func (e *addressEdit) flow(v []string) *apiError {
	if v[0] != "" && !flowSID.MatchString(v[0]) {
		return invalidParameter("AutoCreation.StudioFlowSid")
	}
	return e.text("AutoCreation.StudioFlowSid", &e.a.AutoCreation.StudioFlowSID, v[0])
}

func (e *addressEdit) retryCount(v []string) *apiError {
	n, err := strconv.Atoi(v[0])
	if err != nil || n < 0 || n > studioRetryMax {
		return invalidParameter("AutoCreation.StudioRetryCount")
	}
	e.a.AutoCreation.StudioRetryCount = &n
	return nil
}

// text sets a text. The quirks say what an empty text means.
func (e *addressEdit) text(key string, field *string, v string) *apiError {
	if v == "" {
		return e.emptied(key, func() { *field = "" })
	}
	*field = v
	return nil
}

func (e *addressEdit) emptied(key string, empty func()) *apiError {
	if e.quirks.RefuseEmptyTexts {
		return invalidParameter(key)
	}
	if e.quirks.ClearEmptyTexts {
		empty()
	}
	return nil
}
