package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-acme/lego/v5/acme"
	"github.com/go-acme/lego/v5/acme/api"
	"github.com/go-acme/lego/v5/challenge"
	"github.com/miekg/dns"
)

// persistentProof is a TXT record that proves a name for as long as it stands (draft-ietf-acme-dns-persist): it names the
// authority and the account. Whoever publishes the domain's records has put it there; nothing is changed for an order.
type persistentProof struct {
	// The domains by which the authority is named; one of them will do.
	issuers []string
	account string
	// When it has to prove.
	at time.Time
}

// checkPersistentProofs looks whether each name has its record: said here, it costs no order, and none of the failed
// validations that the authority counts. A look-up that fails decides nothing.
func checkPersistentProofs(ctx context.Context, server string, wanted persistentProof, names []string) *problem {
	// An authority without such names shows them with its challenges.
	if len(wanted.issuers) == 0 {
		return nil
	}
	for _, name := range names {
		if found := wanted.missingAt(ctx, server, name); found != nil {
			return found
		}
	}
	return nil
}

func (p persistentProof) missingAt(ctx context.Context, server, name string) *problem {
	at := "_validation-persist." + name
	found, err := textsOf(ctx, server, at)
	if err != nil {
		logf("the record %s is not known: %s", at, err)
		return nil
	}
	var others []string
	for _, text := range found {
		// Those of other authorities stand beside it.
		issuer, _, _ := strings.Cut(text, ";")
		if !slices.Contains(p.issuers, strings.TrimSpace(issuer)) {
			continue
		}
		_, parameters, err := parseIssuer(text)
		if err == nil && parameters["accounturi"] == p.account && !p.isOver(parameters["persistuntil"]) {
			return nil
		}
		others = append(others, strconv.Quote(text))
	}
	detail := fmt.Sprintf("%s has to have the TXT record %q", at, p.issuers[0]+"; accounturi="+p.account)
	if len(others) > 0 {
		detail += ", and has " + strings.Join(others, " and ")
	}
	return &problem{Type: dnsProblem, Detail: detail, Name: name, Nature: forbidden}
}

// isOver says whether a record's time has passed, in seconds since 1970; one that nobody can read has.
func (p persistentProof) isOver(until string) bool {
	if until == "" {
		return false
	}
	seconds, err := strconv.ParseInt(until, 10, 64)
	return err != nil || p.at.Unix() > seconds
}

func textsOf(ctx context.Context, server, name string) ([]string, error) {
	records, err := recordsAt[*dns.TXT](ctx, server, name, dns.TypeTXT)
	var texts []string
	for _, record := range records {
		texts = append(texts, strings.Join(record.Txt, ""))
	}
	return texts, err
}

// persistentProofs has an authority look at such records. The library's own solver is for people: it waits at a terminal for
// somebody to publish the record.
type persistentProofs struct {
	core     *api.Core
	resolver string
	account  string
	clock    *clock
}

func (p *persistentProofs) Solve(ctx context.Context, authorizations []acme.Authorization) error {
	for _, authorization := range authorizations {
		if err := p.solve(ctx, authorization); err != nil {
			return err
		}
	}
	return nil
}

func (p *persistentProofs) solve(ctx context.Context, authorization acme.Authorization) error {
	// From an order before.
	if authorization.Status == acme.StatusValid {
		return nil
	}
	offered, err := challenge.FindChallenge(challenge.DNSPersist01, authorization)
	if err != nil {
		return err
	}
	// Some authorities leave out which account they look for.
	wanted := persistentProof{
		issuers: offered.IssuerDomainNames, account: cmp.Or(offered.AccountURI, p.account), at: p.clock.now(),
	}
	if missing := checkPersistentProofs(ctx, p.resolver, wanted, []string{authorization.Identifier.Value}); missing != nil {
		return missing
	}
	begun, err := p.core.Challenges.New(ctx, offered.URL)
	if err != nil {
		return err
	}
	return p.await(ctx, begun)
}

// await asks for the authorization as often as the authority wants.
func (p *persistentProofs) await(ctx context.Context, begun acme.ExtendedChallenge) error {
	for {
		found, err := p.core.Authorizations.Get(ctx, begun.AuthorizationURL)
		if err != nil {
			return err
		}
		switch found.Status {
		case acme.StatusValid:
			return nil
		case acme.StatusPending, acme.StatusProcessing:
		default:
			return whyInvalid(found)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(cmp.Or(begun.RetryAfter, time.Second)):
		}
	}
}

func whyInvalid(authorization acme.Authorization) error {
	for _, tried := range authorization.Challenges {
		if tried.Status == acme.StatusInvalid && tried.Error != nil {
			return tried.Err()
		}
	}
	return fmt.Errorf("the authorization is %s", authorization.Status)
}
