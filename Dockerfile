# Images to build in and to run in, for registries that mirror them under another name.
ARG BUILDER_IMAGE=golang:1.26.8@sha256:0f063af2d465d8dcae54cce04278ada488b96f77b42449c8d071e47d016cc65a
ARG BASE_IMAGE=gcr.io/distroless/static:nonroot@sha256:e2e927ec666bae08560abb3c55d0659eceabb657f56b6782ab500a9fc7f555e3

FROM --platform=${BUILDPLATFORM} ${BUILDER_IMAGE} AS builder
ARG TARGETOS
ARG TARGETARCH
WORKDIR /workspace

# The modules first, so that a change of the source does not download them again.
COPY go.mod go.sum ./
RUN go mod download

COPY api/ api/
COPY cmd/ cmd/
COPY internal/ internal/
ENV CGO_ENABLED=0 GOOS=${TARGETOS:-linux} GOARCH=${TARGETARCH}

FROM builder AS manager-builder
ARG VERSION=dev
RUN go build -trimpath -ldflags "-s -w -X main.version=${VERSION}" -o manager ./cmd

FROM builder AS simulator-builder
RUN go build -trimpath -ldflags "-s -w" -o twilio-simulator ./cmd/twilio-simulator

# docker build --target simulator: the stand-in for Twilio, to try manifests without an account.
FROM ${BASE_IMAGE} AS simulator
WORKDIR /
COPY --from=simulator-builder /workspace/twilio-simulator .
USER 65532:65532
ENTRYPOINT ["/twilio-simulator"]

# The operator is the last stage, and so what docker build makes when it is asked for nothing else.
FROM ${BASE_IMAGE} AS manager
ARG VERSION=dev
ARG REVISION=
LABEL org.opencontainers.image.title="conversations-operator" \
      org.opencontainers.image.description="Makes Twilio Conversations declarative." \
      org.opencontainers.image.source="https://github.com/conversations-operator/conversations-operator" \
      org.opencontainers.image.documentation="https://github.com/conversations-operator/conversations-operator/blob/main/README.md" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
WORKDIR /
COPY --from=manager-builder /workspace/manager .
USER 65532:65532
ENTRYPOINT ["/manager"]
