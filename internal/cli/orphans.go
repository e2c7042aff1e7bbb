// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/plan"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// orphan is a conversation without an object, or an object without a conversation.
type orphan struct {
	SID        string `json:"sid"`
	Service    string `json:"chatServiceSid,omitempty"`
	UniqueName string `json:"uniqueName,omitempty"`
	Object     string `json:"object,omitempty"`
	Lacks      string `json:"lacks"`
}

func (s *session) orphans() *cobra.Command {
	var services []string
	var clusterName string
	var anyCluster bool
	var out *format
	cmd := &cobra.Command{
		Use:   "orphans",
		Short: "Find conversations without an object, and objects without a conversation",
		Long: `Finds the conversations that the operator made, which is told by their generated unique names, and that have no object; and
the objects whose conversation Twilio does not have. It looks into every Conversation Service of the account and into all
namespaces. It reads lists, and asks for what no list has. Nothing is changed. Where the credentials may not list the services,
it looks into the default one, those of objects and those of --service, and says so.

The generated names hold the name of the cluster: it says which one it took, and asks for --cluster-name where the
operators of the cluster do not agree.

Conversations with a unique name of the user's choice cannot be told from those that others made.

Exit codes: 0, nothing was found; 2, something was.`,
		Example: `  # What is lost of this cluster
  kubectl conversations orphans

  # What the operators of all clusters made and this cluster has no object for
  kubectl conversations orphans --any-cluster -o json`,
		Args: arguments(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return s.runOrphans(cmd.Context(), services, clusterName, anyCluster, out.value)
		},
	}
	cmd.Flags().StringArrayVar(&services, "service", nil, "look into this Conversation Service, IS…, even if the credentials may not list it; may be repeated")
	cmd.Flags().BoolVar(&anyCluster, "any-cluster", false, "also what the operator of another cluster made")
	addClusterName(cmd, &clusterName)
	out = addOutput(cmd, outputs...)
	return cmd
}

func (s *session) runOrphans(ctx context.Context, services []string, clusterName string, anyCluster bool, as string) error {
	services, err := distinct(services)
	if err != nil {
		return err
	}
	c, err := s.cluster()
	if err != nil {
		return err
	}
	account, err := s.access(ctx)
	if err != nil {
		return err
	}
	name, err := s.clusterNames(clusterName).of(ctx, everywhere)
	if err != nil {
		return err
	}
	_ = line(s.ErrOut, "The name of the cluster is %q: %s.", name.name, name.source)
	bar := s.newBar(unknown)
	search := newSearch(account, name.name, anyCluster, bar.add)
	found, denied, err := search.all(ctx, c, services)
	bar.end()
	if err != nil {
		return err
	}
	if denied != nil {
		_ = line(s.ErrOut, "Only the default service, the services of objects and those of --service were looked into, as the credentials "+
			"may not list the Conversation Services: %v.", denied)
	}
	if err := s.printOrphans(found, as); err != nil || len(found) == 0 {
		return err
	}
	return exit(ExitFound)
}

// held is the conversation that an object has.
type held struct{ object, service string }

// search compares what objects have with what Twilio has.
type search struct {
	account     *access
	clusterName string
	// prefix begins the unique names of the conversations that are looked for.
	prefix string
	// read is told how many conversations were.
	read     func(n int)
	services map[string]bool
	// objects are by sid, and generated are the names of what they may be about to create.
	objects   map[string]*held
	generated map[string]bool
}

func newSearch(account *access, clusterName string, anyCluster bool, read func(n int)) *search {
	q := &search{
		account: account, clusterName: clusterName, prefix: plan.GeneratedClusterPrefix(clusterName), read: read,
		services: map[string]bool{"": true},
	}
	if anyCluster {
		q.prefix = plan.GeneratedPrefix
	}
	return q
}

// all answers every orphan of every service of the account. denied is why services could not be listed: then only the default
// service, those that are given and those of objects were looked into.
func (q *search) all(ctx context.Context, c *cluster, services []string) (found []orphan, denied, err error) {
	for _, sid := range services {
		q.look(sid)
	}
	for service, err := range q.account.Services(ctx) {
		if errors.Is(err, twilio.ErrDenied) {
			denied = err
			break
		}
		if err != nil {
			return nil, nil, err
		}
		q.look(service.SID)
	}
	if err := q.readObjects(ctx, c); err != nil {
		return nil, denied, err
	}
	found, err = q.run(ctx)
	if err == nil && len(found) > 0 {
		// What came or went while lists were read is not lost.
		err = q.readObjects(ctx, c)
		found = slices.DeleteFunc(found, q.settled)
	}
	return found, denied, err
}

