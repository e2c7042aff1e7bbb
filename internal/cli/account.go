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
	"github.com/conversations-operator/conversations-operator/internal/controller"
	"github.com/conversations-operator/conversations-operator/internal/twilio"
)

// Variables of the environment that Twilio's own tools read, but for the last.
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

// access is an account at Twilio that can be asked.
type access struct {
	*twilio.Client
	// source says where the credentials are from, for messages.
	source string
	// sid is the account's, region where it is asked, and service its default Conversation Service there.
	sid, region, service string
}

// rejectedError says which credentials Twilio does not take.
type rejectedError struct {
	source string
	err    error
}

func (e *rejectedError) Error() string { return e.err.Error() }
func (e *rejectedError) Unwrap() error { return e.err }

// explicit tells whether the environment or the flags say which account to ask.
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

// access finds the credentials to ask Twilio with, and makes sure that Twilio takes them.
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
	acct, facts, err := controller.AccountOf(ctx, c, probe)
	if err != nil {
		return nil, c.fails(err)
	}
	if acct == nil {
		return nil, fmt.Errorf("%s; in namespace %s none can be used by default: %s", noCredentials, c.namespace, facts.Message)
	}
	return s.openAccount(ctx, c, acct)
}

func (s *session) openAccount(ctx context.Context, c *cluster, acct controller.Account) (*access, error) {
	key := acct.CredentialsSecret()
	secret := &corev1.Secret{}
	if err := c.Get(ctx, key, secret); err != nil {
		if apierrors.IsNotFound(err) {
			return nil, fmt.Errorf("the Secret %s of %s %s does not exist: create it", key, acct.AccountKind(), acct.GetName())
		}
		return nil, c.fails(err)
	}
	cfg, problem := controller.Credentials(acct, secret)
	if problem != "" {
		return nil, errors.New(problem)
	}
	return s.open(ctx, cfg, fmt.Sprintf("the Secret %s", key))
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

// configuration is what is known of the account. A key that is restricted to conversations may not read it, and a
// conversation tells as much; where there is none, sid is the account.
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
