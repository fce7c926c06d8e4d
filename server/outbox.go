//go:build !js

package main

import (
	"context"
	"net"
	"net/netip"
	"time"

	"github.com/crmpop/crmpop/app/wire"
	"github.com/crmpop/crmpop/server/outbound"
	"github.com/crmpop/crmpop/server/region"
	"github.com/crmpop/crmpop/server/vault"
)

// newOutbound returns what sends web requests. It begins with run.
func (s *server) newOutbound(publish func(wire.Hint)) (*outbound.Outbound, error) {
	open, err := s.cfg.Private()
	if err != nil {
		return nil, err
	}
	origins := s.cfg.Origins(s.listener.Addr().String())
	return outbound.New(outbound.Options{
		Record: s.record, Publish: publish, Leads: func(a wire.AgentKey) string { return s.hub.Leader(a) },
		Secret: s.secret, Keys: s.signingKeys, Hosts: s.hosts, Own: origins.Has,
		Open: open, Ours: s.ours(), Now: time.Now, Log: s.log,
	}), nil
}

// ours returns where the server listens.
func (s *server) ours() []netip.AddrPort {
	var all []netip.AddrPort
	for _, l := range []net.Listener{s.listener, s.admin} {
		if l == nil {
			continue
		}
		if at, err := netip.ParseAddrPort(l.Addr().String()); err == nil {
			all = append(all, at)
		}
	}
	return all
}

// secret returns a tenant's secret, and the host that it may be sent to.
func (s *server) secret(ctx context.Context, tenant, name string) (value, host string, err error) {
	v, err := s.record.TenantSecret(ctx, tenant, name)
	if err != nil {
		return "", "", err
	}
	value, err = s.vault.Open(v.Sealed, vault.SecretPlace(tenant, name, v.Host)...)
	return value, v.Host, err
}

// signingKeys returns what a tenant's web requests are signed with, the newest
// first, and the one before as long as it counts.
func (s *server) signingKeys(ctx context.Context, tenant string) ([][]byte, error) {
	k, err := s.record.SigningKey(ctx, tenant)
	if err != nil || k.At.IsZero() {
		return nil, err
	}
	sealed := [][]byte{k.Sealed}
	if len(k.Before) > 0 && time.Now().Before(k.Until) {
		sealed = append(sealed, k.Before)
	}
	var keys [][]byte
	for _, one := range sealed {
		key, err := s.vault.Open(one, vault.SigningPlace(tenant)...)
		if err != nil {
			return nil, err
		}
		keys = append(keys, []byte(key))
	}
	return keys, nil
}

// hosts returns the hosts of a tenant's list.
func (s *server) hosts(ctx context.Context, tenant string) (func(host string) bool, error) {
	t, err := s.record.Tenant(ctx, tenant)
	if err != nil {
		return nil, err
	}
	return region.Hosts(t.Hosts), nil
}
