package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/miekg/dns"
)

// checkCAA looks for a CAA record that forbids the authority to issue for a name (RFC 8659): said here, it is one clear error
// and costs none of the failed validations that the authority counts. A look-up that fails decides nothing: the
// authority looks for itself, from other places.
func checkCAA(ctx context.Context, lookUp caaLookUp, names []string, asker caaAsker) *problem {
	// An authority without such names, inside a company, looks at no CAA record.
	if len(asker.identities) == 0 {
		return nil
	}
	for _, name := range names {
		owner, records, err := relevantCAA(ctx, lookUp, name)
		if err != nil {
			logf("the CAA records of %s are not known: %s", name, err)
			continue
		}
		if reason := asker.refusedBy(records); reason != "" {
			return &problem{
				Type:   caaProblem,
				Detail: fmt.Sprintf("the CAA records at %s %s", owner, reason),
				Name:   name,
				Nature: forbidden,
			}
		}
	}
	return nil
}

type caaLookUp func(ctx context.Context, name string) ([]*dns.CAA, error)

// relevantCAA climbs from the name to the root until there are CAA records (RFC 8659 section 3). Aliases are followed by the
// resolver, at each step.
func relevantCAA(ctx context.Context, lookUp caaLookUp, name string) (string, []*dns.CAA, error) {
	labels := dns.SplitDomainName(name)
	for len(labels) > 0 {
		at := strings.Join(labels, ".")
		records, err := lookUp(ctx, at)
		if err != nil || len(records) > 0 {
			return at, records, err
		}
		labels = labels[1:]
	}
	return "", nil, nil
}

// caaAsker is who asks for a certificate, as CAA records describe it.
type caaAsker struct {
	// The domains by which the authority is named (RFC 8555 section 7.1.1, caaIdentities).
	identities []string
	account    string
	// How the names are proved (RFC 8657 section 4).
	method string
}

// refusedBy says why these records forbid a certificate; nothing where they allow it.
func (a caaAsker) refusedBy(records []*dns.CAA) string {
	var issuers []*dns.CAA
	for _, record := range records {
		switch strings.ToLower(record.Tag) {
		case "issue":
			issuers = append(issuers, record)
		case "issuewild", "iodef", "contactemail", "contactphone", "issuemail", "issuevmc":
		default:
			// RFC 8659 section 4.5: whoever does not know a critical property must not issue.
			if record.Flag&128 != 0 {
				return fmt.Sprintf("have the critical property %q, which no authority may pass over", record.Tag)
			}
		}
	}
	// Without an "issue" property there is no restriction (section 4.2).
	if len(issuers) == 0 {
		return ""
	}
	var reasons []string
	for _, record := range issuers {
		reason := a.refusedByIssuer(record.Value)
		if reason == "" {
			return ""
		}
		reasons = append(reasons, reason)
	}
	// The longest is that of a record for this authority, which says most.
	slices.SortStableFunc(reasons, func(x, y string) int { return len(y) - len(x) })
	return reasons[0]
}

func (a caaAsker) refusedByIssuer(value string) string {
	authority, parameters, err := parseIssuer(value)
	if err != nil {
		return fmt.Sprintf("have the value %q, which cannot be read: %s", value, err)
	}
	wanted := strings.Join(a.identities, " or ")
	if !slices.Contains(a.identities, authority) {
		return "do not allow " + wanted
	}
	// RFC 8657 section 3: only this account.
	if account, ok := parameters["accounturi"]; ok && account != a.account {
		return fmt.Sprintf("allow %s only for the account %s, and this one is %s", authority, account, a.account)
	}
	// RFC 8657 section 4: only these methods.
	if methods, ok := parameters["validationmethods"]; ok {
		allowed := slices.ContainsFunc(strings.Split(methods, ","), func(method string) bool {
			return strings.TrimSpace(method) == a.method
		})
		if !allowed {
			return fmt.Sprintf("allow %s only by %s, and this agent proves a name by %s", authority, methods, a.method)
		}
	}
	return ""
}

// parseIssuer reads the value of an "issue" property (RFC 8659 section 4.2).
func parseIssuer(value string) (string, map[string]string, error) {
	parts := strings.Split(value, ";")
	parameters := map[string]string{}
	for _, part := range parts[1:] {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		tag, text, ok := strings.Cut(part, "=")
		tag = strings.ToLower(strings.TrimSpace(tag))
		if !ok || tag == "" {
			return "", nil, errors.New("a parameter is not tag=value")
		}
		if _, twice := parameters[tag]; twice {
			return "", nil, fmt.Errorf("the parameter %q stands twice", tag)
		}
		parameters[tag] = strings.TrimSpace(text)
	}
	return strings.ToLower(strings.TrimSpace(parts[0])), parameters, nil
}

// caaFrom asks a resolver, "address:port"; without one, the system's.
func caaFrom(server string) caaLookUp {
	return func(ctx context.Context, name string) ([]*dns.CAA, error) {
		return recordsAt[*dns.CAA](ctx, server, name, dns.TypeCAA)
	}
}

// recordsAt asks a resolver, "address:port", or the system's, for the records of one kind; what an alias leads to is among them.
func recordsAt[Record dns.RR](ctx context.Context, server, name string, kind uint16) ([]Record, error) {
	servers, err := resolvers(server)
	if err != nil {
		return nil, err
	}
	answer, err := ask(ctx, servers, name, kind)
	if err != nil {
		return nil, err
	}
	var records []Record
	for _, each := range answer {
		if record, ok := each.(Record); ok {
			records = append(records, record)
		}
	}
	return records, nil
}

// ask tries up to three times, one server after the other.
func ask(ctx context.Context, servers []string, name string, kind uint16) ([]dns.RR, error) {
	var failure error
	for attempt := range 3 {
		answer, err := exchange(ctx, servers[attempt%len(servers)], name, kind)
		if err != nil {
			failure = err
			continue
		}
		return answer, nil
	}
	return nil, failure
}

func resolvers(server string) ([]string, error) {
	if server != "" {
		return []string{server}, nil
	}
	system, err := dns.ClientConfigFromFile("/etc/resolv.conf")
	if err != nil {
		return nil, err
	}
	var servers []string
	for _, address := range system.Servers {
		servers = append(servers, net.JoinHostPort(address, system.Port))
	}
	if len(servers) == 0 {
		return nil, errors.New("/etc/resolv.conf names no resolver")
	}
	return servers, nil
}

func exchange(ctx context.Context, server, name string, kind uint16) ([]dns.RR, error) {
	question := new(dns.Msg).SetQuestion(dns.Fqdn(name), kind)
	question.SetEdns0(1232, false)
	client := &dns.Client{Timeout: 3 * time.Second}
	answer, _, err := client.ExchangeContext(ctx, question, server)
	if err == nil && answer.Truncated {
		client.Net = "tcp"
		answer, _, err = client.ExchangeContext(ctx, question, server)
	}
	if err != nil {
		return nil, err
	}
	if answer.Rcode != dns.RcodeSuccess && answer.Rcode != dns.RcodeNameError {
		return nil, fmt.Errorf("%s answers %s", server, dns.RcodeToString[answer.Rcode])
	}
	return answer.Answer, nil
}
