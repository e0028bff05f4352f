package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/go-acme/lego/v5/acme"
)

// problem says why there is no new certificate.
type problem struct {
	// An ACME error (RFC 8555 section 6.7), or one of the types below.
	Type   string `json:"type"`
	Detail string `json:"detail"`
	// The host name that it is about, if it is about one.
	Name string `json:"name,omitempty"`

	// What helps, and with it when to try again.
	Nature nature `json:"nature,omitempty"`

	// What the authority has asked for.
	retryAfter time.Duration
}

const (
	// The authority cannot be reached, or is out of order.
	networkProblem = "network"
	// A CAA record forbids this authority (RFC 8659); found before it was asked.
	caaProblem = "caa"
	// A name's own records do not lead where they should; found before the authority was asked.
	dnsProblem = "dns"
	// The zone in which names are proved cannot be changed.
	zoneProblem = "zone"
	// The authority does not offer the method by which names are to be proved.
	methodProblem = "method"
	// What the authority has sent is not a certificate for the request.
	chainProblem = "chain"
	// The chain cannot be written.
	diskProblem = "disk"
)

const rateLimitedType = acme.RateLimitedErrorType

// nature decides when it makes sense to try again.
type nature string

const (
	// It passes by itself.
	temporary nature = "temporary"
	// The authority has looked at a name and not found what it should; it counts that.
	validation nature = "validation"
	// The authority has said when.
	limited nature = "limited"
	// Nothing but another record in the DNS helps, and asking costs nothing.
	forbidden nature = "forbidden"
	// Nothing but another configuration, or the authority's own help.
	refused nature = "refused"
)

func (p *problem) Error() string {
	if p.Name == "" {
		return fmt.Sprintf("%s (%s)", p.Detail, p.Type)
	}
	return fmt.Sprintf("%s: %s (%s)", p.Name, p.Detail, p.Type)
}

// failedName is an error of one name's validation.
type failedName struct {
	name string
	err  error
}

func (f *failedName) Error() string { return f.name + ": " + f.err.Error() }
func (f *failedName) Unwrap() error { return f.err }

// unavailable is an answer of a server that is out of order or under load, whatever its text.
type unavailable struct {
	status     string
	retryAfter time.Duration
}

func (u *unavailable) Error() string { return "the authority answers " + u.status }

// problemOf finds what is behind an error of the library.
func problemOf(err error) *problem {
	if own, ok := errors.AsType[*problem](err); ok {
		return own
	}
	found := &problem{Type: networkProblem, Detail: plain(err), Nature: temporary}
	if answer, ok := errors.AsType[*unavailable](err); ok {
		found.Detail, found.retryAfter = answer.Error(), answer.retryAfter
		return found
	}
	if failed, ok := errors.AsType[*failedName](err); ok {
		found.Name = failed.name
	}
	if limit, ok := errors.AsType[*acme.RateLimitedError](err); ok {
		found.Nature, found.retryAfter = limited, limit.RetryAfter
	}
	details, ok := errors.AsType[*acme.ProblemDetails](err)
	if !ok {
		return found
	}
	found.Type, found.Detail = details.Type, details.Detail
	for _, part := range details.SubProblems {
		found.Detail += "; " + part.Identifier.Value + ": " + part.Detail
		if found.Name == "" {
			found.Name = part.Identifier.Value
		}
	}
	if found.Nature != limited {
		found.Nature = natureOf(details, found.Name != "")
	}
	if found.Type == acme.UserActionRequiredErrorType && details.Instance != "" {
		found.Detail += " (" + details.Instance + ")"
	}
	return found
}

func natureOf(details *acme.ProblemDetails, ofName bool) nature {
	switch details.Type {
	case acme.RateLimitedErrorType:
		return limited
	case acme.ServerInternalErrorType, acme.BadNonceErrorType, acme.OrderNotReadyErrorType:
		return temporary
	}
	if details.HTTPStatus >= 500 {
		return temporary
	}
	if ofName {
		switch details.Type {
		case acme.RejectedIdentifierErrorType, acme.UnsupportedIdentifierErrorType:
			return refused
		}
		return validation
	}
	return refused
}

// plain is a network error in as few words as say it.
func plain(err error) string {
	if errors.Is(err, context.DeadlineExceeded) {
		return "the authority does not answer in time"
	}
	if lookup, ok := errors.AsType[*net.DNSError](err); ok {
		return lookup.Error()
	}
	if dial, ok := errors.AsType[*net.OpError](err); ok {
		return dial.Error()
	}
	text := err.Error()
	if cut := strings.IndexByte(text, '\n'); cut >= 0 {
		text = text[:cut]
	}
	return text
}
