package companions

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"net/http"
	"runtime/debug"
	"strings"

	"github.com/coder/websocket"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/wire"
)

// Serve turns r into the socket of whatever companion proves to be at its other
// end, and returns at once. The caller has refused requests of browsers. An error
// means that nothing was written yet.
func (r *Room) Serve(w http.ResponseWriter, req *http.Request, address string) error {
	if !strings.EqualFold(req.Header.Get("Upgrade"), "websocket") {
		return screenpop.Errorf(screenpop.CodeInvalid, "not-a-websocket",
			"this address takes websocket connections only; open it with a websocket client")
	}
	if r.isDraining() {
		return screenpop.Errorf(screenpop.CodeUnavailable, "draining", "this server is about to stop; try again in a few seconds")
	}
	ws, err := websocket.Accept(w, req, &websocket.AcceptOptions{CompressionMode: websocket.CompressionDisabled})
	if err != nil { // already answered
		r.o.Log.Info("websocket handshake of a companion", "err", err)
		return nil
	}
	ws.SetReadLimit(wire.MaxCompanionFrame)
	r.gone.Add(1)
	go r.meet(ws, address)
	return nil
}

func (r *Room) isDraining() bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.draining
}

// meet asks for a proof, and serves whoever gives it.
func (r *Room) meet(ws *websocket.Conn, address string) {
	defer r.gone.Done()
	defer ws.CloseNow()
	defer func() {
		if p := recover(); p != nil {
			r.o.Log.Error("panic in companions", "panic", p, "stack", string(debug.Stack()))
		}
	}()
	known, version, why := r.challenge(ws, address)
	if why != nil {
		r.o.Log.Info("companion refused", "err", why)
		turnAway(ws, wire.ByeSignOut, unpaired)
		return
	}
	s := newSession(r, ws, known, version, address)
	surplus, ok := r.admit(s)
	if !ok {
		turnAway(ws, wire.ByeRestart, "this server restarts; reconnecting")
		return
	}
	defer r.forget(s)
	for _, old := range surplus {
		old.bye(wire.ByeReplaced, "this companion has connected anew")
	}
	s.run()
}

// challenge has the other end sign what it has never signed before.
func (r *Room) challenge(ws *websocket.Conn, address string) (known Known, version string, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), helloWait)
	defer cancel()
	nonce := rand.Text()
	if err := write(ctx, ws, wire.CompanionFrame{Type: wire.CompanionChallenge, Nonce: nonce, Server: r.o.Server}); err != nil {
		return known, "", err
	}
	f, err := read(ctx, ws)
	if err != nil {
		return known, "", err
	}
	if f.Type != wire.CompanionHello {
		return known, "", fmt.Errorf("a %s frame came before the proof", plain(string(f.Type)))
	}
	signature, err := base64.RawURLEncoding.DecodeString(f.Signature)
	if err != nil {
		return known, "", fmt.Errorf("decode the signature: %w", err)
	}
	if known, err = r.o.Find(ctx, f.ID); err != nil {
		return known, "", fmt.Errorf("find companion %q: %w", plain(f.ID), err)
	}
	if !wire.VerifyCompanion(known.Key, nonce, r.o.Server, known.ID, signature) {
		return known, "", fmt.Errorf("companion %q: the signature is not its own", known.ID)
	}
	version = plain(f.Version)
	return known, version, r.o.Seen(ctx, known.ID, version, address)
}

// turnAway says bye and closes.
func turnAway(ws *websocket.Conn, code int, reason string) {
	ctx, cancel := context.WithTimeout(context.Background(), byeWait)
	defer cancel()
	if write(ctx, ws, wire.CompanionFrame{Type: wire.Bye, Code: code, Reason: reason}) == nil {
		_ = ws.Close(websocket.StatusCode(code), reason) // best effort: the bye was the message
	}
}

func write(ctx context.Context, ws *websocket.Conn, f wire.CompanionFrame) error {
	return ws.Write(ctx, websocket.MessageText, wire.EncodeCompanion(f))
}

func read(ctx context.Context, ws *websocket.Conn) (wire.CompanionFrame, error) {
	typ, b, err := ws.Read(ctx)
	if err == nil && typ != websocket.MessageText {
		err = fmt.Errorf("a binary frame came; frames are JSON text")
	}
	if err != nil {
		return wire.CompanionFrame{}, err
	}
	return wire.DecodeCompanion(b)
}
