//go:build !js

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/crmpop/crmpop/app/routes"
	"github.com/crmpop/crmpop/app/routes/portal"
	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/wire"
	"github.com/crmpop/crmpop/server/api"
	"github.com/crmpop/crmpop/server/companions"
	"github.com/crmpop/crmpop/server/config"
	"github.com/crmpop/crmpop/server/demo"
	"github.com/crmpop/crmpop/server/dispatch"
	"github.com/crmpop/crmpop/server/docs"
	"github.com/crmpop/crmpop/server/framing"
	"github.com/crmpop/crmpop/server/hub"
	"github.com/crmpop/crmpop/server/outbound"
	"github.com/crmpop/crmpop/server/store"
	"github.com/crmpop/crmpop/server/vault"
	"github.com/crmpop/crmpop/web"
)

// How long a stop may take: to tell the workspaces, who come back spread over
// that time, and then to finish what is being answered.
const (
	drainTime     = 15 * time.Second
	demoDrainTime = 2 * time.Second
	answerTime    = 5 * time.Second
)

// server is a running server, put together by open and taken apart by close.
type server struct {
	cfg      config.Serve
	log      *slog.Logger
	record   *store.SQLite
	dispatch *dispatch.Dispatch
	hub      *hub.Hub
	room     *companions.Room
	watch    *framing.Watch
	vault    *vault.Vault
	outbound *outbound.Outbound
	health   *api.Health
	listener net.Listener
	admin    net.Listener // nil if none was asked for
	demo     *demo.Demo   // nil outside a demo
	ring     *api.Demo    // nil outside a demo
}

// serve runs a server until ctx ends, and then stops it in order.
func serve(ctx context.Context, cfg config.Serve, stdout, stderr io.Writer) error {
	s := &server{cfg: cfg, log: config.NewLog(stderr, cfg.LogLevel, cfg.LogFormat)}
	err := s.open(ctx)
	defer s.close()
	if err != nil {
		return err
	}
	door, err := s.door()
	if err != nil {
		return err
	}
	if err := s.announce(ctx, stdout); err != nil {
		return err
	}
	return s.run(ctx, door)
}

// open opens the record and the listeners and puts the rooms together.
func (s *server) open(ctx context.Context) error {
	if err := os.MkdirAll(s.cfg.Data, 0o700); err != nil {
		return fmt.Errorf("make the data folder: %w", err)
	}
	var err error
	path := filepath.Join(s.cfg.Data, "crmpop.db")
	if s.record, err = store.Open(ctx, path, store.Options{Now: time.Now, Log: s.log}); err != nil {
		return err
	}
	if err := s.checkTenants(ctx); err != nil {
		return err
	}
	bus := store.NewBus()
	s.vault = vault.New(s.cfg.Data)
	s.dispatch = dispatch.New(dispatch.Options{Record: s.record, Directory: s.record, Bus: bus, Verdicts: s.record.PageVerdicts, Log: s.log,
		Leads:     func(a wire.AgentKey) string { return s.hub.Leader(a) },
		Post:      func(letters ...store.Letter) { s.outbound.Take(letters...) },
		Connected: func(a wire.AgentKey) []store.Connection { return connections(s.hub.Connected(a)) },
		Companion: func(a wire.AgentKey) dispatch.Companion { return dispatch.Companion(s.room.Standing(a)) }})
	s.hub = hub.New(s.record, bus, s.dispatch, hub.Options{Build: web.Version(), Heartbeat: s.cfg.Heartbeat, Log: s.log})
	s.health = api.NewHealth(s.record.Ready, time.Now)
	if s.listener, err = net.Listen("tcp", s.cfg.Listen); err != nil {
		return fmt.Errorf("listen (another crmpop may run there; choose with --listen): %w", err)
	}
	s.room = s.newRoom(bus)
	if s.watch, err = s.newWatch(); err != nil {
		return err
	}
	if s.cfg.AdminListen != "" {
		if s.admin, err = net.Listen("tcp", s.cfg.AdminListen); err != nil {
			return fmt.Errorf("listen for the admin: %w", err)
		}
	}
	if s.outbound, err = s.newOutbound(bus.Publish); err != nil {
		return err
	}
	if s.cfg.Demo {
		return s.openDemo(ctx)
	}
	return nil
}

// connections puts what the hub says of an agent's workspaces into the record's words.
func connections(all []hub.Connection) []store.Connection {
	out := make([]store.Connection, len(all))
	for i, c := range all {
		out[i] = store.Connection{Tab: c.Tab, Build: c.Build, Leads: c.Leads}
	}
	return out
}

// checkTenants keeps the demo's users, whose password everybody knows, out of a
// real server.
func (s *server) checkTenants(ctx context.Context) error {
	if s.cfg.Demo {
		return nil
	}
	_, err := s.record.Tenant(ctx, demo.Tenant)
	switch {
	case err == nil:
		return fmt.Errorf("the folder %s holds the demo, whose passwords are known: choose another --data, or say --demo", s.cfg.Data)
	case screenpop.ErrorCode(err) != screenpop.CodeNotFound:
		return fmt.Errorf("look for the demo: %w", err)
	}
	return nil
}

