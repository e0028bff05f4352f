package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/go-acme/lego/v5/acme"
	"github.com/go-acme/lego/v5/acme/api"
	"github.com/go-acme/lego/v5/certificate"
	"github.com/go-acme/lego/v5/challenge"
	"github.com/go-acme/lego/v5/challenge/dns01"
	"github.com/go-acme/lego/v5/challenge/resolver"
)

const (
	requestPatience = 30 * time.Second
	// Much longer than any authority needs: a validation from several places, and a certificate transparency log.
	orderPatience = 5 * time.Minute
)

// authority is a conversation with an ACME server under one account, for as long as there are orders.
type authority struct {
	core   *api.Core
	client *http.Client
	clock  *clock

	mutex   sync.Mutex
	account string
}

// open reads the directory.
func open(s *settings, clock *clock) (*authority, error) {
	client := newClient(s.roots)
	core, err := api.New(client, "maildomain/"+version, s.Directory, "", s.accountKey)
	if err != nil {
		client.CloseIdleConnections()
		return nil, err
	}
	return &authority{core: core, client: client, clock: clock}, nil
}

func (a *authority) close() { a.client.CloseIdleConnections() }

// newClient connects like Go's own, with further roots and with a limit to each wait.
func newClient(roots *x509.CertPool) *http.Client {
	dialer := &net.Dialer{Timeout: requestPatience / 2}
	return &http.Client{
		Timeout: requestPatience,
		Transport: &inOrder{&http.Transport{
			Proxy:               http.ProxyFromEnvironment,
			DialContext:         dialer.DialContext,
			TLSHandshakeTimeout: requestPatience / 2,
			TLSClientConfig:     &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
			MaxIdleConnsPerHost: ordersAtOnce,
			IdleConnTimeout:     requestPatience,
			ForceAttemptHTTP2:   false,
		}},
	}
}

// inOrder makes an error of each answer that only says "not now": a proxy's page in HTML says as much as a problem document.
type inOrder struct{ transport *http.Transport }

func (i *inOrder) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := i.transport.RoundTrip(request)
	if err != nil || !saysNotNow(response) {
		return response, err
	}
	response.Body.Close()
	return nil, &unavailable{status: response.Status, retryAfter: retryAfter(response.Header)}
}

func (i *inOrder) CloseIdleConnections() { i.transport.CloseIdleConnections() }

func saysNotNow(response *http.Response) bool {
	// An ACME server's limits and errors come as problem documents, which say which one (RFC 8555 section 6.7).
	if strings.HasPrefix(response.Header.Get("Content-Type"), "application/problem+json") {
		return response.StatusCode >= 500 && response.Header.Get("Retry-After") != ""
	}
	return response.StatusCode >= 500 || response.StatusCode == http.StatusTooManyRequests
}

// retryAfter is RFC 9110 section 10.2.3: seconds, or a time.
func retryAfter(header http.Header) time.Duration {
	text := header.Get("Retry-After")
	if seconds, err := strconv.Atoi(text); err == nil && seconds > 0 {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(0, time.Until(at))
	}
	return 0
}

// order asks for the certificate, and answers its challenges meanwhile.
func (a *authority) order(ctx context.Context, c *challengeServer, s *settings, order orderSettings, replaces string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, orderPatience)
	defer cancel()
	names := &eachName{core: a.core, account: a.account, challenges: c, settings: s, clock: a.clock}
	certifier := certificate.NewCertifier(a.core, names, certificate.CertifierOptions{Timeout: orderPatience / 2})
	obtained, err := certifier.ObtainForCSR(ctx, certificate.ObtainForCSRRequest{
		CSR:            order.request,
		Bundle:         true,
		Profile:        s.Profile,
		ReplacesCertID: replaces,
	})
	if err != nil {
		return nil, err
	}
	return obtained.Certificate, nil
}

// eachName proves one name after the other, so that each failure is known by its name.
type eachName struct {
	core       *api.Core
	account    string
	challenges *challengeServer
	settings   *settings
	clock      *clock
}

func (e *eachName) Solve(ctx context.Context, authorizations []acme.Authorization) error {
	method := e.settings.method()
	if missing := notOffered(method, authorizations); missing != nil {
		return missing
	}
	prover, proofs, err := e.prepare(method)
	if err != nil {
		return err
	}
	var failed failedNames
	for _, authorization := range authorizations {
		if err := prover.Solve(ctx, []acme.Authorization{authorization}); err != nil {
			if proofs != nil {
				err = proofs.explain(authorization.Identifier.Value, err)
			}
			failed = append(failed, &failedName{name: authorization.Identifier.Value, err: err})
			// What is wrong with the zone is wrong for every name.
			if problemOf(err).Type == zoneProblem {
				break
			}
		}
	}
	if len(failed) > 0 {
		return failed
	}
	return nil
}

// prover has an authority see that names lead here.
type prover interface {
	Solve(ctx context.Context, authorizations []acme.Authorization) error
}

// prepare offers the one method that the settings declare: an authority must not fall back to another.
func (e *eachName) prepare(method challenge.Type) (prover, *proofZone, error) {
	solvers := resolver.NewSolversManager(e.core)
	prober := resolver.NewProber(solvers)
	switch method {
	case challenge.DNS01:
		servers, err := resolvers(e.settings.Resolver)
		if err != nil {
			return nil, nil, err
		}
		dns01.SetDefaultClient(dns01.NewClient(&dns01.Options{RecursiveNameservers: servers}))
		proofs := newProofZone(e.settings.DNS, e.settings.Resolver)
		return prober, proofs, solvers.SetDNS01Provider(proofs,
			dns01.WrapPreCheck(proofs.isShown), dns01.DisableRecursiveNSsPropagationRequirement())
	case challenge.DNSPersist01:
		return &persistentProofs{core: e.core, resolver: e.settings.Resolver, account: e.account, clock: e.clock}, nil, nil
	}
	return prober, nil, solvers.SetHTTP01Provider(e.challenges)
}

// notOffered says that the authority does not offer the method, which is one problem for the whole order. What is proved
// already needs none.
func notOffered(method challenge.Type, authorizations []acme.Authorization) error {
	for _, authorization := range authorizations {
		if authorization.Status == acme.StatusValid {
			continue
		}
		if _, err := challenge.FindChallenge(method, authorization); err == nil {
			continue
		}
		var offered []string
		for _, one := range authorization.Challenges {
			offered = append(offered, one.Type)
		}
		detail := fmt.Sprintf("the authority does not offer %s, by which names are to be proved, but %s",
			method, cmp.Or(strings.Join(offered, ", "), "nothing"))
		return &problem{Type: methodProblem, Detail: detail, Nature: refused}
	}
	return nil
}

type failedNames []*failedName

func (f failedNames) Error() string { return f[0].Error() }
func (f failedNames) Unwrap() []error {
	var all []error
	for _, one := range f {
		all = append(all, one)
	}
	return all
}
