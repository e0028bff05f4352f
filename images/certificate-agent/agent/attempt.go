package main

import (
	"context"
	"crypto/x509"
	"errors"
	"slices"

	"github.com/go-acme/lego/v5/acme"
	"github.com/go-acme/lego/v5/acme/api"
)

// result is what has become of one attempt.
type result struct {
	name string
	// The settings that it was made with: others may have come meanwhile.
	under *settings
	// The request that it was for: the configuration may have changed meanwhile.
	request   *x509.CertificateRequest
	directory string
	profile   string
	account   string

	chain   *chain
	problem *problem
	// The names whose validation has failed at the authority, which counts it.
	failedNames []string
}

// attempt orders one certificate. `present` is the chain in service, if the same authority has issued it.
func attempt(ctx context.Context, a *authority, c *challengeServer, s *settings, order orderSettings, present *chain) result {
	done := result{name: order.Name, under: s, request: order.request, directory: s.Directory, profile: s.Profile}
	account, err := a.findAccount(ctx, s)
	if err != nil {
		done.problem = problemOf(err)
		return done
	}
	done.account = account
	identities := a.core.GetDirectory().Meta.CaaIdentities
	asker := caaAsker{identities: identities, account: account, method: s.method().String()}
	if done.problem = checkCAA(ctx, caaFrom(s.Resolver), order.Names, asker); done.problem != nil {
		return done
	}
	if s.DNS != nil {
		if done.problem = checkAliases(ctx, s.Resolver, s.DNS, order.Names); done.problem != nil {
			return done
		}
	}
	if s.DNSPersist {
		wanted := persistentProof{issuers: identities, account: account, at: a.clock.now()}
		if done.problem = checkPersistentProofs(ctx, s.Resolver, wanted, order.Names); done.problem != nil {
			return done
		}
	}
	content, err := a.order(ctx, c, s, order, replaces(present, order))
	if err != nil && present != nil && isRefusedAsWhole(err) {
		// The authority may no longer know what is to be replaced, or whose it was; it is only a hint (RFC 9773 section 5).
		content, err = a.order(ctx, c, s, order, "")
	}
	if err != nil {
		done.problem = problemOf(err)
		done.failedNames = validationsIn(err)
		return done
	}
	obtained, err := parseChain(content)
	if err == nil {
		err = obtained.answers(order.request)
	}
	if err != nil {
		done.problem = &problem{
			Type: chainProblem, Detail: "the authority's certificate was not accepted: " + err.Error(), Nature: refused,
		}
		return done
	}
	done.chain = obtained
	return done
}

// replaces identifies the certificate that a renewal follows (RFC 9773 section 5), which has to have a name in common.
func replaces(present *chain, order orderSettings) string {
	if present == nil {
		return ""
	}
	shared := slices.ContainsFunc(present.leaf().DNSNames, func(name string) bool {
		return slices.Contains(order.Names, name)
	})
	if !shared {
		return ""
	}
	id, err := api.MakeARICertID(present.leaf())
	if err != nil {
		return ""
	}
	return id
}

func isRefusedAsWhole(err error) bool {
	found := problemOf(err)
	return found.Name == "" && (found.Nature == refused || found.Type == acme.ServerInternalErrorType)
}

func validationsIn(err error) []string {
	failed, ok := errors.AsType[failedNames](err)
	if !ok {
		return nil
	}
	var names []string
	for _, one := range failed {
		if problemOf(one).Nature == validation {
			names = append(names, one.name)
		}
	}
	return names
}
