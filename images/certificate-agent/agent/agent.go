package main

import (
	"bytes"
	"context"
	"os"
	"runtime/debug"
	"slices"
	"sync"
	"time"
)

// agent knows its orders, and starts an attempt for each that is due. Its state belongs to the goroutine of run; attempts work
// beside it and hand in results.
type agent struct {
	settings   *settings
	store      *store
	challenges *challengeServer
	clock      *clock
	orders     map[string]*order
	reports    *reports

	conversations int
	results       chan func()
	account       string
	saidAlive     time.Time
}

type order struct {
	settings orderSettings
	status   status
	chain    *chain
	// An attempt, or a question about the renewal, is in progress.
	busy bool
	// A certificate of a former key is being revoked.
	revoking bool
}

const (
	ordersAtOnce = 4
	// One that waits for a slow validation must not hold up others that become due.
	maxConversations = 3
	// How often the time is looked at.
	tick = time.Second
	// How often agent.json is refreshed.
	signOfLife = 30 * time.Second
)

func newAgent(s *settings, store *store, c *challengeServer, clock *clock) *agent {
	made := &agent{
		store: store, challenges: c, clock: clock,
		orders: map[string]*order{}, results: make(chan func()), reports: newReports(),
	}
	made.configure(s)
	return made
}

// configure takes new settings. What has failed under the former ones is tried again at once, as far as limits allow.
func (a *agent) configure(s *settings) {
	again := a.settings != nil
	a.settings = s
	former := a.orders
	a.orders = map[string]*order{}
	for _, wanted := range s.Orders {
		known, ok := former[wanted.Name]
		if !ok {
			known = &order{status: a.store.status(wanted.Name), chain: a.store.chain(wanted.Name)}
		}
		known.settings = wanted
		a.orders[wanted.Name] = known
	}
	for _, each := range a.orders {
		if again {
			a.tryAgain(each)
		}
		a.note(each)
	}
	a.saidAlive = time.Time{}
	a.forgetRemoved()
}

// tryAgain has what failed under former settings be due at once.
func (a *agent) tryAgain(o *order) {
	if o.status.Problem != nil && o.status.Problem.Type != rateLimitedType {
		o.status.NextAttempt = a.validationAllowedAt(o, a.clock.now())
	}
}

// forgetRemoved removes the files of orders that are no longer wanted once nobody can use them: the former settings may come
// back.
func (a *agent) forgetRemoved() {
	for _, name := range a.store.names() {
		if _, wanted := a.orders[name]; wanted {
			continue
		}
		if left := a.store.chain(name); left == nil || left.leaf().NotAfter.Before(a.clock.now()) {
			a.store.remove(name)
		}
	}
}

// run works until the context ends; `reload` delivers new settings.
func (a *agent) run(ctx context.Context, hangup <-chan os.Signal, reload func() *settings) {
	timer := time.NewTicker(a.clock.pause(tick))
	defer timer.Stop()
	for {
		now := a.clock.now()
		a.startDue(ctx, now)
		a.startRevocations(ctx, now)
		a.reports.send(a, now)
		a.sayAlive()
		select {
		case <-ctx.Done():
			return
		case <-hangup:
			if changed := reload(); changed != nil {
				a.configure(changed)
			}
		case apply := <-a.results:
			apply()
		case <-timer.C:
		}
	}
}

// startDue begins a conversation with the authority for all that is due.
func (a *agent) startDue(ctx context.Context, now time.Time) {
	if a.conversations >= maxConversations {
		return
	}
	var due []*order
	for _, name := range a.names() {
		each := a.orders[name]
		if !each.busy && (a.isDue(each, now) || a.hasQuestion(each, now)) {
			each.busy = true
			due = append(due, each)
		}
	}
	if len(due) == 0 {
		return
	}
	a.conversations++
	work := make([]task, len(due))
	for index, each := range due {
		work[index] = task{order: each, settings: each.settings, chain: each.chain, info: each.status.Renewal, toOrder: a.isDue(each, now)}
		// What another authority has issued cannot be replaced here. Every second attempt in a row does without: one that stumbles
		// over what is to be replaced may answer with any error.
		ours := each.status.Directory == "" || each.status.Directory == a.settings.Directory
		if work[index].toOrder && (!ours || each.status.Failures%2 == 1) {
			work[index].chain = nil
		}
	}
	go a.converse(ctx, a.settings, work, now)
}

