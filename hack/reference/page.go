// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"path/filepath"
	"strings"
)

// width is the longest line of the page.
const width = 120

const intro = `# Reference

- [Conversation](#conversation), [TwilioAccount](#twilioaccount), [ClusterTwilioAccount](#clustertwilioaccount)
- [Conditions, reasons and events](#conditions-reasons-and-events)
- [Annotations and the finalizer](#annotations-and-the-finalizer)
- [Flags of the manager](#flags-of-the-manager)

What is said of a change holds under ` + "`managementPolicy: Enforce` and `Report`" + `; under ` + "`Observe`" + ` nothing is ever sent,
and a closed conversation takes no edits. All fields that changed go to Twilio in one request. *Dropped* means taken out
of the spec after it was applied. *Refused* means by the API server, when the object is written.

Examples, and how to work with each kind, are on its own page: [Conversation](conversation.md),
[TwilioAccount](twilioaccount.md), [ClusterTwilioAccount](clustertwilioaccount.md).

This page is printed from the code: ` + "`go run ./hack/reference -o docs/reference.md`.\n"

// page is the whole page; root is the folder of the repository.
func page(root string) (string, error) {
	b := &strings.Builder{}
	b.WriteString(intro)
	texts := newTexts()
	var account *kind
	for _, name := range []string{"conversations", "twilioaccounts", "clustertwilioaccounts"} {
		crd, err := readCRD(filepath.Join(root, "config/crd/bases/twilio-operator.dev_"+name+".yaml"))
		if err != nil {
			return "", err
		}
		k := &kind{CustomResourceDefinition: crd, like: account}
		if err := k.write(b, texts); err != nil {
			return "", err
		}
		if k.name() == "TwilioAccount" {
			account = k
		}
	}
	if err := texts.allUsed(); err != nil {
		return "", err
	}
	b.WriteString("\n## Conditions, reasons and events\n")
	if err := writeConstants(b, filepath.Join(root, "api/v1alpha1/conditions.go")); err != nil {
		return "", err
	}
	writeParagraph(b, "An account tells in an event of a change of its condition `Ready`, with its reason: Normal if it is true, "+
		"Warning otherwise. When `ConversationsVanished`, `DriftCheckOverdue` or `Throttled` is set, it tells in a Warning with the reason "+
		"of that condition.")
	b.WriteString("\n## Annotations and the finalizer\n")
	if err := writeConstants(b, filepath.Join(root, "api/v1alpha1/annotations.go")); err != nil {
		return "", err
	}
	b.WriteString("\n## Flags of the manager\n")
	writeFlags(b)
	return b.String(), nil
}

func writeParagraph(b *strings.Builder, text string) {
	fmt.Fprintf(b, "\n%s\n", wrap(text, ""))
}

// writeItem writes one item of a list.
func writeItem(b *strings.Builder, text string) {
	fmt.Fprintf(b, "- %s\n", wrap(text, "  "))
}

// wrap breaks a text into lines, of which all but the first are indented. Code in backquotes is not broken.
func wrap(text, indent string) string {
	var b strings.Builder
	column := len(indent)
	for i, word := range words(text) {
		switch {
		case i == 0:
		case column+1+len(word) > width:
			b.WriteString("\n" + indent)
			column = len(indent)
		default:
			b.WriteByte(' ')
			column++
		}
		b.WriteString(word)
		column += len(word)
	}
	return b.String()
}

// words splits at spaces, but not within backquotes.
func words(text string) []string {
	code := false
	return strings.FieldsFunc(text, func(r rune) bool {
		if r == '`' {
			code = !code
		}
		return !code && (r == ' ' || r == '\n')
	})
}
