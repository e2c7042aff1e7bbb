// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"fmt"
	"strings"
)

const intro = `# Decision table

What the operator does about a Conversation follows from this table, read from the top: the first row of which all
conditions hold decides. A step that asks Twilio or writes to it adds to what is known, and the table is read again,
until a step ends the pass.

| step | what it does | then |
|---|---|---|
| Fetch | asks for a conversation by its sid | read again |
| Lookup | asks for a conversation by its unique name | read again |
| Adopt | takes the conversation that was found; no request | read again |
| Create | records in the object what is about to be created, then creates it | read again |
| Update | sends what differs, in one request | read again |
| Delete | deletes the conversation at Twilio | read again |
| Protect | puts the finalizer back on the object; no request | read again |
| Keep | records what is observed; ` + "`Ready` is true" + ` | done |
| Rest | does nothing and records nothing | done |
| Hold | records that the object is suspended | done |
| Wait | waits for an account, for Twilio or for time | done |
| Refuse | ` + "`Stalled`" + ` until somebody acts | done |
| Release | lets the object go | done |

This page is printed from the code that decides: ` + "`go run ./hack/decisiontable -o docs/decision-table.md`" + `.
`

// Markdown is the page about Table for users.
func Markdown() string {
	var b strings.Builder
	b.WriteString(intro)
	section := ""
	for _, row := range Table {
		if row.Section != section {
			section = row.Section
			fmt.Fprintf(&b, "\n## %s\n\n| row | when all of | then | why |\n|---|---|---|---|\n", section)
		}
		when := make([]string, 0, len(row.When))
		for _, c := range row.When {
			when = append(when, c.Text)
		}
		if len(when) == 0 {
			when = append(when, "nothing above")
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", row.Name, strings.Join(when, "<br>"), row.Then, row.Why)
	}
	return b.String()
}
