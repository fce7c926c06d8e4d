//go:build !js

package main

import (
	"context"
	"time"

	"github.com/crmpop/crmpop/app/wire"
	"github.com/crmpop/crmpop/server/companions"
	"github.com/crmpop/crmpop/server/store"
)

// newRoom puts the room of the companions together.
func (s *server) newRoom(bus companions.Bus) *companions.Room {
	return companions.New(s.record, bus, s.dispatch, companions.Options{
		Server: s.url(), Find: s.findCompanion, AtWork: s.hub.AtWork, Heartbeat: s.cfg.Heartbeat, Log: s.log,
		Seen: func(ctx context.Context, id, version, address string) error {
			return s.record.SeeCompanion(ctx, id, version, address, time.Now())
		}})
}

// findCompanion puts what the record knows of a companion into the room's words.
func (s *server) findCompanion(ctx context.Context, id string) (companions.Known, error) {
	m, err := s.record.Companion(ctx, id)
	if err != nil {
		return companions.Known{}, err
	}
	u, err := s.record.User(ctx, m.Tenant, m.Agent)
	return knownCompanion(m, u), err
}

func knownCompanion(m store.Companion, u store.User) companions.Known {
	return companions.Known{ID: m.ID, Agent: wire.AgentKey{Tenant: m.Tenant, ID: m.Agent}, Email: u.Email, AgentName: u.Name, Host: m.Host, Key: m.PublicKey}
}
