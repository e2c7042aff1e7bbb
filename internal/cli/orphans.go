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
	"github.com/conversations-operator/conversations-operator/internal/twilio/chatservice"
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
		Long: `Finds orphans: conversations that the operator made and that have no object, and objects whose conversation Twilio does not
have. The command searches every Conversation Service of the account and all namespaces, and changes nothing. It lists the
conversations, and fetches each conversation of an object that no list shows. If the credentials may not list the services,
the command says so, and searches only the default service, the services of objects and those of --service.

The command recognizes the operator's conversations by their generated unique names, which contain the name of the cluster.
It prints the name of the cluster that it uses, and asks for --cluster-name if the operators of the cluster do not agree.
A conversation with a unique name from spec.uniqueName looks like a conversation that someone else made, and is not found.

Exit codes: 0, no orphans; 2, orphans found.`,
		Example: `  # Orphans of this cluster
  kubectl conversations orphans

  # Conversations that the operator of any cluster made, and that have no object in this cluster
  kubectl conversations orphans --any-cluster -o json`,
		Args: arguments(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return s.runOrphans(cmd.Context(), services, clusterName, anyCluster, out.value)
		},
	}
	cmd.Flags().StringArrayVar(&services, "service", nil, "search this Conversation Service, IS…, even if the credentials may not list services; may be repeated")
	cmd.Flags().BoolVar(&anyCluster, "any-cluster", false, "also find conversations that the operator of another cluster made")
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
		_ = line(s.ErrOut, "Searched only the default service, the services of objects and those of --service, because the credentials "+
			"may not list the Conversation Services: %v.", denied)
	}
	if err := s.printOrphans(found, as); err != nil || len(found) == 0 {
		return err
	}
	return exit(ExitFound)
}

// held is an object's name and the service of the object's conversation.
type held struct{ object, service string }

// search compares the conversations recorded in objects with the conversations at Twilio.
type search struct {
	account     *access
	clusterName string
	// prefix is the prefix of the operator's unique names.
	prefix string
	// read is called with the number of conversations read since the previous call.
	read     func(n int)
	services map[string]bool
	// objects maps a sid to the object with the conversation. generated holds the unique names which the operator generates
	// for the objects.
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

// all returns the orphans of all services of the account. denied is Twilio's refusal to list the services: then the search
// covers only the default service, the given services and the services of objects.
func (q *search) all(ctx context.Context, c *cluster, services []string) (found []orphan, denied, err error) {
	for _, sid := range services {
		q.look(sid)
	}
	for service, err := range chatservice.Of(q.account.Client).List(ctx, twilio.PageOptions{}) {
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
		// An object may appear or disappear while the search reads lists.
		err = q.readObjects(ctx, c)
		found = slices.DeleteFunc(found, q.settled)
	}
	return found, denied, err
}

// readObjects replaces the known objects with the current objects of the cluster.
func (q *search) readObjects(ctx context.Context, c *cluster) error {
	q.objects, q.generated = map[string]*held{}, map[string]bool{}
	return c.each(ctx, "", func(conv *v1alpha1.Conversation) error {
		q.object(conv, plan.GeneratedName(q.clusterName, conv.Namespace, conv.Name))
		return nil
	})
}

// settled reports whether the orphan is not an orphan any more: the object no longer has the sid, or an object now exists
// for the conversation.
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
		// The status is a copy from another object.
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

// look adds a service to the search. The search already contains the account's default service, as the empty string.
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

// unlisted adds the objects whose conversation Twilio does not have.
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

// lost reports whether the operator made the conversation, and no object exists for the conversation.
func (q *search) lost(conv *twilio.Conversation) bool {
	return q.objects[conv.SID] == nil && strings.HasPrefix(conv.UniqueName, q.prefix) && !q.generated[conv.UniqueName]
}

// missing reports whether Twilio does not have the conversation. Absence from a list is no proof, so missing fetches the
// conversation.
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
		_, err := fmt.Fprintln(s.ErrOut, "No orphans found.")
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
