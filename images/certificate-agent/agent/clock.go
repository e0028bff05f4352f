package main

import (
	"os"
	"strconv"
	"strings"
	"time"
)

// clock is the time by which certificates are renewed and attempts are spaced. Tests move it by a file, since nothing else
// moves the clock of a Go program.
type clock struct{ file string }

func newClock(file string) *clock { return &clock{file: file} }

// now has whole seconds, as the times of certificates have.
func (c *clock) now() time.Time {
	now := time.Now().UTC()
	if c.file != "" {
		now = c.moved(now)
	}
	return now.Truncate(time.Second)
}

// moved is the file's time, or the real one with the file's seconds added; the real one as long as it has neither.
func (c *clock) moved(real time.Time) time.Time {
	content, err := os.ReadFile(c.file)
	if err != nil {
		return real
	}
	text := strings.TrimSpace(string(content))
	if seconds, err := strconv.ParseInt(text, 10, 64); err == nil {
		return real.Add(time.Duration(seconds) * time.Second)
	}
	if set, err := time.Parse(time.RFC3339, text); err == nil {
		return set.UTC()
	}
	return real
}

// pause is how long to wait before the next look at the time: a moved clock may jump.
func (c *clock) pause(wanted time.Duration) time.Duration {
	if c.file != "" && wanted > 250*time.Millisecond {
		return 250 * time.Millisecond
	}
	return wanted
}
