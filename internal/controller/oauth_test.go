// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package controller_test

import (
	"net/http"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/twilio/simulator"
	"github.com/conversations-operator/conversations-operator/test/testbed/random"
)

// app is an OAuth app of the tenant's account, whose tokens last so long; zero: an hour.
func (t *tenant) app(life time.Duration) simulator.OAuthApp {
	GinkgoHelper()
	app := simulator.OAuthApp{ClientID: "OQ" + random.Hex(16), ClientSecret: random.Hex(16), TokenLife: life}
	Expect(t.sim.AddOAuthApp(t.SID, app)).To(Succeed())
	return app
}

// apped are the keys of a Secret with an OAuth app, and with a suffix.
func apped(app simulator.OAuthApp, suffix string) map[string]string {
	return map[string]string{"TWILIO_CLIENT_ID" + suffix: app.ClientID, "TWILIO_CLIENT_SECRET" + suffix: app.ClientSecret}
}

var _ = Describe("An account with an OAuth app", func() {
	It("learns whose the app is, and goes on after its tokens end", func() {
		t := newBareTenant()
		app := t.app(time.Second)
		t.setSecret(apped(app, ""))
		t.create(t.Account())
		Expect(t.accountIs(v1alpha1.ReasonAuthenticated).Status.AccountSID).To(Equal(t.SID))
		t.apply("vip", `{}`)
		t.settled("vip", v1alpha1.ReasonSynced)
		tokens := func() (n int) {
			for _, c := range t.sim.Counts() {
				if c.Account == t.SID && c.Operation == simulator.OperationToken {
					n += int(c.Requests)
				}
			}
			return n
		}
		before := tokens()
		Eventually(func() int { t.look("vip"); return tokens() }).Should(BeNumerically(">=", before+2))
		t.settled("vip", v1alpha1.ReasonSynced)
		Expect(t.requests()).NotTo(ContainElement(HaveField("Status", http.StatusUnauthorized)))
	})

	It("is refused where its app is of another account", func() {
		t, other := newBareTenant(), newBareTenant()
		t.setSecret(apped(other.app(0), ""))
		acct := t.Account()
		acct.Spec.AccountSID = t.SID
		t.create(acct)
		a := t.accountIs(v1alpha1.ReasonAccountMismatch)
		Expect(message(a.Status.Conditions)).To(ContainSubstring("belong to account %s, not to %s", other.SID, t.SID))
		Expect(other.requests()).To(HaveEach(HaveField("Operation", simulator.OperationToken)))
	})

	It("says so when the app is revoked, and goes on with another that was laid beside it", func() {
		t := newBareTenant()
		app := t.app(0)
		t.setSecret(apped(app, ""))
		t.create(t.Account())
		t.accountIs(v1alpha1.ReasonAuthenticated)
		Expect(t.sim.RevokeOAuthApp(t.SID, app.ClientID)).To(Succeed())
		t.apply("vip", `{}`)
		t.settled("vip", v1alpha1.ReasonCredentialsRejected)
		a := t.accountIs(v1alpha1.ReasonCredentialsRejected)
		Expect(message(a.Status.Conditions)).To(ContainSubstring("the token endpoint refused the client ID or the client secret"))
		Expect(message(a.Status.Conditions)).NotTo(ContainSubstring(app.ClientSecret))

		t.setSecrets(apped(app, ""), apped(t.app(0), "_NEXT"))
		t.settled("vip", v1alpha1.ReasonSynced)
		t.says("Twilio took the next credentials. The current ones are rejected")
		Expect(t.conversations()).To(HaveLen(1))
	})

	It("is refused with two forms of credentials", func() {
		t := newBareTenant()
		t.setSecrets(apped(t.app(0), ""), t.credentials())
		t.create(t.Account())
		a := t.accountIs(v1alpha1.ReasonSecretInvalid)
		Expect(message(a.Status.Conditions)).To(ContainSubstring("keys of an OAuth app and TWILIO_AUTH_TOKEN: keep one form of credentials"))
	})
})