// task is a copy of what an attempt needs.
type task struct {
	order    *order
	settings orderSettings
	chain    *chain
	info     *renewalInfo
	toOrder  bool
}

func (a *agent) converse(ctx context.Context, s *settings, work []task, now time.Time) {
	opened, err := open(s, a.clock)
	var group sync.WaitGroup
	free := make(chan struct{}, ordersAtOnce)
	for _, each := range work {
		free <- struct{}{}
		group.Go(func() {
			defer func() { <-free }()
			apply := a.perform(ctx, opened, err, s, each, now)
			select {
			case a.results <- apply:
			case <-ctx.Done():
			}
		})
	}
	group.Wait()
	if opened != nil {
		opened.close()
	}
	select {
	case a.results <- func() {
		a.conversations--
		// What an order needed is given back to the machine: the next one may be weeks away.
		debug.FreeOSMemory()
	}:
	case <-ctx.Done():
	}
}

// perform does a task, and returns what the owner of the state has to do about it.
func (a *agent) perform(ctx context.Context, opened *authority, openError error, s *settings, t task, now time.Time) func() {
	if !t.toOrder {
		info := t.info
		if openError == nil {
			info = askRenewalInfo(ctx, opened, t.chain, t.info, now)
		} else {
			info = unansweredQuestion(t.chain, t.info, now)
		}
		return func() { a.applyRenewalInfo(t.order, info) }
	}
	if openError != nil {
		failed := result{
			name: t.settings.Name, under: s, request: t.settings.request, directory: s.Directory, problem: problemOf(openError),
		}
		return func() { a.apply(t.order, failed) }
	}
	done := attempt(ctx, opened, a.challenges, s, t.settings, t.chain)
	return func() { a.apply(t.order, done) }
}

func (a *agent) applyRenewalInfo(o *order, info *renewalInfo) {
	o.busy = false
	o.status.Renewal = info
	if a.orders[o.settings.Name] == o {
		a.note(o)
	}
}

func (a *agent) apply(o *order, done result) {
	o.busy = false
	if done.account != "" {
		a.account = done.account
	}
	if a.orders[done.name] != o || !bytes.Equal(o.settings.request.Raw, done.request.Raw) {
		// The settings have changed meanwhile: the next attempt is for the new ones.
		return
	}
	now := a.clock.now()
	o.status.LastAttempt = &now
	if done.problem == nil {
		a.noteFormer(o, done, now)
		if err := a.store.writeChain(done.name, done.chain.pem); err != nil {
			done.problem = &problem{Type: diskProblem, Detail: err.Error(), Nature: temporary}
		}
	}
	if done.problem != nil {
		a.noteFailure(o, done, now)
		if done.under != a.settings {
			a.tryAgain(o)
		}
	} else {
		a.noteSuccess(o, done, now)
	}
	a.note(o)
	a.saidAlive = time.Time{}
}

func (a *agent) noteSuccess(o *order, done result, now time.Time) {
	o.chain = done.chain
	s := &o.status
	s.ObtainedAt, s.Directory, s.Profile = &now, done.directory, done.profile
	s.Failures, s.Problem, s.NextAttempt, s.FailingSince, s.FailedValidations = 0, nil, nil, nil, nil
	s.Renewal = nil
	logf("%s: a certificate of %s until %s", done.name, done.chain.leaf().Issuer.CommonName,
		done.chain.leaf().NotAfter.UTC().Format(time.RFC3339))
}

