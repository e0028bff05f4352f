package main

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/go-acme/lego/v5/acme/api"
	"github.com/go-acme/lego/v5/certificate"
)

// renewalInfo is what the authority has said of one certificate's renewal (RFC 9773 section 4.2).
type renewalInfo struct {
	Serial string     `json:"serial"`
	Start  *time.Time `json:"start,omitempty"`
	End    *time.Time `json:"end,omitempty"`
	// A moment of the window, drawn once per window, so that not everybody comes at the same time.
	At          *time.Time `json:"at,omitempty"`
	Explanation string     `json:"explanation,omitempty"`
	AskAgain    time.Time  `json:"askAgain"`
	// Times in a row without an answer.
	Failures int `json:"failures,omitempty"`
}

// RFC 9773 section 4.3.2: neither more often nor less often, whatever the authority says.
const (
	soonestQuestion = time.Minute
	latestQuestion  = 24 * time.Hour
	usualQuestion   = 6 * time.Hour
)

// askRenewalInfo brings what is known up to date; on an error it keeps that, and asks later.
func askRenewalInfo(ctx context.Context, a *authority, c *chain, known *renewalInfo, now time.Time) *renewalInfo {
	asked := knownOf(c, known)
	certifier := certificate.NewCertifier(a.core, nil, certificate.CertifierOptions{})
	answer, err := certifier.GetRenewalInfo(ctx, c.leaf())
	if errors.Is(err, api.ErrNoARI) {
		return &renewalInfo{Serial: asked.Serial, AskAgain: now.Add(latestQuestion)}
	}
	if err != nil {
		return unansweredQuestion(c, known, now)
	}
	start, end := answer.SuggestedWindow.Start.UTC(), answer.SuggestedWindow.End.UTC()
	if asked.Start == nil || asked.End == nil || !asked.Start.Equal(start) || !asked.End.Equal(end) {
		at := start.Add(time.Duration(rand.Int64N(int64(end.Sub(start))))).Truncate(time.Second)
		asked.Start, asked.End, asked.At = &start, &end, &at
	}
	asked.Explanation, asked.Failures = answer.ExplanationURL, 0
	pause := answer.RetryAfter
	if pause == 0 {
		pause = usualQuestion
	}
	asked.AskAgain = now.Add(max(soonestQuestion, min(pause, latestQuestion)))
	return asked
}

// unansweredQuestion keeps what is known: errors are tried again with growing pauses (section 4.3.3), and the lifetime decides
// meanwhile.
func unansweredQuestion(c *chain, known *renewalInfo, now time.Time) *renewalInfo {
	kept := knownOf(c, known)
	kept.Failures++
	kept.AskAgain = now.Add(min(soonestQuestion<<min(kept.Failures, 10), usualQuestion))
	return kept
}

func knownOf(c *chain, known *renewalInfo) *renewalInfo {
	kept := &renewalInfo{}
	if known != nil && known.Serial == c.serial() {
		*kept = *known
	}
	kept.Serial = c.serial()
	return kept
}

// renewAt is the moment from which the chain is to be replaced: what the authority says, or two thirds of the lifetime.
func renewAt(c *chain, info *renewalInfo, obtained *time.Time) time.Time {
	at := c.atShare(2, 3)
	if info != nil && info.Serial == c.serial() && info.At != nil {
		at = *info.At
		// Whatever the authority says, there has to be time to fail in.
		if latest := c.atShare(5, 6); at.After(latest) {
			at = latest
		}
	}
	// Where this clock and the authority's differ, each new certificate would be due at once.
	if obtained != nil {
		if earliest := obtained.Add(min(c.lifetime()/10, 24*time.Hour)); at.Before(earliest) {
			at = earliest
		}
	}
	return at.Truncate(time.Second)
}
