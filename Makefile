# Image URL to use all building/pushing image targets
IMG ?= conversations-operator:latest

# CONTAINER_TOOL defines the container tool to be used for building images.
CONTAINER_TOOL ?= docker

# PLATFORMS defines the platforms that image and docker-buildx build the image for.
PLATFORMS ?= linux/amd64,linux/arm64

# DIST is the folder of what is made for others.
DIST ?= dist

# CHART is the folder of the Helm chart.
CHART = charts/conversations-operator

# Setting SHELL to bash allows bash commands to be executed by recipes.
# Options are set to exit when a recipe line exits non-zero or a piped command fails.
SHELL = /usr/bin/env bash -o pipefail
.SHELLFLAGS = -ec

# The Go that is installed is the Go that builds: none is downloaded, and no go.work around the checkout joins in.
export GOTOOLCHAIN ?= local
export GOWORK = off

.PHONY: all
all: build

##@ General

.PHONY: help
help: ## Display this help.
	@awk 'BEGIN {FS = ":.*##"; printf "\nUsage:\n  make \033[36m<target>\033[0m\n"} /^[a-zA-Z_0-9-]+:.*?##/ { printf "  \033[36m%-20s\033[0m %s\n", $$1, $$2 } /^##@/ { printf "\n\033[1m%s\033[0m\n", substr($$0, 5) } ' $(MAKEFILE_LIST)

# What a demo or a measurement starts. envtest comes first: what it compiles, the operator then need not.
BARE = etcd kube-apiserver kubectl
WHOLE = $(BARE) kube-controller-manager

# In one line with what needs it: make -n would run a line that calls make.
BUILD_DEMO = mkdir -p bin/demo && go build -o bin/manager ./cmd && go build -o bin/ ./cmd/twilio-simulator && go build -o bin/demo/ ./hack/demo

.PHONY: demo
demo: ## Show the operator at work against a simulated Twilio. ONCE=1 ends by itself.
	@assets="$$(go run ./hack/envtest $(BARE))" && echo "Building the operator and the simulator" && $(BUILD_DEMO) && \
	KUBEBUILDER_ASSETS="$$assets" ONCE="$(ONCE)" bin/demo/demo

.PHONY: build-demo
build-demo:
	@$(BUILD_DEMO)

##@ Development

.PHONY: manifests
manifests: controller-gen ## Generate ClusterRole and CustomResourceDefinition objects.
	$(CONTROLLER_GEN) rbac:roleName=manager-role crd paths="./api/..." paths="./internal/..." output:crd:artifacts:config=config/crd/bases

.PHONY: generate
generate: controller-gen ## Generate code containing DeepCopy, DeepCopyInto, and DeepCopyObject method implementations.
	$(CONTROLLER_GEN) object:headerFile="hack/boilerplate.go.txt" paths="./api/..."

.PHONY: docs
docs: manifests ## Generate the pages of docs that are printed from the code.
	go run ./hack/reference -o docs/reference.md
	go run ./hack/decisiontable -o docs/decision-table.md
	go run ./hack/retries -o docs/retries.md
	go run ./hack/clidocs -o docs/cli

