// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package drift

import (
	"strconv"
	"testing"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
)

// pages are the list of a service, of which page i holds so many managed conversations.
type pages []int

// spread is managed conversations, evenly over so many pages.
func spread(managed, count int) pages {
	p := make(pages, count)
	for i := range managed {
		p[i*count/managed]++
	}
	return p
}

// at is count pages of which the one with that number holds all managed conversations.
func at(managed, number, count int) pages {
	p := make(pages, count)
	p[number] = managed
	return p
}

// read is what a check of the service costs, and what it learned.
func (p pages) read(known way) (cost int, best way) {
	s := newServiceCheck("IS")
	s.known = known
	var sids [][]string
	for page, n := range p {
		var here []string
		for i := range n {
			sid := strconv.Itoa(page) + "-" + strconv.Itoa(i)
			here = append(here, sid)
			s.add(&v1alpha1.Conversation{Status: v1alpha1.ConversationStatus{SID: sid}})
		}
		sids = append(sids, here)
	}
	for !s.enough() {
		for _, sid := range sids[s.pages] {
			delete(s.unseen, sid)
		}
		s.pages++
		s.next = ""
		if s.pages < len(p) {
			s.next = "more"
		}
	}
	return s.pages + len(s.unseen), s.best
}

func (p pages) managed() (n int) {
	for _, here := range p {
		n += here
	}
	return n
}

func TestACheckCostsLittleMoreThanTheBetterWay(t *testing.T) {
	for name, p := range map[string]pages{
		"nothing else is in the account":             spread(1000, 10),
		"one conversation":                           spread(1, 1),
		"one conversation among many":                at(1, 70, 200),
		"few among many":                             spread(100, 200),
		"few among some, where listing is cheaper":   spread(100, 50),
		"as many as pages":                           spread(100, 100),
		"the newest of many":                         at(100, 0, 200),
		"the oldest of many":                         at(100, 199, 200),
		"the oldest of some, where listing pays":     at(100, 29, 30),
		"the newest of many but one":                 append(at(99, 0, 200), 1),
		"a handful among many":                       spread(5, 200),
		"a handful among some":                       at(7, 4, 5),
		"many, of which a part is among many others": append(spread(900, 9), spread(100, 500)...),
	} {
		t.Run(name, func(t *testing.T) {
			managed, listing := p.managed(), len(p)
			better := min(managed, listing)
			first, known := p.read(way{})
			if first > 2*better {
				t.Errorf("the first check takes %d requests, and %d would do", first, better)
			}
			for range 5 {
				var later int
				later, known = p.read(known)
				if later > better+better/probeShare {
					t.Errorf("a later check takes %d requests, and %d would do", later, better)
				}
			}
		})
	}
}

func TestACheckFollowsAnAccountThatChanges(t *testing.T) {
	for _, tt := range []struct {
		name          string
		before, after pages
	}{
		{"many others came", spread(100, 3), spread(100, 300)},
		{"the others went", spread(100, 300), spread(100, 3)},
		{"many more are managed", spread(1, 1), spread(1000, 10)},
		{"few are managed any more", spread(1000, 100), spread(10, 100)},
		{"they are elsewhere", at(100, 0, 200), at(100, 199, 200)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, known := tt.before.read(way{})
			better := min(tt.after.managed(), len(tt.after))
			cost, known := tt.after.read(known)
			if cost > 2*better {
				t.Errorf("the next check takes %d requests, and %d would do", cost, better)
			}
			for range 5 {
				_, known = tt.after.read(known)
			}
			if cost, _ = tt.after.read(known); cost > better+better/probeShare {
				t.Errorf("later checks take %d requests, and %d would do", cost, better)
			}
		})
	}
}
