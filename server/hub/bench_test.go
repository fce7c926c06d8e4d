package hub_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/crmpop/crmpop/app/wire"
	"github.com/crmpop/crmpop/server/hub"
)

// The environment by which the test binary learns that it is one of
// BenchmarkIdleAgents' processes.
const (
	idleRole   = "CRMPOP_IDLE_ROLE"
	idleAddr   = "CRMPOP_IDLE_ADDR"
	idleAgents = "CRMPOP_IDLE_AGENTS"
)

// idleBeat is shorter than in service, so that the heartbeat is part of what is
// measured.
const idleBeat = 4 * time.Second

// BenchmarkIdleAgents measures what an idle agent costs the server: resident
// memory and goroutines beyond those of the same server without agents. Beside
// it, in the same run, stands a raw TCP server with one goroutine a connection.
// Server and clients are processes of their own.
func BenchmarkIdleAgents(b *testing.B) {
	const agents = 5000
	b.Run(fmt.Sprintf("agents=%d", agents), func(b *testing.B) {
		for b.Loop() {
			raw := idleCost(b, "tcp", agents)
			ours := idleCost(b, "hub", agents)
			b.ReportMetric(ours.RSS, "KB/agent")
			b.ReportMetric(ours.Collected, "KB-after-GC/agent")
			b.ReportMetric(ours.Goroutines, "goroutines/agent")
			b.ReportMetric(raw.RSS, "raw-tcp-KB/conn")
			b.ReportMetric(raw.Goroutines, "raw-tcp-goroutines/conn")
			b.ReportMetric(ours.RSS/raw.RSS, "x-raw-tcp")
			b.ReportMetric(0, "ns/op")
		}
	})
}

// cost is what a server process takes; Collected is after a forced collection.
type cost struct{ RSS, Collected, Goroutines float64 }

// idleCost returns the cost an agent, in KB, of n idle agents of a server.
func idleCost(b *testing.B, server string, n int) cost {
	b.Helper()
	srv := startRole(b, server, "", 0)
	addr := srv.line(b)
	before := srv.measure(b)
	clients := startRole(b, server+"-clients", addr, n)
	if got := clients.line(b); got != "ready" {
		b.Fatalf("clients of %s: %q", server, got)
	}
	time.Sleep(2*idleBeat + time.Second) // two rounds of heartbeats
	with := srv.measure(b)
	per := func(with, before float64) float64 { return (with - before) / float64(n) }
	return cost{
		RSS: per(with.RSS, before.RSS), Collected: per(with.Collected, before.Collected),
		Goroutines: per(with.Goroutines, before.Goroutines),
	}
}

// role is another process of this test binary.
type role struct {
	in  io.WriteCloser
	out *bufio.Scanner
}

func startRole(b *testing.B, name, addr string, n int) *role {
	b.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), idleRole+"="+name, idleAddr+"="+addr, idleAgents+"="+strconv.Itoa(n))
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		in.Close() // it ends with its input
		if err := cmd.Wait(); err != nil {
			b.Errorf("%s: %v", name, err)
		}
	})
	return &role{in, bufio.NewScanner(out)}
}

func (r *role) line(b *testing.B) string {
	b.Helper()
	if !r.out.Scan() {
		b.Fatalf("the other process ended: %v", r.out.Err())
	}
	return r.out.Text()
}

func (r *role) measure(b *testing.B) (c cost) {
	b.Helper()
	if _, err := io.WriteString(r.in, "measure\n"); err != nil {
		b.Fatal(err)
	}
	if err := json.Unmarshal([]byte(r.line(b)), &c); err != nil {
		b.Fatal(err)
	}
	return c
}

// play is the other process. It ends with its input and returns its exit code.
func play(name string) int {
	n, _ := strconv.Atoi(os.Getenv(idleAgents)) // 0 for servers
	var err error
	switch addr := os.Getenv(idleAddr); name {
	case "tcp":
		err = serveIdle(echoTCP)
	case "hub":
		err = serveIdle(serveHub)
	case "tcp-clients":
		err = keepClients(n, func(int) error { return tcpClient(addr) })
	case "hub-clients":
		err = keepClients(n, func(i int) error { return hubClient(addr, i) })
	default:
		err = fmt.Errorf("no role %q", name)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, name+":", err)
		return 1
	}
	return 0
}

