// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"golang.org/x/sync/errgroup"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
	"github.com/conversations-operator/conversations-operator/test/testbed/random"
)

// existing is how many conversations are there before anybody brings them in. Two thousand take a minute and a half.
var existing = flag.Int("existing", 200, "how many conversations are brought in")

// words are what names and texts are made of.
var words = []string{"Support", "Grüße", "支持", "👋🏽", "a: b", "# no", "\"quoted\"", "yes", "1e3", "two\nlines", "\ttab", "'", "{}", "עברית", "\u2028"}

func phrase(d *rand.Rand) string {
	out := make([]string, 1+d.IntN(4))
	for i := range out {
		out[i] = words[d.IntN(len(words))]
	}
	return strings.Join(out, " ")
}

var oddAttributes = []string{
	"", "{}", "null", "1", "-0", "\"text\"", "[]", "[1, 2.50, 1e3]", "{\"<<\": {\"a\": 1}}", "{\"n\": 9223372036854775807}", "{\"n\": 1e400}",
	"{\"n\": 123456789012345678901234567890}", "{\"a\": {\"b\": [null, true, {\"yes\": \"no\"}]}}",
	"{\"\": \"\", \"\\u0000\": \"\\u001b\"}", "{ \"b\" : 1 , \"a\" : 2 }",
}

// seed makes random conversations at Twilio: every field, in all states, in two services.
func seed(s *simulator.Server, n int) error {
	d := random.Source(8, uint64(n))
	at := time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC)
	_, err := s.Seed("", n, func(i int, c *simulator.Conversation) {
		c.DateCreated = at.Add(time.Duration(d.IntN(1e6)) * time.Minute)
		c.ServiceSID = []string{simulator.DefaultServiceSID, otherService}[d.IntN(2)]
		c.State = []string{simulator.Active, simulator.Inactive, simulator.Closed}[d.IntN(3)]
		c.Attributes = oddAttributes[d.IntN(len(oddAttributes))]
		if d.IntN(2) == 0 {
			c.FriendlyName = phrase(d)
		}
		if d.IntN(2) == 0 {
			c.UniqueName = fmt.Sprintf("%s/%d", phrase(d), i)
		}
		if d.IntN(2) == 0 {
			c.Email = simulator.Email{Address: "a@example.com", Name: phrase(d)}
		}
		if d.IntN(2) == 0 {
			c.Timers.Inactive.Duration, c.Timers.Closed.Duration = "P1D", "P7D"
		}
		if d.IntN(4) == 0 {
			c.MessagingServiceSID = ""
		}
	})
	return err
}

func TestWhatExistsIsBroughtInAsItIs(t *testing.T) {
	s := newSimulator(t)
	if err := seed(s, *existing); err != nil {
		t.Fatal(err)
	}
	const namespace = "roundtrip"
	newNamespace(t, s, namespace)
	sh := online(s, namespace)
	before := s.Conversations("")

	manifests := sh.good(t, "export", "--service="+simulator.DefaultServiceSID, "--service="+otherService)
	apply(t, manifests)
	var list v1alpha1.ConversationList
	eventually(t, func(g Gomega) {
		g.Expect(bed.Client.List(t.Context(), &list, client.InNamespace(namespace))).To(Succeed())
		g.Expect(list.Items).To(HaveLen(*existing))
		left := 0
		for i := range list.Items {
			if !meta.IsStatusConditionTrue(list.Items[i].Status.Conditions, v1alpha1.ConditionReady) {
				left++
			}
		}
		g.Expect(left).To(BeZero())
	})
	for i := range list.Items {
		o := &list.Items[i]
		if o.Status.Origin != v1alpha1.OriginAdopted || o.Status.SID != o.Spec.Adoption.SID || len(o.Status.Drift) > 0 {
			t.Errorf("%s: %+v", o.Name, o.Status)
		}
	}
	sh.good(t, "drift")
	if out := sh.plan(t, "--server"); len(out) != *existing || len(steps(out)) > 0 {
		t.Errorf("plan tells of %d objects and these steps: %v", len(out), steps(out))
	}
	if out := sh.good(t, "list", "--unmanaged", "--service="+simulator.DefaultServiceSID, "--service="+otherService, "-o", "name"); out != "" {
		t.Errorf("nobody manages %s", out)
	}
	if n := writes(s); n > 0 {
		t.Errorf("%d writes to Twilio", n)
	}
	if after := s.Conversations(""); fmt.Sprint(after) != fmt.Sprint(before) {
		t.Error("something is another at Twilio")
	}
}

func steps(out []planned) (all []string) {
	for _, p := range out {
		all = append(all, p.Steps...)
	}
	return all
}

// apply makes the objects of a stream of manifests.
func apply(t *testing.T, manifests string) {
	t.Helper()
	var work errgroup.Group
	work.SetLimit(8)
	for reader := utilyaml.NewYAMLReader(bufio.NewReader(strings.NewReader(manifests))); ; {
		text, err := reader.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		// As kubectl reads it, which keeps integers of 64 bits.
		text, err = yaml.YAMLToJSON(text)
		o := &unstructured.Unstructured{}
		if err := errors.Join(err, o.UnmarshalJSON(text)); err != nil {
			t.Fatal(err)
		}
		work.Go(func() error { return bed.Client.Create(t.Context(), o, client.FieldValidation("Strict")) })
	}
	if err := work.Wait(); err != nil {
		t.Fatal(err)
	}
}
