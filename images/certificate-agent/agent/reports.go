package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
)

// event is what a report is about, in the order of how much it hurts.
type event string

const (
	// Attempts fail, and that will not pass by itself; the certificate in service still lasts.
	eventProblem event = "problem"
	// Half of the time that was left for attempts is over, or there has been no certificate for an hour.
	eventSerious event = "serious"
	// The certificate in service has expired.
	eventExpired event = "expired"
	// A certificate has arrived after a report.
	eventResolved event = "resolved"
)

// report is what the webhook gets, and what mail says in words.
type report struct {
	Event event `json:"event"`
	// For people: the field that chat programs show.
	Text    string          `json:"text"`
	Problem *problem        `json:"problem,omitempty"`
	Orders  []reportedOrder `json:"orders"`
	At      time.Time       `json:"at"`
}

type reportedOrder struct {
	Name        string     `json:"name"`
	Names       []string   `json:"names"`
	NotAfter    *time.Time `json:"notAfter,omitempty"`
	NextAttempt *time.Time `json:"nextAttempt,omitempty"`
	Failures    int        `json:"failures"`
}

// reports sends each problem once, again when it gets worse, and says when it is over.
type reports struct {
	sending bool
	// What each way has delivered of the report that others are still to deliver.
	delivered map[string]string
	failures  int
	notUntil  time.Time
}

func newReports() *reports { return &reports{delivered: map[string]string{}} }

// Orders fail together where the authority is down: one report for all.
const reportPatience = 30 * time.Second

// send delivers the next report that is due, beside the agent's work.
func (r *reports) send(a *agent, now time.Time) {
	ways := waysOf(a.settings)
	if len(ways) == 0 || r.sending || now.Before(r.notUntil) {
		return
	}
	made, about := a.nextReport(now)
	if made == nil {
		return
	}
	r.sending = true
	id := made.id()
	for way, delivered := range r.delivered {
		if delivered == id {
			delete(ways, way)
		}
	}
	go func() {
		var failures []error
		var done []string
		for way, deliver := range ways {
			if err := deliver(made); err != nil {
				failures = append(failures, fmt.Errorf("by %s: %s", way, plain(err)))
			} else {
				done = append(done, way)
			}
		}
		err := errors.Join(failures...)
		a.results <- func() {
			r.sending = false
			for _, way := range done {
				r.delivered[way] = id
			}
			if err != nil {
				r.failures++
				r.notUntil = now.Add(pauseAfter(&problem{Nature: temporary}, r.failures, 0))
				logf("the report cannot be delivered %s; next attempt at %s", oneLine(err.Error()), r.notUntil.Format(time.RFC3339))
				return
			}
			r.failures = 0
			clear(r.delivered)
			for _, each := range about {
				each.status.markReported(made)
				a.note(each)
			}
		}
	}()
}

// waysOf are the ways on which reports are delivered, by name.
func waysOf(s *settings) map[string]func(*report) error {
	ways := map[string]func(*report) error{}
	if webhook := s.Report.Webhook; webhook != "" {
		ways["webhook"] = func(made *report) error { return post(webhook, made) }
	}
	if mail := s.Report.Mail; mail != nil {
		ways["mail"] = func(made *report) error { return sendMail(mail, made) }
	}
	return ways
}

// id says what a report is about, whenever it is made.
func (r *report) id() string {
	parts := []string{string(r.Event)}
	if r.Problem != nil {
		parts = append(parts, r.Problem.Type, r.Problem.Name)
	}
	for _, each := range r.Orders {
		parts = append(parts, each.Name)
	}
	return strings.Join(parts, " ")
}

// nextReport is one report for all orders that have the same to say.
func (a *agent) nextReport(now time.Time) (*report, []*order) {
	var made *report
	var about []*order
	for _, name := range a.names() {
		each := a.orders[name]
		happened := each.event(now)
		if happened == "" || each.status.isReported(happened) {
			continue
		}
		if made == nil {
			made = &report{Event: happened, Problem: each.status.Problem, At: now}
		}
		if made.Event != happened || !sameProblem(made.Problem, each.status.Problem) {
			continue
		}
		about = append(about, each)
		made.Orders = append(made.Orders, reportedOrder{
			Name: name, Names: each.status.Names, NotAfter: each.status.NotAfter,
			NextAttempt: each.status.NextAttempt, Failures: each.status.Failures,
		})
	}
	if made != nil {
		made.Text = made.text()
	}
	return made, about
}