.PHONY: chart
chart: manifests ## Copy into the chart what it has in common with config.
	rm -rf $(CHART)/files && mkdir -p $(CHART)/files/crds $(CHART)/files/rbac
	cp config/crd/bases/*.yaml $(CHART)/files/crds
	cp $(filter-out config/rbac/kustomization.yaml config/rbac/service_account.yaml,$(wildcard config/rbac/*.yaml)) $(CHART)/files/rbac
	cp config/prometheus/rules.yaml config/grafana/dashboard.json $(CHART)/files

.PHONY: schemas
schemas: manifests ## Write a JSON schema of each kind, for kubeconform and editors.
	rm -rf schemas && go run -C hack/tools/catalog . -schemas "$(CURDIR)/schemas"

.PHONY: fmt
fmt: ## Run go fmt against code.
	go fmt ./...

.PHONY: vet
vet: ## Run go vet against code.
	go vet ./...

.PHONY: lint
lint: golangci-lint ## Run golangci-lint linter.
	$(GOLANGCI_LINT) run

.PHONY: lint-fix
lint-fix: golangci-lint ## Run golangci-lint linter and perform fixes.
	$(GOLANGCI_LINT) run --fix

.PHONY: lint-config
lint-config: golangci-lint ## Verify golangci-lint linter configuration (downloads its schema).
	$(GOLANGCI_LINT) config verify

# Go's race detector needs cgo, and cgo a C compiler; without one, go env says so.
RACE = $(if $(filter 1,$(shell go env CGO_ENABLED)),-race)
# The whole suite stays under a quarter of an hour. The race detector watches the packages that have the code; those in test
# and hack run the same code, most of it as the binaries that ship, and make race has it watch them too. Suites wait more
# than they compute, so that more of them run at a time than there are cores.
TEST_TIMEOUT ?= 15m
TEST_AT_ONCE ?= 3
RACED = ./api/... ./cmd/... ./internal/...
PLAIN = ./hack/... ./test/...
TEST_ARGS ?=
# Those of hack/tools that are ours: each is tested in its own module. The go command does not see that a file outside of the module
# has changed, so that it must not take an old result for a new one.
OWN_TOOLS = image plot signatures

.PHONY: test
test: $(if $(TEST_ARGS),,helm kustomize) ## Run tests, with the race detector where there is a C compiler. TEST_ARGS picks some of them.
	@echo "Running the tests $(if $(RACE),with the race detector,without the race detector: there is no C compiler)"
	assets="$$(go run ./hack/envtest $(if $(TEST_ARGS),-for "$(TEST_ARGS)"))" && export KUBEBUILDER_ASSETS="$$assets" && \
	$(if $(TEST_ARGS),go test $(RACE) -timeout $(TEST_TIMEOUT) $(TEST_ARGS), \
	status=0; go test $(RACE) -p $(TEST_AT_ONCE) -timeout $(TEST_TIMEOUT) $(RACED) || status=1; \
	echo "Running those of test and hack, without the race detector"; mkdir -p bin; CRASH_SUMMARY="$(CURDIR)/bin/crash-points.txt" \
	go test -p $(TEST_AT_ONCE) -timeout $(TEST_TIMEOUT) $(PLAIN) || status=1; \
	for tool in $(OWN_TOOLS); do go test -C hack/tools/$$tool -count 1 -timeout $(TEST_TIMEOUT) ./... || status=1; done; \
	test ! -f bin/crash-points.txt || cat bin/crash-points.txt; exit $$status)

# The packages whose tests talk to a whole control plane, and so tell one version of Kubernetes from another.
SYSTEM = ./api/... ./internal/controller/... ./test/system ./test/install ./test/crash ./test/drift ./test/cli

.PHONY: test-oldest
test-oldest: helm kustomize ## Run the tests of the system against the oldest Kubernetes that is supported.
	assets="$$(go run ./hack/envtest -kubernetes oldest)" && \
	KUBEBUILDER_ASSETS="$$assets" go test -p $(TEST_AT_ONCE) -timeout $(TEST_TIMEOUT) $(SYSTEM)

.PHONY: docs-test
docs-test: ## Run every command and manifest of README and docs; make test does so too.
	$(MAKE) test TEST_ARGS=./test/docs

.PHONY: race
race: helm kustomize ## Run all tests with the race detector, those of test and hack too.
	assets="$$(go run ./hack/envtest)" && KUBEBUILDER_ASSETS="$$assets" go test -race -timeout 60m ./...

.PHONY: soak
soak: build ## Kill the manager for ten minutes under faults and load, then count. SOAK_ARGS are its flags.
	assets="$$(go run ./hack/envtest $(WHOLE))" && KUBEBUILDER_ASSETS="$$assets" go run ./hack/soak $(SOAK_ARGS)

# How far make prove goes: once a scenario has so many states, it goes no deeper. PROVE_ARGS are further flags.
PROVE_STATES ?= 700000
PROVE_ARGS ?=

.PHONY: prove
prove: ## Explore every state that the decision can reach within bounds, and print what was found. PROVE_ARGS are its flags.
	@mkdir -p bin && go build -o bin/prove ./hack/prove && bin/prove -states $(PROVE_STATES) $(PROVE_ARGS)

# How long each fuzzer runs, and how many of its processes.
FUZZTIME ?= 2m
FUZZPARALLEL ?= 1

.PHONY: fuzz
fuzz: ## Run every fuzzer for FUZZTIME. What it finds ends up in testdata, to be committed.
	@for file in $$(git grep -l '^func Fuzz' -- '*_test.go'); do \
		for target in $$(grep -oE '^func Fuzz[A-Za-z]+' "$$file" | cut -c6-); do \
			echo "Fuzzing $$target"; \
			go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -parallel $(FUZZPARALLEL) "./$$(dirname "$$file")"; \
		done; \
	done

.PHONY: bench
bench: build ## Measure the budgets on the simulator.
	assets="$$(go run ./hack/envtest $(BARE))" && KUBEBUILDER_ASSETS="$$assets" go run ./hack/bench

# A story that does not come to its end draws nothing: it prints only then.
.PHONY: plots
plots: build build-demo ## Draw the demo, and what the dashboard shows of two minutes in which Twilio misbehaves, into docs.
	assets="$$(go run ./hack/envtest $(BARE))" && export KUBEBUILDER_ASSETS="$$assets" && \
	ONCE=1 bin/demo/demo -brief | go run ./hack/screen -title "make demo" -o docs/pictures/demo.svg && \
	go run ./hack/plots | go run -C hack/tools/plot . -o "$(CURDIR)/docs/plots"

##@ Verification

.PHONY: verify
verify: verify-generated verify-format vet lint verify-modules verify-manifests verify-chart verify-catalog verify-licenses ## Check that what is generated is current, and that the code is formatted, vetted, linted and tidy.
	@echo "Verified"

# Everything that generate, manifests, docs, chart, schemas and build-installer write.
GENERATED = api/v1alpha1/zz_generated.deepcopy.go config/crd/bases config/rbac/role.yaml docs/cli docs/decision-table.md \
	docs/reference.md docs/retries.md \
	$(CHART)/files dist/install.yaml schemas

.PHONY: verify-generated
verify-generated: manifests generate docs chart schemas build-installer ## Generate everything anew, and fail on a difference from what is committed.
	@changed="$$(git status --porcelain -- $(GENERATED))"; [[ -z "$$changed" ]] || { \
		git --no-pager diff -- $(GENERATED); \
		echo "These generated files are not what is committed. Commit what is there now:"; echo "$$changed"; exit 1; }

.PHONY: verify-format
verify-format: ## Fail on Go files that gofmt would change.
	@unformatted="$$(gofmt -l api cmd config hack internal $(wildcard test))"; [[ -z "$$unformatted" ]] || { \
		echo "These files are not formatted. Run make fmt:"; echo "$$unformatted"; exit 1; }

.PHONY: verify-modules
verify-modules: ## Fail on a go.mod or go.sum that go mod tidy would change.
	@for module in $$(git ls-files '*go.mod'); do \
		echo "Checking $$module"; \
		go mod tidy -C "$$(dirname "$$module")" -diff >/dev/null || { echo "$$module is not tidy. Run go mod tidy in its folder."; exit 1; }; \
	done

.PHONY: verify-manifests
verify-manifests: kustomize ## Fail on manifests that kustomize cannot build.
	@for folder in config/*/kustomization.yaml; do \
		$(KUSTOMIZE) build "$$(dirname "$$folder")" >/dev/null || { echo "$$folder does not build"; exit 1; }; \
	done

