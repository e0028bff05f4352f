package main

import (
	"path/filepath"
	"time"
)

// signs is agent.json: that the agent works, for which account and orders.
type signs struct {
	Version string    `json:"version"`
	Account string    `json:"account,omitempty"`
	AliveAt time.Time `json:"aliveAt"`
	Orders  []string  `json:"orders"`
}

// sayAlive refreshes agent.json by the real time: whoever reads it compares it with theirs.
func (a *agent) sayAlive() {
	now := time.Now().UTC().Truncate(time.Second)
	if now.Sub(a.saidAlive) < signOfLife {
		return
	}
	a.saidAlive = now
	orders := a.names()
	if orders == nil {
		orders = []string{}
	}
	said := signs{Version: version, Account: a.account, AliveAt: now, Orders: orders}
	if err := writeJSON(filepath.Join(a.store.folder, "agent.json"), said); err != nil {
		logf("%s", err)
	}
}
