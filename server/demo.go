//go:build !js

package main

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/crmpop/crmpop/server/api"
	"github.com/crmpop/crmpop/server/auth"
	"github.com/crmpop/crmpop/server/demo"
)

// openDemo starts the demo's CRM and phone, and then writes its world: the
// configuration has to name the address of that CRM.
func (s *server) openDemo(ctx context.Context) error {
	o := demo.Options{
		APIBase: s.url(), WorkspaceURL: s.url(), Log: s.log, KeyFile: s.keyFile(),
		HashPassword: func(password string) (string, error) { return auth.HashPassword(password), nil },
	}
	var err error
	// It outlives ctx: the demo's pages stay until the workspaces have gone.
	if s.demo, err = demo.Start(context.WithoutCancel(ctx), o); err != nil {
		return fmt.Errorf("start the demo: %w", err)
	}
	o.CRMURL = s.demo.URL()
	seeded, err := demo.Seed(ctx, s.record, o)
	if err != nil {
		return err
	}
	s.demo.UseKey(seeded.PhoneKey)
	s.dispatch.Forget(demo.Tenant)
	users, err := s.record.Users(ctx, demo.Tenant)
	if err != nil {
		return fmt.Errorf("list the demo's users: %w", err)
	}
	s.ring = &api.Demo{Password: demo.Password, PhoneURL: s.demo.URL() + "/phone", Ring: s.demo.Ring}
	for _, u := range users {
		s.ring.Users = append(s.ring.Users, u.Email)
	}
	return nil
}

func (s *server) keyFile() string { return filepath.Join(s.cfg.Data, "demo-key") }