.PHONY: verify-chart
verify-chart: helm kustomize ## Lint the chart, and fail if it and kustomize make other objects of the same settings.
	$(HELM) lint --strict --quiet $(CHART)
	go test ./test/chart

.PHONY: verify-catalog
verify-catalog: ## Fail on what the validators of OLM, krew and kubeconform refuse of the bundle, the plugin's manifest and the schemas.
	go test -C hack/tools/catalog -count 1 ./...

.PHONY: verify-licenses
verify-licenses: ## Fail on a module in the manager or the kubectl plugin whose licence is not one of those that may be built in.
	go run -C hack/tools/sbom .
	go run -C hack/tools/sbom . -package ./cmd/kubectl-conversations

# As the Dockerfile builds it, from a copy without .git.
BUILD_COPY = git ls-files -z api cmd internal go.mod go.sum | tar --null --files-from=- -cf - | tar -xf - -C

.PHONY: verify-reproducible
verify-reproducible: ## Build the manager twice, in other folders and from an empty cache, and fail on a difference.
	@dir="$$(mktemp -d)"; trap 'chmod -R u+w "$$dir" && rm -rf "$$dir"' EXIT; mkdir "$$dir"/{one,other,cache}; \
	for copy in one other; do \
		$(BUILD_COPY) "$$dir/$$copy"; \
		(cd "$$dir/$$copy" && CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=$(VERSION)" -o manager ./cmd); \
		export GOCACHE="$$dir/cache"; \
	done; \
	cmp "$$dir/one/manager" "$$dir/other/manager" && echo "Both builds are the same"

##@ Supply chain

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)

