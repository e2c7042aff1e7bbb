// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/conversations-operator/conversations-operator/api/v1alpha1"
	"github.com/conversations-operator/conversations-operator/internal/tenancy"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// Environment variables. Twilio's own tools read all of them except TWILIO_BASE_URL.
const (
	envAccountSID = "TWILIO_ACCOUNT_SID"
	envAuthToken  = "TWILIO_AUTH_TOKEN"
	envAPIKey     = "TWILIO_API_KEY"
	envAPISecret  = "TWILIO_API_SECRET"
	envRegion     = "TWILIO_REGION"
	envEdge       = "TWILIO_EDGE"
	envBaseURL    = "TWILIO_BASE_URL"
)

const noCredentials = "there are no credentials: set " + envAccountSID + " and " + envAuthToken +
	", or name an account of the cluster with --account or --cluster-account"

// access is a client for a Twilio account, with credentials which Twilio accepts.
type access struct {
	*twilio.Client
	// source names the place of the credentials, for messages.
	source string
	// sid is the sid of the account, region the Twilio Region of the requests, and service the account's default Conversation
	// Service in the Region.
	sid, region, service string
}

// rejectedError says which credentials Twilio rejected.
type rejectedError struct {
	source string
	err    error
}

func (e *rejectedError) Error() string { return e.err.Error() }
func (e *rejectedError) Unwrap() error { return e.err }

// explicit reports whether the environment or the flags choose the account.
func (s *session) explicit() bool {
	return s.account != "" || s.clusterAccount != "" || s.environment()
}

func (s *session) environment() bool {
	for _, name := range []string{envAccountSID, envAuthToken, envAPIKey, envAPISecret} {
		if s.getenv(name) != "" {
			return true
		}
	}
	return false
}

// access finds the credentials for Twilio, and checks with a request whether Twilio accepts the credentials.
func (s *session) access(ctx context.Context) (*access, error) {
	if s.account == "" && s.clusterAccount == "" && s.environment() {
		cfg, err := s.environmentConfig()
		if err != nil {
			return nil, err
		}
		return s.open(ctx, cfg, "the environment")
	}
	c, err := s.cluster()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", noCredentials, err)
	}
	if s.clusterAccount != "" {
		acct := &v1alpha1.ClusterTwilioAccount{}
		err := c.Get(ctx, client.ObjectKey{Name: s.clusterAccount}, acct)
		if apierrors.IsNotFound(err) {
			return nil, fmt.Errorf("there is no ClusterTwilioAccount %s: check --cluster-account", s.clusterAccount)
		}
		if err != nil {
			return nil, c.fails(err)
		}
		return s.openAccount(ctx, c, acct)
	}
	if s.account != "" {
		acct := &v1alpha1.TwilioAccount{}
		err := c.Get(ctx, client.ObjectKey{Namespace: c.namespace, Name: s.account}, acct)
		if apierrors.IsNotFound(err) {
			return nil, fmt.Errorf("there is no TwilioAccount %s/%s: check --account and --namespace", c.namespace, s.account)
		}
		if err != nil {
			return nil, c.fails(err)
		}
		return s.openAccount(ctx, c, acct)
	}
	probe := &v1alpha1.Conversation{}
	probe.Namespace = c.namespace
	acct, facts, err := tenancy.AccountOf(ctx, c, probe)
	if err != nil {
		return nil, c.fails(err)
	}
	if acct == nil {
		return nil, fmt.Errorf("%s; the namespace %s has no usable default account: %s", noCredentials, c.namespace, facts.Message)
	}
	return s.openAccount(ctx, c, acct)
}

