package main

import (
	"context"
	"encoding/base64"
	"slices"
	"time"

	"github.com/go-acme/lego/v5/acme"
)

// revocation is a certificate whose key its server has given up, and what became of it (RFC 8555 section 7.6).
type revocation struct {
	Serial   string    `json:"serial"`
	NotAfter time.Time `json:"notAfter"`
	// RFC 5280 section 5.3.1.
	Reason uint `json:"reason"`
	// The directory that has issued it: no other authority can revoke it.
	Directory string `json:"directory"`
	// The certificate itself, as the authority wants it; nothing once it is revoked.
	Certificate string     `json:"certificate,omitempty"`
	RevokedAt   *time.Time `json:"revokedAt,omitempty"`

	NextAttempt *time.Time `json:"nextAttempt,omitempty"`
	Failures    int        `json:"failures,omitempty"`
	Problem     *problem   `json:"problem,omitempty"`
}

const (
	keyCompromise uint = 1
	superseded    uint = 4
	// Servers look for a chain once a second, and some reload for it: until then they show the former one.
	revocationDelay = time.Minute
)

// noteFormer remembers the certificate that is about to be followed by one for another key. It is on the disk before the chain
// is: an agent that is killed in between would not know what to revoke.
func (a *agent) noteFormer(o *order, done result, now time.Time) {
	former := o.chain
	if former == nil || sameKey(former, done.chain) || !former.leaf().NotAfter.After(now) {
		return
	}
	directory := o.status.Directory
	if directory == "" {
		directory = done.directory
	}
	reason := superseded
	if o.settings.FormerKeyLeaked {
		reason = keyCompromise
	}
	at := now.Add(revocationDelay)
	o.status.Revocations = append(o.status.Revocations, revocation{
		Serial: former.serial(), NotAfter: former.leaf().NotAfter.UTC(), Reason: reason, Directory: directory,
		Certificate: base64.RawURLEncoding.EncodeToString(former.leaf().Raw), NextAttempt: &at,
	})
	a.note(o)
}

func sameKey(one, other *chain) bool {
	return slices.Equal(one.leaf().RawSubjectPublicKeyInfo, other.leaf().RawSubjectPublicKeyInfo)
}

// startRevocations begins a conversation for what is due, one certificate of each order at a time.
func (a *agent) startRevocations(ctx context.Context, now time.Time) {
	for _, name := range a.names() {
		o := a.orders[name]
		o.status.Revocations = slices.DeleteFunc(o.status.Revocations, func(r revocation) bool {
			return !r.NotAfter.After(now)
		})
		index := slices.IndexFunc(o.status.Revocations, func(r revocation) bool { return a.isRevocationDue(o, r, now) })
		if index < 0 || o.revoking || a.conversations >= maxConversations {
			continue
		}
		o.revoking = true
		a.conversations++
		go a.revoke(ctx, a.settings, o, o.status.Revocations[index])
	}
}

// isRevocationDue leaves what is in service: the chain that was to follow may not have reached the disk.
func (a *agent) isRevocationDue(o *order, r revocation, now time.Time) bool {
	return r.RevokedAt == nil && r.Directory == a.settings.Directory && (r.NextAttempt == nil || !now.Before(*r.NextAttempt)) &&
		o.chain != nil && o.chain.serial() != r.Serial
}

func (a *agent) revoke(ctx context.Context, s *settings, o *order, r revocation) {
	err := revokeAt(ctx, s, a.clock, r)
	select {
	case a.results <- func() { a.applyRevocation(o, r, err) }:
	case <-ctx.Done():
	}
}

// revokeAt signs with the account's key: the agent never has the certificate's own.
func revokeAt(ctx context.Context, s *settings, clock *clock, r revocation) error {
	opened, err := open(s, clock)
	if err != nil {
		return err
	}
	defer opened.close()
	ctx, cancel := context.WithTimeout(ctx, orderPatience)
	defer cancel()
	if _, err := opened.findAccount(ctx, s); err != nil {
		return err
	}
	return opened.core.Certificates.Revoke(ctx, acme.RevokeCertMessage{Certificate: r.Certificate, Reason: &r.Reason})
}

func (a *agent) applyRevocation(o *order, r revocation, err error) {
	a.conversations--
	o.revoking = false
	index := slices.IndexFunc(o.status.Revocations, func(each revocation) bool { return each.Serial == r.Serial })
	if index < 0 {
		return
	}
	now := a.clock.now()
	kept := &o.status.Revocations[index]
	var failed *problem
	if err != nil {
		failed = problemOf(err)
	}
	if failed == nil || failed.Type == acme.AlreadyRevokedErrorType {
		kept.RevokedAt, kept.Certificate, kept.NextAttempt, kept.Failures, kept.Problem = &now, "", nil, 0, nil
		logf("%s: revoked the certificate %s of the former key", o.settings.Name, r.Serial)
	} else {
		kept.Failures++
		kept.Problem = failed
		next := now.Add(pauseAfter(failed, kept.Failures, 0))
		kept.NextAttempt = &next
		logf("%s: the certificate %s of the former key is not revoked: %s; next attempt at %s", o.settings.Name, r.Serial,
			failed.Error(), next.Format(time.RFC3339))
	}
	if a.orders[o.settings.Name] == o {
		a.note(o)
	}
}