.PHONY: sbom
sbom: ## Write what the manager and the kubectl plugin are built of as CycloneDX, into DIST/sbom.cdx.json and DIST/sbom-kubectl-conversations.cdx.json.
	mkdir -p "$(DIST)"
	go run -C hack/tools/sbom . -version "$(VERSION)" -o "$(abspath $(DIST))/sbom.cdx.json"
	go run -C hack/tools/sbom . -package ./cmd/kubectl-conversations -version "$(VERSION)" -o "$(abspath $(DIST))/sbom-kubectl-conversations.cdx.json"

.PHONY: licenses
licenses: ## Write the licences of what the manager is built of, into dist/licenses.txt.
	mkdir -p dist
	go run -C hack/tools/sbom . -licenses "$(CURDIR)/dist/licenses.txt"

# These two are not built from a go.mod of hack/tools: the one needs the vulnerability database on the net anyway, the other
# only signs releases.
# renovate: depName=golang.org/x/vuln
GOVULNCHECK_VERSION = v1.9.0
# renovate: depName=github.com/sigstore/cosign/v3
COSIGN_VERSION = v3.1.3

.PHONY: vulnerabilities
vulnerabilities: ## Look for known vulnerabilities in what is called (asks vuln.go.dev).
	go run golang.org/x/vuln/cmd/govulncheck@$(GOVULNCHECK_VERSION) ./...

.PHONY: cosign
cosign: ## Build cosign, which signs the images, the chart and the files of a release.
	GOBIN="$(LOCALBIN)" go install github.com/sigstore/cosign/v3/cmd/cosign@$(COSIGN_VERSION)

##@ Build

