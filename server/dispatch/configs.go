package dispatch

import (
	"context"
	"fmt"
	"sync"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/urltemplate"
	"github.com/crmpop/crmpop/app/wire"
	"github.com/crmpop/crmpop/server/region"
	"github.com/crmpop/crmpop/server/store"
)

// config is what one agent's events are judged by.
type config struct {
	agent     screenpop.Agent
	popups    []screenpop.Popup
	revisions []store.LevelRevision
	numbers   urltemplate.Numbers
	hosts     func(host string) bool
	refused   map[string]refusal // of pages that are not to be framed, by frame key
	paired    bool               // the agent has a companion, connected or not
}

// refusal is why a page is not to be framed.
type refusal struct {
	why   string
	blank bool // agents have said so
}

// maxConfigs bounds what is remembered; past it all is forgotten and read anew.
const maxConfigs = 20_000

// configs remembers each agent's effective configuration and each alias.
type configs struct {
	dir       Directory
	verdicts  func(ctx context.Context, tenant string) (map[string]screenpop.PageVerdict, error) // may be nil
	documents documents

	mu      sync.Mutex // guards the maps and epoch
	epoch   map[string]int
	byAgent map[[2]string]*config
	byAlias map[[2]string]string
	refused map[string]map[string]refusal // by tenant and frame key
}

func newConfigs(o Options) *configs {
	c := &configs{dir: o.Directory, verdicts: o.Verdicts, epoch: map[string]int{}}
	c.reset()
	return c
}

func (c *configs) reset() {
	c.byAgent, c.byAlias, c.refused = map[[2]string]*config{}, map[[2]string]string{}, map[string]map[string]refusal{}
}

// forget drops everything of a tenant. A reader that is under way meanwhile
// does not put its stale answer back: the epoch has moved.
func (c *configs) forget(tenant string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.epoch[tenant]++
	delete(c.refused, tenant)
	for k := range c.byAgent {
		if k[0] == tenant {
			delete(c.byAgent, k)
		}
	}
	for k := range c.byAlias {
		if k[0] == tenant {
			delete(c.byAlias, k)
		}
	}
}

// resolve returns the agent that the first known alias names, "" for none.
func (c *configs) resolve(ctx context.Context, tenant string, aliases []string) (string, error) {
	for _, alias := range aliases {
		id, err := c.alias(ctx, tenant, alias)
		if err != nil || id != "" {
			return id, err
		}
	}
	return "", nil
}

func (c *configs) alias(ctx context.Context, tenant, alias string) (string, error) {
	key := [2]string{tenant, alias}
	c.mu.Lock()
	id, known := c.byAlias[key]
	epoch := c.epoch[tenant]
	c.mu.Unlock()
	if known {
		return id, nil
	}
	u, err := c.dir.UserByAlias(ctx, tenant, alias)
	if screenpop.ErrorCode(err) == screenpop.CodeNotFound {
		return "", nil // not remembered: an admin may map it at any moment
	}
	if err != nil {
		return "", fmt.Errorf("find agent %q: %w", alias, err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.epoch[tenant] == epoch && len(c.byAlias) < maxConfigs {
		c.byAlias[key] = u.ID
	}
	return u.ID, nil
}

// of returns the configuration that an agent's events are judged by.
func (c *configs) of(ctx context.Context, tenant, agentID string) (*config, error) {
	key := [2]string{tenant, agentID}
	c.mu.Lock()
	cfg, known := c.byAgent[key]
	epoch := c.epoch[tenant]
	c.mu.Unlock()
	if known {
		return cfg, nil
	}
	cfg, err := c.read(ctx, tenant, agentID)
	if err != nil {
		return nil, fmt.Errorf("read the configuration of agent %q: %w", agentID, err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.byAgent) >= maxConfigs {
		c.reset()
	}
	if c.epoch[tenant] == epoch {
		c.byAgent[key] = cfg
	}
	return cfg, nil
}

func (c *configs) read(ctx context.Context, tenant, agentID string) (*config, error) {
	t, err := c.dir.Tenant(ctx, tenant)
	if err != nil {
		return nil, err
	}
	u, err := c.dir.User(ctx, tenant, agentID)
	if err != nil {
		return nil, err
	}
	popups, revisions, err := c.effective(ctx, levelsOf(u), nil)
	if err != nil {
		return nil, err
	}
	companions, err := c.dir.Companions(ctx, wire.AgentKey{Tenant: tenant, ID: agentID})
	if err != nil {
		return nil, err
	}
	return &config{
		agent:     screenpop.Agent{ID: u.ID, Name: u.Name},
		popups:    popups,
		revisions: revisions,
		numbers:   region.Numbers(t.Region),
		hosts:     region.Hosts(t.Hosts),
		refused:   c.refusals(ctx, tenant),
		paired:    len(companions) > 0,
	}, nil
}

// refusals returns why pages of a tenant are not to be framed. What cannot be read
// refuses nothing: a pop does not wait for a verdict, and a browser finds out.
func (c *configs) refusals(ctx context.Context, tenant string) map[string]refusal {
	if c.verdicts == nil {
		return nil
	}
	c.mu.Lock()
	refused, known := c.refused[tenant]
	epoch := c.epoch[tenant]
	c.mu.Unlock()
	if known {
		return refused
	}
	all, err := c.verdicts(ctx, tenant)
	if err != nil {
		return nil
	}
	refused = map[string]refusal{}
	for key, v := range all {
		switch {
		case v.Blank.Decided():
			refused[key] = refusal{why: v.Blank.Reason(), blank: true}
		case v.Verdict == screenpop.VerdictRefused:
			refused[key] = refusal{why: v.Reason}
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.epoch[tenant] == epoch {
		c.refused[tenant] = refused
	}
	return refused
}

// place is a level and which one of it.
type place struct{ tenant, level, id string }

// levelsOf returns the levels that count for a user, outermost first.
func levelsOf(u store.User) []place {
	return []place{{u.Tenant, screenpop.LevelTenant, u.Tenant}, {u.Tenant, screenpop.LevelGroup, u.Group}, {u.Tenant, screenpop.LevelUser, u.ID}}
}

// effective reads the documents of levels and joins them. A draft stands in for
// the one of its level.
func (c *configs) effective(ctx context.Context, levels []place, draft *Draft) ([]screenpop.Popup, []store.LevelRevision, error) {
	var docs []screenpop.LevelDocument
	var revisions []store.LevelRevision
	for _, l := range levels {
		r, err := c.dir.Active(ctx, l.tenant, l.level, l.id)
		if err != nil {
			return nil, nil, fmt.Errorf("read the %s's document: %w", l.level, err)
		}
		if draft != nil && draft.Level == l.level && draft.ID == l.id {
			r.Document = draft.Document
		}
		doc, err := c.documents.of(l, r)
		if err != nil {
			return nil, nil, err
		}
		if r.Revision > 0 {
			revisions = append(revisions, store.LevelRevision{Level: l.level, ID: l.id, Revision: r.Revision})
		}
		docs = append(docs, screenpop.LevelDocument{Level: l.level, Doc: doc})
	}
	return screenpop.Effective(docs...), revisions, nil
}
