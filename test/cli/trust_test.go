// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestACertificateOfACompanyIsTrustedFromAFolder is what the value caBundle of the chart, and docs/how-to.md, rely on: the folder is
// mounted, and SSL_CERT_DIR names it beside the public ones.
func TestACertificateOfACompanyIsTrustedFromAFolder(t *testing.T) {
	s := newSimulator(t)
	target, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httptest.NewTLSServer(http.Handler(httputil.NewSingleHostReverseProxy(target)))
	t.Cleanup(proxy.Close)
	folder := t.TempDir()
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: proxy.Certificate().Raw})
	if err := os.WriteFile(filepath.Join(folder, "company-ca.pem"), certificate, 0o600); err != nil {
		t.Fatal(err)
	}
	sh := offline(s)
	sh.args = []string{"--twilio-base-url=" + proxy.URL}

	r := sh.run(t, "list")
	if r.code != 1 {
		t.Errorf("without the folder it ended with %d", r.code)
	}
	says(t, r.stderr, "the certificate is not trusted: unknown authority")
	sh.env = append(slices.Clone(sh.env), "SSL_CERT_DIR=/etc/ssl/certs:"+folder)
	sh.good(t, "list")
}