# Every folder of cmd is a command named like it; cmd itself is the manager.
COMMANDS = $(patsubst %/main.go,./%,$(wildcard cmd/*/main.go))

.PHONY: build
build: ## Build the manager and the other commands into bin, for this machine: make image builds what ships.
	go build -o bin/manager ./cmd
	$(if $(COMMANDS),go build -o bin/ $(COMMANDS))

.PHONY: run
run: ## Run a controller from your host. ARGS are the manager's flags.
	go run ./cmd $(ARGS)

# What is made of a commit says its time, or nothing at all without git.
REVISION = $(shell git rev-parse HEAD 2>/dev/null)
CREATED = $(shell git log -1 --format=%ct 2>/dev/null || echo 0)
IMAGE = go run -C hack/tools/image . -root "$(CURDIR)" -version "$(VERSION)" -revision "$(REVISION)" -created "$(CREATED)" \
	-platforms "$(PLATFORMS)" -sbom "$(abspath $(DIST))/sbom.cdx.json" -tag "$(IMG)"

.PHONY: image
image: sbom ## Make the image with Go alone, into DIST: image for crane push, image-linux-*.tar for docker load and kind.
	$(IMAGE) -o "$(abspath $(DIST))"

.PHONY: image-push
image-push: sbom ## Make the image with Go alone, and push it to IMG.
	$(IMAGE) -push

.PHONY: docker-build
docker-build: ## Build docker image with the manager.
	$(CONTAINER_TOOL) build --build-arg VERSION=$(VERSION) --build-arg REVISION=$(REVISION) -t $(IMG) .

.PHONY: docker-push
docker-push: ## Push docker image with the manager.
	$(CONTAINER_TOOL) push $(IMG)

.PHONY: docker-buildx
docker-buildx: ## Build and push docker image for the manager for cross-platform support.
	- $(CONTAINER_TOOL) buildx create --name conversations-operator-builder
	$(CONTAINER_TOOL) buildx build --builder conversations-operator-builder --push --platform=$(PLATFORMS) --build-arg VERSION=$(VERSION) --build-arg REVISION=$(REVISION) --tag $(IMG) .
	- $(CONTAINER_TOOL) buildx rm conversations-operator-builder

.PHONY: build-installer
build-installer: manifests kustomize ## Generate dist/install.yaml, with the CRDs and the deployment of IMG.
	mkdir -p dist && rm -f dist/kustomization.yaml
	cd dist && $(KUSTOMIZE) create --resources ../config/default && $(KUSTOMIZE) edit set image conversations-operator=$(IMG)
	$(KUSTOMIZE) build dist > dist/install.yaml

.PHONY: bundle
bundle: build-installer ## Write the bundle for the Operator Lifecycle Manager into DIST/bundle. VERSION names the release.
	go run -C hack/tools/catalog . -version "$(VERSION)" -bundle "$(abspath $(DIST))/bundle"

.PHONY: krew
krew: ## Build the kubectl plugin for every platform into dist/krew, with its krew manifest. VERSION names the release.
	go run ./hack/krew -o dist/krew $(if $(VERSION),-version $(VERSION))

##@ Deployment

ifndef ignore-not-found
  ignore-not-found = false
endif

.PHONY: install
install: manifests kustomize ## Install CRDs into the K8s cluster specified in ~/.kube/config.
	$(KUSTOMIZE) build config/crd | $(KUBECTL) apply -f -

.PHONY: uninstall
uninstall: kustomize ## Uninstall CRDs, and with them every object, from the K8s cluster specified in ~/.kube/config. Call with ignore-not-found=true to ignore resource not found errors during deletion.
	$(KUSTOMIZE) build config/crd | $(KUBECTL) delete --ignore-not-found=$(ignore-not-found) -f -

.PHONY: deploy
deploy: build-installer ## Deploy controller to the K8s cluster specified in ~/.kube/config.
	$(KUBECTL) apply -f dist/install.yaml

.PHONY: undeploy
undeploy: kustomize ## Undeploy controller, CRDs and every object from the K8s cluster specified in ~/.kube/config. Call with ignore-not-found=true to ignore resource not found errors during deletion.
	$(KUSTOMIZE) build config/default | $(KUBECTL) delete --ignore-not-found=$(ignore-not-found) -f -

##@ Dependencies

## Location to build dependencies to
LOCALBIN ?= $(CURDIR)/bin

## Tool Binaries
KUBECTL ?= kubectl
KUSTOMIZE ?= $(LOCALBIN)/kustomize
CONTROLLER_GEN ?= $(LOCALBIN)/controller-gen
GOLANGCI_LINT ?= $(LOCALBIN)/golangci-lint
HELM ?= $(LOCALBIN)/helm

## Tool Versions, each pinned by the go.mod in hack/tools of the tool's name
KUSTOMIZE_VERSION = $(call tool-version,kustomize,sigs.k8s.io/kustomize/kustomize/v5)
CONTROLLER_TOOLS_VERSION = $(call tool-version,controller-gen,sigs.k8s.io/controller-tools)
HELM_VERSION = $(call tool-version,helm,helm.sh/helm/v4)
GOLANGCI_LINT_VERSION = $(call tool-version,golangci-lint,github.com/golangci/golangci-lint/v2)

.PHONY: kustomize
kustomize: ## Build kustomize locally if necessary.
	$(call build-tool,$(KUSTOMIZE),kustomize,sigs.k8s.io/kustomize/kustomize/v5,$(KUSTOMIZE_VERSION))

.PHONY: controller-gen
controller-gen: ## Build controller-gen locally if necessary.
	$(call build-tool,$(CONTROLLER_GEN),controller-gen,sigs.k8s.io/controller-tools/cmd/controller-gen,$(CONTROLLER_TOOLS_VERSION))

.PHONY: golangci-lint
golangci-lint: ## Build golangci-lint locally if necessary.
	$(call build-tool,$(GOLANGCI_LINT),golangci-lint,.,$(GOLANGCI_LINT_VERSION))

.PHONY: helm
helm: ## Build helm locally if necessary.
	$(call build-tool,$(HELM),helm,helm.sh/helm/v4/cmd/helm,$(HELM_VERSION))

.PHONY: setup-envtest
setup-envtest: ## Download or build etcd, kube-apiserver, kube-controller-manager and kubectl for the tests, once per machine.
	@go run ./hack/envtest >/dev/null

# tool-version reads the version of a module from the go.mod of a tool.
# $1 - folder in hack/tools
# $2 - module
tool-version = $(shell awk '$$1 == "$(2)" { print $$2 }' hack/tools/$(1)/go.mod)

# build-tool builds a tool from its module in hack/tools, if that version of it is not there.
# $1 - target path with name of binary
# $2 - folder in hack/tools
# $3 - main package
# $4 - version
define build-tool
@[[ -f "$(1)-$(4)" ]] || { \
	echo "Building $(2) $(4), once per checkout" && \
	mkdir -p "$(dir $(1))" && \
	go build -C hack/tools/$(2) -o "$(1)-$(4).$$$$" $(3) && \
	mv "$(1)-$(4).$$$$" "$(1)-$(4)"; \
}
@ln -sf "$(notdir $(1))-$(4)" "$(1)"
endef
