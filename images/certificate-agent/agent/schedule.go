package main

import "time"

// pauses are how long to wait after the first, the second … failure in a row; the last one stays.
var pauses = map[nature][]time.Duration{
	// Nobody counts requests to a server that is out of order; an hour is little of any lifetime but the shortest.
	temporary: {time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour},
	// At 0, 5, 20 and 50 minutes there are four attempts in the first hour; five are allowed.
	validation: {5 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour},
	limited:    {time.Hour, 2 * time.Hour, 4 * time.Hour},
	// Only the DNS is asked, and a record that has just been declared may be on its way.
	forbidden: {
		5 * time.Second, 10 * time.Second, 20 * time.Second, time.Minute,
		5 * time.Minute, 10 * time.Minute, 20 * time.Minute, 30 * time.Minute,
	},
	refused: {time.Hour, 2 * time.Hour, 4 * time.Hour, 8 * time.Hour, 12 * time.Hour},
}

const (
	// Let's Encrypt allows five failed validations an hour per name and account; one is kept for whoever tries by hand.
	failedValidationsPerHour = 4
	hour                     = time.Hour
)

// pauseAfter is how long to wait after a failure. A certificate of minutes cannot wait for hours: a twelfth of the lifetime
// is enough, except where the authority has said how long.
func pauseAfter(p *problem, failures int, lifetime time.Duration) time.Duration {
	steps := pauses[p.Nature]
	pause := steps[min(max(failures, 1), len(steps))-1]
	if short := lifetime / 12; short > 0 && short < pause {
		pause = max(short, 5*time.Second)
	}
	if p.Nature == limited && p.retryAfter > 0 {
		return p.retryAfter
	}
	return max(pause, p.retryAfter)
}

// recent are those of the times that are less than an hour ago.
func recent(times []time.Time, now time.Time) []time.Time {
	var kept []time.Time
	for _, at := range times {
		if now.Sub(at) < hour {
			kept = append(kept, at)
		}
	}
	return kept
}

// validationAllowedAt is when a name may fail again: each of the orders that hold it has failed at some of the times.
func validationAllowedAt(times []time.Time, now time.Time) time.Time {
	counted := recent(times, now)
	if len(counted) < failedValidationsPerHour {
		return now
	}
	oldest := counted[0]
	for _, at := range counted {
		if at.Before(oldest) {
			oldest = at
		}
	}
	return oldest.Add(hour)
}
