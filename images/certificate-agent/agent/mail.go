package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"net/smtp"
	"strings"
	"time"
)

// mailSettings say who gets reports by mail. The server has to accept mail for these addresses from anybody.
type mailSettings struct {
	To []string `json:"to"`
	// The stack's own mail server, "host:port".
	Server string `json:"server"`
	// By what people know the stack.
	Host string `json:"host"`
}

// sendMail hands a report to the mail server. It has no sender, so that nothing is sent back (RFC 3834 section 2), and comes from
// a name that nobody has, since this agent can sign for none.
func sendMail(s *mailSettings, made *report) error {
	ctx, cancel := context.WithTimeout(context.Background(), reportPatience)
	defer cancel()
	connection, err := (&net.Dialer{}).DialContext(ctx, "tcp", s.Server)
	if err != nil {
		return err
	}
	deadline, _ := ctx.Deadline()
	connection.SetDeadline(deadline)
	host, _, _ := net.SplitHostPort(s.Server)
	client, err := smtp.NewClient(connection, host)
	if err != nil {
		connection.Close()
		return err
	}
	defer client.Close()
	if err := client.Hello(mailName); err != nil {
		return err
	}
	if err := client.Mail(""); err != nil {
		return err
	}
	for _, address := range s.To {
		if err := client.Rcpt(address); err != nil {
			return fmt.Errorf("%s: %w", address, err)
		}
	}
	writer, err := client.Data()
	if err != nil {
		return err
	}
	if _, err := writer.Write(s.message(made)); err != nil {
		return err
	}
	if err := writer.Close(); err != nil {
		return err
	}
	// Accepted is accepted, however the conversation ends.
	client.Quit()
	return nil
}

// mailName ends in a top-level domain that is set aside for names inside.
const mailName = "certificate-agent.internal"

func (s *mailSettings) message(made *report) []byte {
	var text bytes.Buffer
	line := func(format string, values ...any) { fmt.Fprintf(&text, format+"\r\n", values...) }
	line("From: \"Certificate agent of %s\" <certificate-agent@%s>", s.Host, mailName)
	line("To: %s", strings.Join(s.To, ", "))
	line("Subject: %s", s.subject(made))
	line("Date: %s", made.At.UTC().Format(time.RFC1123Z))
	line("Message-ID: <%s@%s>", rand.Text(), mailName)
	line("Auto-Submitted: auto-generated")
	line("MIME-Version: 1.0")
	line("Content-Type: text/plain; charset=utf-8")
	line("Content-Transfer-Encoding: 8bit")
	line("")
	for _, order := range made.Orders {
		line("Certificate: %s, for %s", order.Name, strings.Join(order.Names, ", "))
		if order.NotAfter == nil {
			line("In service:  none yet but a temporary one, which clients refuse")
		} else {
			line("In service:  one that lasts until %s", order.NotAfter.UTC().Format(moment))
		}
		if order.NextAttempt != nil && made.Event != eventResolved {
			line("Attempts:    %d failed, the next at %s", order.Failures, order.NextAttempt.UTC().Format(moment))
		}
		line("")
	}
	if made.Problem != nil {
		line("Reason:      %s", oneLine(made.Problem.Error()))
		line("What to do:  %s", made.Problem.advice())
		line("")
		line("The agent tries again by itself. `npm run verify` shows how things are, docs/certificates.md explains each reason.")
	} else {
		line("Nothing has to be done.")
	}
	return text.Bytes()
}

const moment = "2006-01-02 15:04 UTC"

func (s *mailSettings) subject(made *report) string {
	what := "no new certificate yet"
	switch made.Event {
	case eventResolved:
		what = "certificates are in order again"
	case eventExpired:
		what = "a certificate has EXPIRED"
	case eventSerious:
		what = "a certificate expires soon, and there is no new one"
		if made.Orders[0].NotAfter == nil {
			what = "there is still no certificate"
		}
	}
	return fmt.Sprintf("%s: %s", s.Host, what)
}

// oneLine keeps what an authority says from becoming a header or a line of the report's own.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// advice is what helps.
func (p *problem) advice() string {
	switch p.Type {
	case zoneProblem:
		return "compare server, key and secret (or token) of certificates.acme.dns with what the zone's name server accepts"
	case dnsProblem:
		return "publish that record; `npm run records` lists it with the others"
	case methodProblem:
		return "have names proved by another method in certificates.acme, or name an authority that offers this one"
	case caaProblem:
		return "allow this authority and account in the CAA record, or in the one of the domain above"
	case networkProblem:
		return "nothing, if the authority is out of order; otherwise see whether this host reaches it"
	case diskProblem:
		return "make room on the disk of the certificates volume"
	case rateLimitedType:
		return "wait: the authority has said until when"
	}
	if p.Nature == validation {
		return "see whether the name leads to this host, and whether the authority reaches it there"
	}
	return "change what the authority refuses in certificates.acme, and run `npm run up`"
}