// close takes apart what open has put together, as far as it came.
func (s *server) close() {
	if s.demo != nil {
		if err := s.demo.Close(); err != nil {
			s.log.Error("stop the demo", "err", err)
		}
	}
	for _, l := range []net.Listener{s.listener, s.admin} {
		if l != nil {
			l.Close() // closed already after an orderly stop
		}
	}
	if s.record != nil {
		if err := s.record.Close(); err != nil {
			s.log.Error("close the record", "err", err)
		}
	}
}

// url returns the address people open.
func (s *server) url() string { return s.cfg.Origins(s.listener.Addr().String())[0] }

// door returns the whole HTTP surface.
func (s *server) door() (http.Handler, error) {
	proxies, err := s.cfg.Proxies()
	if err != nil {
		return nil, err
	}
	manual, err := docs.New(web.Files(), web.Version())
	if err != nil {
		return nil, err
	}
	o := api.Options{
		Directory: s.record, Record: s.record, Intake: s.dispatch, Sockets: s.hub, Companions: s.room, Watch: s.watch, Vault: s.vault, Post: s.outbound.Take,
		Origins: s.cfg.Origins(s.listener.Addr().String()), Loopback: s.cfg.PublicURL == "",
		Proxies: proxies, Web: web.Files(), Build: web.Version(), Manual: manual, Demo: s.ring, Log: s.log,
	}
	if o.Build != web.NotBuilt {
		if o.Pages, err = pages(); err != nil {
			return nil, err
		}
	}
	a, err := api.New(o)
	if err != nil {
		return nil, err
	}
	return a.Handler(), nil
}

// pages returns what draws the workspace's and the portal's pages.
func pages() (http.Handler, error) {
	app, err := wasmLength(web.App)
	if err != nil {
		return nil, err
	}
	admin, err := wasmLength(web.Portal)
	if err != nil {
		return nil, err
	}
	worker, err := web.Worker()
	if err != nil {
		return nil, err
	}
	routes.Register()
	portal.Register()
	workspace := routes.Handler(web.Version(), worker)
	workspace.WasmContentLength = app
	office := portal.Handler(web.Version(), admin, web.HasEditor(web.Files()))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if portal.Owns(r.URL.Path) {
			office.ServeHTTP(w, r)
			return
		}
		workspace.ServeHTTP(w, r)
	}), nil
}

// wasmLength returns the size of an unpacked program: the progress counts that.
func wasmLength(program string) (string, error) {
	sizes, err := web.SizesOf(web.Files(), program)
	return strconv.FormatInt(sizes.Raw, 10), err
}

// announce says where everything is. The first line is for programs, too.
func (s *server) announce(ctx context.Context, stdout io.Writer) error {
	lines := []string{
		"listening on http://" + s.listener.Addr().String(),
		"workspace  " + s.url() + "/",
	}
	if s.demo != nil {
		lines = append(lines, "demo phone "+s.demo.URL()+"/phone", "demo CRM   "+s.demo.URL()+"/", "API key    "+s.keyFile())
	} else {
		path, err := api.Found(ctx, s.record, time.Now())
		if err != nil {
			return err
		}
		if path != "" {
			lines = append(lines, "owner link "+s.url()+path, "           works once, within 24 hours; open it to set the owner's password")
		}
	}
	for _, l := range lines {
		fmt.Fprintln(stdout, l)
	}
	return nil
}

// run serves until ctx ends or a listener breaks, then stops: no new
// connections, workspaces sent away one by one, answers finished.
func (s *server) run(ctx context.Context, door http.Handler) error {
	life, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	var work sync.WaitGroup
	work.Go(func() { s.dispatch.Run(life) })
	work.Go(func() { s.hub.Run(life) })
	work.Go(func() { s.watch.Run(life) })
	work.Go(func() { s.outbound.Run(life) })

	public, admin := s.httpServer(life, door), s.httpServer(life, s.health.Handler())
	broken := make(chan error, 2)
	go func() { broken <- public.Serve(s.listener) }()
	if s.admin != nil {
		go func() { broken <- admin.Serve(s.admin) }()
	}
	var err error
	select {
	case <-ctx.Done():
	case err = <-broken:
	}
	s.stop(public, admin)
	end()
	work.Wait()
	if err != nil && !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve: %w", err)
	}
	return nil
}

func (s *server) stop(public, admin *http.Server) {
	s.log.Info("stopping")
	s.health.Drain()
	s.listener.Close() // Shutdown does it again, which is no fault
	limit := drainTime
	if s.cfg.Demo {
		limit = demoDrainTime
	}
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	s.room.Drain(ctx)
	s.hub.Drain(ctx)
	for _, srv := range []*http.Server{public, admin} {
		ctx, cancel := context.WithTimeout(context.Background(), answerTime)
		if err := srv.Shutdown(ctx); err != nil && !errors.Is(err, net.ErrClosed) {
			s.log.Warn("cut answers that took too long", "err", err)
			srv.Close() // what is left is cut; nothing more can be done for it
		}
		cancel()
	}
}

// httpServer has no limit on the whole of a request: sockets live for hours.
// Bodies have theirs where they are read.
func (s *server) httpServer(ctx context.Context, h http.Handler) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 5 * time.Second,
		IdleTimeout:       120 * time.Second,
		MaxHeaderBytes:    32 << 10,
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
}