// serveIdle serves on a free port and answers each line of input with what the
// process takes.
func serveIdle(serve func(net.Listener)) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	go serve(l)
	fmt.Println(l.Addr())
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		c := cost{RSS: rss(), Goroutines: float64(runtime.NumGoroutine())}
		runtime.GC()
		runtime.GC() // finalizers are collected by the second
		c.Collected = rss()
		b, err := json.Marshal(c)
		if err != nil {
			return err
		}
		fmt.Println(string(b))
	}
	return nil
}

// rss returns the resident memory of this process in KB.
func rss() float64 {
	b, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	pages, _ := strconv.ParseFloat(strings.Fields(string(b))[1], 64)
	return pages * float64(os.Getpagesize()) / 1024
}

// echoTCP is the floor: a goroutine and a small buffer a connection.
func echoTCP(l net.Listener) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			defer c.Close()
			b := make([]byte, 1024)
			for {
				n, err := c.Read(b)
				if err != nil {
					return
				}
				if _, err := c.Write(b[:n]); err != nil {
					return
				}
			}
		}()
	}
}

func serveHub(l net.Listener) {
	h := hub.New(newRecord(), newBus(), &acts{}, hub.Options{Log: quiet(), Heartbeat: idleBeat})
	go h.Run(context.Background())
	_ = http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key := wire.AgentKey{Tenant: "t1", ID: r.URL.Query().Get("agent")}
		if err := h.Serve(w, r, hub.Who{Key: key, Agent: key.ID, Login: key.ID}); err != nil {
			http.Error(w, err.Error(), 500)
		}
	})) // ends with the process
}

// keepClients connects n clients, 32 at a time, and holds them.
func keepClients(n int, connect func(i int) error) error {
	var all sync.WaitGroup
	turn := make(chan struct{}, 32)
	failed := make(chan error, n)
	for i := range n {
		turn <- struct{}{}
		all.Go(func() {
			defer func() { <-turn }()
			if err := connect(i); err != nil {
				failed <- err
			}
		})
	}
	all.Wait()
	select {
	case err := <-failed:
		return err
	default:
	}
	fmt.Println("ready")
	_, _ = io.Copy(io.Discard, os.Stdin) // until the parent is done
	return nil
}

func tcpClient(addr string) error {
	c, err := net.Dial("tcp", addr)
	if err != nil {
		return err
	}
	if _, err := c.Write([]byte("hello")); err != nil {
		return err
	}
	_, err = io.ReadFull(c, make([]byte, 5))
	runtime.SetFinalizer(c, nil) // kept until the process ends
	held.Store(c, true)
	return err
}

var held sync.Map // connections that must not be collected

// hubClient connects, resumes, and answers pings from then on.
func hubClient(addr string, i int) error {
	ctx := context.Background()
	ws, _, err := websocket.Dial(ctx, fmt.Sprintf("ws://%s/?agent=agent-%d", addr, i), nil)
	if err != nil {
		return err
	}
	if err := ws.Write(ctx, websocket.MessageText, wire.Encode(wire.Frame{Type: wire.Resume, Tab: "a"})); err != nil {
		return err
	}
	go func() {
		for {
			_, b, err := ws.Read(ctx)
			if err != nil {
				fmt.Fprintln(os.Stderr, "client lost:", err)
				return
			}
			if strings.Contains(string(b), `"ping"`) {
				_ = ws.Write(ctx, websocket.MessageText, wire.Encode(wire.Frame{Type: wire.Pong})) // Read sees the loss
			}
		}
	}()
	return nil
}

// BenchmarkDeliver is a hint's way to one socket's write, without the socket.
func BenchmarkDeliver(b *testing.B) {
	rec, buses := newRecord(), newBus()
	h := hub.New(rec, buses, &acts{}, hub.Options{Log: quiet()})
	l := &sink{wrote: make(chan struct{}, 1)}
	s, err := h.Open(anna, l, 7, 0)
	if err != nil {
		b.Fatal(err)
	}
	s.Receive(wire.Encode(wire.Frame{Type: wire.Resume, Epoch: 7}))
	<-l.wrote // hello
	<-l.wrote // ping
	hint := rec.addSized(anna.Key, 1, 200)
	b.ReportAllocs()
	for b.Loop() {
		buses.publish(hint)
		<-l.wrote
		hint.Head++
		hint.Frames[0].Seq++
	}
	b.StopTimer()
	s.Lost()
}

// sink is a connection that takes everything.
type sink struct{ wrote chan struct{} }

func (s *sink) Write([]byte) error { s.wrote <- struct{}{}; return nil }
func (s *sink) Close(int, string)  {}
func (s *sink) Cut()               {}
