package main

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-acme/lego/v5/challenge/dns01"
	"github.com/miekg/dns"
)

// proofZone is where names are proved by DNS-01 (RFC 8555 section 8.4): `_acme-challenge` of each name is an alias of a name in
// this zone, the only one that the agent may change.
type proofZone struct {
	settings *dnsSettings
	zone     zoneWriter
	// Whom to ask what the world sees; the zone's own name servers without it.
	resolver string

	mutex sync.Mutex
	// Why a proof is not seen, by name.
	hidden map[string]string
}

type zoneWriter interface {
	put(ctx context.Context, owner, value string) error
	remove(ctx context.Context, owner, value string) error
}

func newProofZone(s *dnsSettings, resolver string) *proofZone {
	proofs := &proofZone{settings: s, resolver: resolver, hidden: map[string]string{}}
	if s.Cloudflare != nil {
		proofs.zone = newCloudflareZone(s.Cloudflare.API, s.Zone, s.secrets.Token)
	} else {
		proofs.zone = &zoneUpdates{zone: s.Zone, server: s.Server, key: s.secrets.TSIG}
	}
	return proofs
}

// owner is where the proof of a name stands.
func (s *dnsSettings) owner(name string) string { return name + "." + s.Zone }

// Present, CleanUp and Timeout make it a challenge.Provider.
func (p *proofZone) Present(ctx context.Context, name, _, keyAuthorization string) error {
	return p.zone.put(ctx, p.settings.owner(name), proofOf(keyAuthorization))
}

func (p *proofZone) CleanUp(ctx context.Context, name, _, keyAuthorization string) error {
	err := p.zone.remove(ctx, p.settings.owner(name), proofOf(keyAuthorization))
	if err != nil {
		logf("the proof of %s stays in the zone %s: %s", name, p.settings.Zone, err)
	}
	return err
}

// Timeout is how long the name servers of the zone may take to show the proof, and how often they are asked.
func (p *proofZone) Timeout() (time.Duration, time.Duration) {
	if p.settings.Own {
		return time.Minute, 100 * time.Millisecond
	}
	return 2 * time.Minute, 2 * time.Second
}

// isShown says whether an authority would find the proof, and remembers why not.
func (p *proofZone) isShown(ctx context.Context, name, _, value string, check dns01.PreCheckFunc) (bool, error) {
	shown, err := p.look(ctx, p.settings.owner(name), value, check)
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.hidden[name] = ""
	if !shown {
		p.hidden[name] = "it is not there"
		if err != nil {
			p.hidden[name] = err.Error()
		}
	}
	return shown, err
}

// look asks each name server of the zone; only the server itself where that is the stack's own, and only the resolver where one
// is declared, since both may be out of reach of the world's.
func (p *proofZone) look(ctx context.Context, owner, value string, check dns01.PreCheckFunc) (bool, error) {
	if p.settings.Own {
		return holds(ctx, p.settings.Server, owner, value)
	}
	if p.resolver != "" {
		return holds(ctx, p.resolver, owner, value)
	}
	return check(ctx, dns.Fqdn(owner), value)
}

// explain makes of a wait that was in vain what was waited for.
func (p *proofZone) explain(name string, err error) error {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	why := p.hidden[name]
	if why == "" {
		return err
	}
	patience, _ := p.Timeout()
	detail := fmt.Sprintf("the zone %s does not show the proof within %s: %s", p.settings.Zone, patience, why)
	return &problem{Type: zoneProblem, Detail: detail, Name: name, Nature: temporary}
}

// holds says whether a name server has the proof.
func holds(ctx context.Context, server, owner, value string) (bool, error) {
	client := &dns.Client{Net: "tcp", Timeout: updatePatience}
	answer, _, err := client.ExchangeContext(ctx, new(dns.Msg).SetQuestion(dns.Fqdn(owner), dns.TypeTXT), server)
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(answer.Answer, func(record dns.RR) bool {
		text, ok := record.(*dns.TXT)
		return ok && strings.Join(text.Txt, "") == value
	}), nil
}

// proofOf is RFC 8555 section 8.4.
func proofOf(keyAuthorization string) string {
	digest := sha256.Sum256([]byte(keyAuthorization))
	return base64.RawURLEncoding.EncodeToString(digest[:])
}

// checkAliases looks whether each name leads its proof into the zone: said here, it costs none of the failed validations that
// the authority counts. A look-up that fails decides nothing.
func checkAliases(ctx context.Context, server string, s *dnsSettings, names []string) *problem {
	for _, name := range names {
		at, wanted := "_acme-challenge."+name, s.owner(name)
		found, err := aliasOf(ctx, server, at)
		if err != nil {
			logf("the alias %s is not known: %s", at, err)
			continue
		}
		if strings.EqualFold(found, dns.Fqdn(wanted)) {
			continue
		}
		detail := fmt.Sprintf("%s has to be an alias (CNAME) of %s", at, wanted)
		if found != "" {
			detail += ", and is one of " + strings.TrimSuffix(found, ".")
		}
		return &problem{Type: dnsProblem, Detail: detail, Name: name, Nature: forbidden}
	}
	return nil
}

func aliasOf(ctx context.Context, server, name string) (string, error) {
	aliases, err := recordsAt[*dns.CNAME](ctx, server, name, dns.TypeCNAME)
	if len(aliases) == 0 {
		return "", err
	}
	return aliases[0].Target, nil
}