func (a *agent) noteFailure(o *order, done result, now time.Time) {
	s := &o.status
	s.Failures++
	s.Problem = done.problem
	if s.FailingSince == nil {
		s.FailingSince = &now
	}
	if s.FailedValidations == nil {
		s.FailedValidations = map[string][]time.Time{}
	}
	for _, name := range done.failedNames {
		s.FailedValidations[name] = append(recent(s.FailedValidations[name], now), now)
	}
	var lifetime time.Duration
	if o.chain != nil {
		lifetime = o.chain.lifetime()
	}
	next := now.Add(pauseAfter(done.problem, s.Failures, lifetime))
	s.NextAttempt = &next
	// What fails here counts for each order with the same name.
	for _, each := range a.orders {
		if allowed := a.validationAllowedAt(each, now); allowed != nil && each.status.NextAttempt != nil && allowed.After(*each.status.NextAttempt) {
			each.status.NextAttempt = allowed
			a.note(each)
		}
	}
	logf("%s: %s; next attempt at %s", done.name, done.problem.Error(), s.NextAttempt.Format(time.RFC3339))
}

// isDue says whether a certificate is wanted, and whether an attempt may be made now.
func (a *agent) isDue(o *order, now time.Time) bool {
	s := &o.status
	if !a.isWanted(o, now) {
		return false
	}
	if s.NextAttempt != nil && now.Before(*s.NextAttempt) {
		return false
	}
	return a.validationAllowedAt(o, now) == nil
}

func (a *agent) isWanted(o *order, now time.Time) bool {
	return !a.isCurrent(o) || !now.Before(renewAt(o.chain, o.status.Renewal, o.status.ObtainedAt))
}

// isCurrent says whether the chain in service is what the settings ask for.
func (a *agent) isCurrent(o *order) bool {
	s := &o.status
	return o.chain != nil && o.chain.answers(o.settings.request) == nil &&
		(s.Directory == "" || s.Directory == a.settings.Directory && s.Profile == a.settings.Profile)
}

func (a *agent) hasQuestion(o *order, now time.Time) bool {
	if !a.isCurrent(o) {
		return false
	}
	known := o.status.Renewal
	return known == nil || known.Serial != o.chain.serial() || !now.Before(known.AskAgain)
}

// validationAllowedAt is when none of the names has failed too often in the last hour; nil where that is now.
func (a *agent) validationAllowedAt(o *order, now time.Time) *time.Time {
	var latest *time.Time
	for _, name := range o.settings.Names {
		if at := validationAllowedAt(a.failuresOf(name), now); at.After(now) && (latest == nil || at.After(*latest)) {
			latest = &at
		}
	}
	return latest
}

// failuresOf are the name's failed validations in all orders: the authority counts them by account and name.
func (a *agent) failuresOf(name string) []time.Time {
	var all []time.Time
	for _, each := range a.orders {
		all = append(all, each.status.FailedValidations[name]...)
	}
	return all
}

// note brings the order's status up to date and writes it.
func (a *agent) note(o *order) {
	s := &o.status
	s.Name, s.Names = o.settings.Name, o.settings.Names
	switch {
	case s.Problem != nil:
		s.State = failing
	case a.isCurrent(o):
		s.State = valid
	default:
		s.State = waiting
	}
	s.Serial, s.Issuer, s.NotBefore, s.NotAfter, s.RenewAt = "", "", nil, nil, nil
	if o.chain != nil {
		from, until := o.chain.leaf().NotBefore.UTC(), o.chain.leaf().NotAfter.UTC()
		at := renewAt(o.chain, s.Renewal, s.ObtainedAt)
		s.Serial, s.Issuer = o.chain.serial(), o.chain.leaf().Issuer.String()
		s.NotBefore, s.NotAfter, s.RenewAt = &from, &until, &at
	}
	if err := a.store.writeStatus(*s); err != nil {
		logf("%s: %s", s.Name, err)
	}
}

func (a *agent) names() []string {
	var names []string
	for name := range a.orders {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
