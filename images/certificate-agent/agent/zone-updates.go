package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/miekg/dns"
)

// tsigKey signs messages to a name server (RFC 8945).
type tsigKey struct {
	Name      string `json:"name"`
	Algorithm string `json:"algorithm"`
	Secret    string `json:"secret"`
}

// zoneUpdates puts proofs into a zone by DNS UPDATE (RFC 2136).
type zoneUpdates struct {
	zone, server string
	key          tsigKey
}

// proofTTL is short, so that a resolver forgets the proof before.
const proofTTL = 10

const updatePatience = 10 * time.Second

func (z *zoneUpdates) put(ctx context.Context, owner, value string) error {
	return z.update(ctx, func(message *dns.Msg) { message.Insert([]dns.RR{proof(owner, value)}) })
}

func (z *zoneUpdates) remove(ctx context.Context, owner, value string) error {
	return z.update(ctx, func(message *dns.Msg) { message.Remove([]dns.RR{proof(owner, value)}) })
}

func proof(owner, value string) dns.RR {
	return &dns.TXT{
		Hdr: dns.RR_Header{Name: dns.Fqdn(owner), Rrtype: dns.TypeTXT, Class: dns.ClassINET, Ttl: proofTTL},
		Txt: []string{value},
	}
}

// update is sent over TCP: one that is lost on its way would cost a wait.
func (z *zoneUpdates) update(ctx context.Context, change func(*dns.Msg)) error {
	message := new(dns.Msg).SetUpdate(dns.Fqdn(z.zone))
	change(message)
	message.SetTsig(dns.Fqdn(z.key.Name), dns.Fqdn(z.key.Algorithm), 300, time.Now().Unix())
	client := &dns.Client{Net: "tcp", Timeout: updatePatience, TsigSecret: map[string]string{dns.Fqdn(z.key.Name): z.key.Secret}}
	answer, _, err := client.ExchangeContext(ctx, message, z.server)
	// An answer that says what is wrong with the signature is not signed itself (RFC 8945 section 5.3.2).
	if refusal := z.refusalOf(answer); refusal != "" {
		return &problem{Type: zoneProblem, Detail: refusal, Nature: forbidden}
	}
	if errors.Is(err, dns.ErrSig) || errors.Is(err, dns.ErrTime) || errors.Is(err, dns.ErrKeyAlg) || errors.Is(err, dns.ErrSecret) {
		return &problem{Type: zoneProblem, Detail: fmt.Sprintf("the answer of the name server %s is not signed by the key %s", z.server, z.key.Name), Nature: forbidden}
	}
	if err != nil {
		detail := fmt.Sprintf("the name server %s of the zone %s cannot be reached: %s", z.server, z.zone, plainDial(err))
		return &problem{Type: zoneProblem, Detail: detail, Nature: temporary}
	}
	if answer.Rcode == dns.RcodeSuccess && answer.IsTsig() == nil {
		return &problem{Type: zoneProblem, Detail: fmt.Sprintf("the answer of the name server %s is not signed", z.server), Nature: forbidden}
	}
	return nil
}

// refusalOf is what the name server has against the update; nothing where it has made it.
func (z *zoneUpdates) refusalOf(answer *dns.Msg) string {
	if answer == nil || answer.Rcode == dns.RcodeSuccess {
		return ""
	}
	server, key, zone := z.server, strings.TrimSuffix(z.key.Name, "."), z.zone
	if signature := answer.IsTsig(); signature != nil {
		switch int(signature.Error) {
		case dns.RcodeBadKey:
			return fmt.Sprintf("the name server %s does not know the key %s with %s", server, key, z.key.Algorithm)
		case dns.RcodeBadSig:
			return fmt.Sprintf("the name server %s has another secret for the key %s", server, key)
		case dns.RcodeBadTime:
			return fmt.Sprintf("the clock of the name server %s is not that of this host", server)
		}
	}
	switch answer.Rcode {
	case dns.RcodeRefused:
		return fmt.Sprintf("the name server %s does not allow the key %s to change the zone %s", server, key, zone)
	case dns.RcodeNotAuth, dns.RcodeNotZone:
		return fmt.Sprintf("the name server %s does not accept the key %s for the zone %s: it does not know the key, does not allow it this zone, or is not its primary", server, key, zone)
	}
	return fmt.Sprintf("the name server %s answers %s to a change of the zone %s", server, dns.RcodeToString[answer.Rcode], zone)
}

// plainDial is a failure to connect, without the address, which stands beside it.
func plainDial(err error) string {
	if dial, ok := errors.AsType[*net.OpError](err); ok && dial.Err != nil {
		return dial.Err.Error()
	}
	return plain(err)
}