// isForPeople says whether the problem will not pass by itself.
func (s *status) isForPeople() bool {
	switch s.Problem.Nature {
	case temporary, limited:
		return false
	case validation:
		return s.Failures > 1
	case forbidden:
		// Attempts follow one another within seconds at first.
		return pauseAfter(s.Problem, s.Failures, 0) >= time.Minute
	}
	return true
}

// event is what there is to report of the order; nothing where all is in order, or will be by itself.
func (o *order) event(now time.Time) event {
	s := &o.status
	if s.Problem == nil {
		if len(s.Reported) > 0 {
			return eventResolved
		}
		return ""
	}
	forPeople := s.isForPeople()
	if o.chain == nil || s.State == failing && o.chain.answers(o.settings.request) != nil {
		switch {
		case s.FailingSince != nil && now.Sub(*s.FailingSince) >= time.Hour:
			return eventSerious
		case forPeople:
			return eventProblem
		}
		return ""
	}
	until := o.chain.leaf().NotAfter
	// What two thirds of the lifetime leave.
	third := o.chain.lifetime() / 3
	switch left := until.Sub(now); {
	case left <= 0:
		return eventExpired
	case left < third/2:
		return eventSerious
	case forPeople || left < third*5/6:
		return eventProblem
	}
	return ""
}

// mark is how a report is remembered.
func mark(happened event, p *problem) string {
	return strings.Join([]string{string(happened), p.Type, p.Name}, " ")
}

// Somebody who has three reports of an event knows that there is one, however its reason changes.
const maxReportsPerEvent = 3

// isReported says whether this has been reported already, or something worse of the same problem.
func (s *status) isReported(happened event) bool {
	if happened == eventResolved {
		return false
	}
	if slices.Contains(s.Reported, mark(happened, s.Problem)) {
		return true
	}
	same := 0
	for _, reported := range s.Reported {
		if strings.HasPrefix(reported, string(happened)+" ") {
			same++
		}
	}
	return same >= maxReportsPerEvent
}

func (s *status) markReported(made *report) {
	if made.Event == eventResolved {
		s.Reported = nil
		return
	}
	s.Reported = append(s.Reported, mark(made.Event, made.Problem))
}

func sameProblem(x, y *problem) bool {
	if x == nil || y == nil {
		return x == y
	}
	return x.Type == y.Type && x.Detail == y.Detail && x.Name == y.Name
}

func (r *report) text() string {
	var names []string
	var until *time.Time
	for _, each := range r.Orders {
		names = append(names, each.Name)
		if each.NotAfter != nil && (until == nil || each.NotAfter.Before(*until)) {
			until = each.NotAfter
		}
	}
	which := "certificate " + strings.Join(names, ", ")
	lasts := "there is none yet"
	if until != nil {
		lasts = "the present one lasts until " + until.Format("2006-01-02 15:04 UTC")
	}
	switch r.Event {
	case eventResolved:
		return fmt.Sprintf("%s: a new one has arrived; %s", which, lasts)
	case eventExpired:
		return fmt.Sprintf("%s: EXPIRED at %s. %s", which, until.Format("2006-01-02 15:04 UTC"), r.Problem.Error())
	case eventSerious:
		return fmt.Sprintf("%s: still no new one; %s. %s", which, lasts, r.Problem.Error())
	}
	return fmt.Sprintf("%s: no new one; %s. %s", which, lasts, r.Problem.Error())
}

func post(webhook string, made *report) error {
	content, err := json.Marshal(made)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), reportPatience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, webhook, bytes.NewReader(content))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	io.Copy(io.Discard, io.LimitReader(response.Body, 64<<10))
	if response.StatusCode/100 != 2 {
		return fmt.Errorf("the webhook answers %s", response.Status)
	}
	return nil
}
