// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package docs

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// renovate is what the tests look at.
type renovate struct {
	IgnorePaths  []string `json:"ignorePaths"`
	PackageRules []struct {
		Description, GroupName string
		MatchFileNames         []string `json:"matchFileNames"`
	} `json:"packageRules"`
	CustomManagers []struct {
		ManagerFilePatterns []string `json:"managerFilePatterns"`
		MatchStrings        []string `json:"matchStrings"`
	} `json:"customManagers"`
}

func readRenovate(t *testing.T) renovate {
	t.Helper()
	var r renovate
	if err := json.Unmarshal([]byte(read(t, filepath.Join(root, ".github/renovate.json"))), &r); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestRenovateLeavesNothingOutAndNamesFilesThatExist(t *testing.T) {
	r := readRenovate(t)
	if len(r.IgnorePaths) > 0 {
		t.Errorf("it ignores %q", r.IgnorePaths)
	}
	for _, rule := range r.PackageRules {
		if rule.Description == "" {
			t.Errorf("a rule for %q says no reason", rule.GroupName)
		}
		for _, name := range rule.MatchFileNames {
			if _, err := os.Stat(filepath.Join(root, name)); err != nil {
				t.Errorf("%s: %v", rule.Description, err)
			}
		}
	}
}

// A version of a module that no go.mod pins stands in the Makefile, below the module's name.
func TestRenovateFindsTheVersionsInTheMakefile(t *testing.T) {
	r := readRenovate(t)
	makefile := read(t, filepath.Join(root, "Makefile"))
	found := map[string]string{}
	for _, manager := range r.CustomManagers {
		if len(manager.ManagerFilePatterns) != 1 || manager.ManagerFilePatterns[0] != "Makefile" {
			t.Errorf("it looks into %q", manager.ManagerFilePatterns)
		}
		for _, pattern := range manager.MatchStrings {
			compiled := regexp.MustCompile(pattern)
			for _, match := range compiled.FindAllStringSubmatch(makefile, -1) {
				found[match[compiled.SubexpIndex("depName")]] = match[compiled.SubexpIndex("currentValue")]
			}
		}
	}
	pinned := regexp.MustCompile(`(\S+/\S+)@\$\(([A-Z]+_VERSION)\)`).FindAllStringSubmatch(makefile, -1)
	if len(pinned) == 0 {
		t.Fatal("the Makefile pins nothing")
	}
	for _, match := range pinned {
		ok := false
		for module, version := range found {
			ok = ok || strings.HasPrefix(match[1], module+"/") && strings.Contains(makefile, match[2]+" = "+version+"\n")
		}
		if !ok {
			t.Errorf("it does not find the version of %s, only %v", match[1], found)
		}
	}
}
