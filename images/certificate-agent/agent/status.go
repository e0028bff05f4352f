package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"time"
)

type state string

const (
	// There has been no attempt yet.
	waiting state = "waiting"
	// The last attempt has brought a certificate.
	valid state = "valid"
	// It has not; a certificate from before stays in service.
	failing state = "failing"
)

// status is what everybody may know of an order, and all that has to survive a restart.
type status struct {
	Name  string   `json:"name"`
	Names []string `json:"names"`
	State state    `json:"state"`
	// Of the chain in service.
	Serial    string     `json:"serial,omitempty"`
	Issuer    string     `json:"issuer,omitempty"`
	NotBefore *time.Time `json:"notBefore,omitempty"`
	NotAfter  *time.Time `json:"notAfter,omitempty"`
	RenewAt   *time.Time `json:"renewAt,omitempty"`

	LastAttempt *time.Time `json:"lastAttempt,omitempty"`
	NextAttempt *time.Time `json:"nextAttempt,omitempty"`
	// Attempts in a row without success.
	Failures int      `json:"failures"`
	Problem  *problem `json:"problem,omitempty"`

	// When the present certificate arrived, and by which settings it was ordered.
	ObtainedAt *time.Time `json:"obtainedAt,omitempty"`
	Directory  string     `json:"directory,omitempty"`
	Profile    string     `json:"profile,omitempty"`
	// What the authority has said of the renewal (RFC 9773), of which serial, and when to ask again.
	Renewal *renewalInfo `json:"renewalInfo,omitempty"`
	// The times of failed validations in the last hour by name: the authority counts them.
	FailedValidations map[string][]time.Time `json:"failedValidations,omitempty"`
	// Certificates of former keys that have not ended yet.
	Revocations []revocation `json:"revocations,omitempty"`
	// When the attempts that fail now began, and what has been reported of them.
	FailingSince *time.Time `json:"failingSince,omitempty"`
	Reported     []string   `json:"reported,omitempty"`
}

// store is the folder that the servers read.
type store struct{ folder string }

func (s *store) prepare() error {
	if err := os.MkdirAll(s.folder, 0o755); err != nil {
		return err
	}
	removeUnfinished(s.folder)
	for _, name := range s.names() {
		removeUnfinished(filepath.Join(s.folder, name))
	}
	return nil
}

// names are those of the orders that there are files of.
func (s *store) names() []string {
	entries, _ := os.ReadDir(s.folder)
	var names []string
	for _, entry := range entries {
		if entry.IsDir() && orderName.MatchString(entry.Name()) {
			names = append(names, entry.Name())
		}
	}
	return names
}

func (s *store) place(name, file string) string { return filepath.Join(s.folder, name, file) }

// chain is nil where there is none that can be read as a whole.
func (s *store) chain(name string) *chain {
	content, err := os.ReadFile(s.place(name, "chain.pem"))
	if err != nil {
		return nil
	}
	parsed, err := parseChain(content)
	if err != nil {
		return nil
	}
	return parsed
}

func (s *store) writeChain(name string, content []byte) error {
	if err := s.makeFolder(name); err != nil {
		return err
	}
	return writeWhole(s.place(name, "chain.pem"), content)
}

func (s *store) status(name string) status {
	var read status
	if content, err := os.ReadFile(s.place(name, "status.json")); err == nil {
		if json.Unmarshal(content, &read) != nil {
			read = status{}
		}
	}
	return read
}

func (s *store) writeStatus(current status) error {
	if err := s.makeFolder(current.Name); err != nil {
		return err
	}
	return writeJSON(s.place(current.Name, "status.json"), current)
}

func (s *store) makeFolder(name string) error {
	folder := filepath.Join(s.folder, name)
	if err := os.Mkdir(folder, 0o755); err != nil {
		if os.IsExist(err) {
			return nil
		}
		return err
	}
	return syncFolder(s.folder)
}

func (s *store) remove(name string) { os.RemoveAll(filepath.Join(s.folder, name)) }