// readObjects notes the objects as they are now.
func (q *search) readObjects(ctx context.Context, c *cluster) error {
	q.objects, q.generated = map[string]*held{}, map[string]bool{}
	return c.each(ctx, "", func(conv *v1alpha1.Conversation) error {
		q.object(conv, plan.GeneratedName(q.clusterName, conv.Namespace, conv.Name))
		return nil
	})
}

// settled tells whether what was found is none by now.
func (q *search) settled(o orphan) bool {
	there := q.objects[o.SID] != nil
	if o.Object != "" {
		return !there
	}
	return there || q.generated[o.UniqueName]
}

func (q *search) object(conv *v1alpha1.Conversation, generated string) {
	q.generated[generated] = true
	status := &conv.Status
	if !conv.Recorded() {
		// Another object's status was copied here.
		q.look(conv.Spec.ChatServiceSID)
		return
	}
	if status.AccountSID != "" && status.AccountSID != q.account.sid || status.Region != "" && status.Region != q.account.region {
		return
	}
	q.look(cmp.Or(status.ChatServiceSID, conv.Spec.ChatServiceSID))
	if status.SID != "" {
		q.objects[status.SID] = &held{conv.Namespace + "/" + conv.Name, status.ChatServiceSID}
	}
}

// look has a service looked into; the account's default one is, as it is.
func (q *search) look(service string) {
	if service != q.account.service {
		q.services[service] = true
	}
}

func (q *search) run(ctx context.Context) ([]orphan, error) {
	found := []orphan{}
	listed := map[string]bool{}
	for _, service := range slices.Sorted(maps.Keys(q.services)) {
		for conv, err := range q.account.Conversations(service).List(ctx, twilio.ListOptions{StartDate: start}) {
			if errors.Is(err, twilio.ErrNotFound) && service != "" {
				break
			}
			if err != nil {
				return nil, err
			}
			q.read(1)
			if !listed[conv.SID] && q.lost(conv) {
				found = append(found, orphan{conv.SID, conv.ChatServiceSID, conv.UniqueName, "", "object"})
				listed[conv.SID] = true
			}
			if q.objects[conv.SID] != nil {
				listed[conv.SID] = true
			}
		}
	}
	return q.unlisted(ctx, listed, found)
}

// unlisted adds the objects whose conversation is not there.
func (q *search) unlisted(ctx context.Context, listed map[string]bool, found []orphan) ([]orphan, error) {
	for _, sid := range slices.Sorted(maps.Keys(q.objects)) {
		if listed[sid] {
			continue
		}
		missing, err := q.missing(ctx, sid)
		if err != nil {
			return nil, err
		}
		if missing {
			found = append(found, orphan{SID: sid, Service: q.objects[sid].service, Object: q.objects[sid].object, Lacks: "conversation"})
		}
	}
	return found, nil
}

// lost tells whether the operator made the conversation, and has no object for it.
func (q *search) lost(conv *twilio.Conversation) bool {
	return q.objects[conv.SID] == nil && strings.HasPrefix(conv.UniqueName, q.prefix) && !q.generated[conv.UniqueName]
}

// missing asks for a conversation that no list had: a list proves nothing.
func (q *search) missing(ctx context.Context, sid string) (bool, error) {
	_, err := q.account.Conversations(q.objects[sid].service).Fetch(ctx, sid)
	if errors.Is(err, twilio.ErrNotFound) {
		return true, nil
	}
	return false, err
}

func (s *session) printOrphans(found []orphan, as string) error {
	switch as {
	case formatJSON, formatYAML:
		return encode(s.Out, as, found)
	case formatName:
		for _, o := range found {
			_ = line(s.Out, "%s", o.SID)
		}
		return nil
	}
	if len(found) == 0 {
		_, err := fmt.Fprintln(s.ErrOut, "Nothing is lost.")
		return err
	}
	t := table{head: []string{"SID", "LACKS", "OBJECT", "UNIQUE NAME"}}
	if as == formatWide {
		t.head = append(t.head, "SERVICE")
	}
	for _, o := range found {
		row := []string{o.SID, o.Lacks, cmp.Or(o.Object, "-"), cmp.Or(o.UniqueName, "-")}
		if as == formatWide {
			row = append(row, o.Service)
		}
		t.add(row...)
	}
	return t.print(s.Out)
}
