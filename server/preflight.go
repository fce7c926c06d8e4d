//go:build !js

package main

import (
	"context"
	"time"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/server/framing"
)

// newWatch returns what looks at the pages of popups. It begins with run.
func (s *server) newWatch() (*framing.Watch, error) {
	open, err := s.cfg.Private()
	if err != nil {
		return nil, err
	}
	p, err := framing.NewPreflight(s.url(), framing.PreflightOptions{Open: open, Now: time.Now})
	if err != nil {
		return nil, err
	}
	o := framing.WatchOptions{Look: p, Workspace: p.Workspace(), Shelf: s.record, Popups: s.popups, Changed: s.dispatch.Forget, Now: time.Now, Log: s.log}
	if s.cfg.NoPageChecks {
		o.Look = nil
	}
	return framing.NewWatch(o), nil
}

// popups returns the popups of all documents that hold for anybody of a tenant.
func (s *server) popups(ctx context.Context, tenant string) ([]screenpop.Popup, error) {
	documents, err := s.record.Documents(ctx, tenant)
	if err != nil {
		return nil, err
	}
	var all []screenpop.Popup
	for _, r := range documents {
		if doc, _ := screenpop.ParseDocument([]byte(r.Document)); doc != nil {
			all = append(all, screenpop.Effective(screenpop.LevelDocument{Level: r.Level, Doc: doc})...)
		}
	}
	return all, nil
}