func (s *session) openAccount(ctx context.Context, c *cluster, acct tenancy.Account) (*access, error) {
	key := acct.CredentialsSecret()
	secret := &corev1.Secret{}
	if err := c.Get(ctx, key, secret); err != nil {
		if apierrors.IsNotFound(err) {
			return nil, fmt.Errorf("the Secret %s of %s %s does not exist: create it", key, acct.AccountKind(), acct.GetName())
		}
		return nil, c.fails(err)
	}
	cfg, next, problem := tenancy.Credentials(acct, secret)
	if problem != "" {
		return nil, errors.New(problem)
	}
	source := fmt.Sprintf("the Secret %s", key)
	opened, err := s.open(ctx, cfg, source)
	if next == nil {
		return opened, err
	}
	if _, rejected := errors.AsType[*rejectedError](err); !rejected {
		return opened, err
	}
	if next.Problem != "" {
		return nil, fmt.Errorf("%w; the next credentials cannot be used: %s", err, next.Problem)
	}
	later, nextErr := s.open(ctx, next.Config, source)
	// Only credentials of the account which the operator knows stand in for the rejected ones.
	if known := acct.CommonStatus().AccountSID; nextErr != nil || later.sid == "" || known != "" && later.sid != known {
		return nil, err
	}
	return later, nil
}

func (s *session) open(ctx context.Context, cfg twilio.Config, source string) (*access, error) {
	cfg.BaseURL, cfg.UserAgent = cmp.Or(s.baseURL, s.getenv(envBaseURL)), "kubectl-conversations/"+version()
	c, err := twilio.NewClient(cfg)
	if err != nil {
		return nil, fmt.Errorf("the credentials of %s cannot be used: %w", source, err)
	}
	conf, err := configuration(ctx, c, cfg.AccountSID)
	if errors.Is(err, twilio.ErrDenied) {
		return nil, &rejectedError{source, err}
	}
	if err != nil {
		return nil, err
	}
	return &access{Client: c, source: source, sid: conf.AccountSID, region: cmp.Or(cfg.Region, v1alpha1.DefaultRegion), service: conf.DefaultChatServiceSID}, nil
}

// configuration returns the account's sid and default Conversation Service. An API key restricted to conversations may not
// read the configuration; then a conversation of the account shows both. Without a conversation, the account has the given
// sid, and the default service stays empty.
func configuration(ctx context.Context, c *twilio.Client, sid string) (*twilio.Configuration, error) {
	conf, err := c.FetchConfiguration(ctx)
	if !errors.Is(err, twilio.ErrDenied) {
		return conf, err
	}
	conf = &twilio.Configuration{AccountSID: sid}
	for conv, err := range c.Conversations("").List(ctx, twilio.ListOptions{PageSize: 1, Limit: 1}) {
		if err != nil {
			return nil, err
		}
		conf.AccountSID, conf.DefaultChatServiceSID = conv.AccountSID, conv.ChatServiceSID
	}
	return conf, nil
}

func (s *session) environmentConfig() (twilio.Config, error) {
	cfg := twilio.Config{AccountSID: s.getenv(envAccountSID), Region: s.getenv(envRegion), Edge: s.getenv(envEdge)}
	if cfg.Region != "" && cfg.Region != twilio.DefaultRegion && cfg.Edge == "" {
		return cfg, fmt.Errorf("%s is %q, and %s is not set: set both, such as %[3]s=dublin for ie1; without an edge, Twilio answers from us1",
			envRegion, cfg.Region, envEdge)
	}
	key, secret, token := s.getenv(envAPIKey), s.getenv(envAPISecret), s.getenv(envAuthToken)
	missing := func(name, beside string) (twilio.Config, error) {
		return cfg, fmt.Errorf("%s is not set, and %s is: set both", name, beside)
	}
	switch {
	case key != "" && secret == "":
		return missing(envAPISecret, envAPIKey)
	case key == "" && secret != "":
		return missing(envAPIKey, envAPISecret)
	case key != "":
		cfg.Username, cfg.Password = key, secret
	case token == "":
		return missing(envAuthToken, envAccountSID)
	case cfg.AccountSID == "":
		return missing(envAccountSID, envAuthToken)
	default:
		cfg.Username, cfg.Password = cfg.AccountSID, token
	}
	return cfg, nil
}
