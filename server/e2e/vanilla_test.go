package e2e_test

import (
	"encoding/json"
	"net/http"
	"time"
)

// vanillaPage is the least that can show pops: the baseline for the workspace.
// It speaks the same protocol on the same socket of the same server.
const vanillaPage = `<!doctype html><meta charset="utf-8"><title>baseline</title><body><script>
const seen = new Set();
let ws;
function connect() {
	ws = new WebSocket("ws://" + location.host + "/api/v1/connect");
	ws.onopen = () => ws.send(JSON.stringify({type: "resume", epoch: 0, seq: 0, tab: "baseline", lead: true}));
	ws.onmessage = m => {
		const f = JSON.parse(m.data);
		if (f.type === "ping") ws.send('{"type":"pong"}');
		if (f.type === "snapshot") for (const p of f.pops || []) seen.add(p.id);
		if (f.type === "pop" && !seen.has(f.pop.id)) {
			seen.add(f.pop.id);
			const frame = document.createElement("iframe");
			frame.src = f.pop.url;
			document.body.append(frame);
		}
		if (f.type === "request" && f.request.state === "closed") for (const frame of document.querySelectorAll("iframe")) frame.remove();
		if (f.seq) ws.send(JSON.stringify({type: "ack", seq: f.seq}));
		if (f.type === "snapshot") window.ready = true;
	};
}
const button = document.createElement("button");
button.textContent = "anna@demo";
button.onclick = () => signIn("anna@demo");
document.body.append(button);
async function signIn(email) {
	const r = await fetch("/api/v1/session", {method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify({email, password: "demo"})});
	if (r.ok) connect();
}
</script>`

// benchPages are what the cable answers itself while something is measured.
func benchPages() map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{
		"GET /bench/vanilla": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			w.Write([]byte(vanillaPage)) // an error is the browser's going away
		},
		"GET /bench/clock": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Cache-Control", "no-store")
			json.NewEncoder(w).Encode(milliseconds(time.Now())) // an error is the browser's going away
		},
	}
}

// milliseconds returns t as a browser counts time.
func milliseconds(t time.Time) float64 { return float64(t.UnixNano()) / 1e6 }
