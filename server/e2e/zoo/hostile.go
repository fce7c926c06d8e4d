package zoo

import "fmt"

// buster tries everything to take the place of the page around it.
const buster = `<script>
function bust() {
	for (const f of [() => { top.location = "/landing" }, () => top.location.replace("/landing"), () => { parent.location = "/landing" }, () => open("/landing", "_top")]) {
		try { f() } catch {}
	}
}
%s
</script>`

// cover is something to click that fills the whole page.
const cover = `<style>.cover { position: fixed; inset: 0; display: block; border: 0; background: #fee }</style>`

// hostile are pages that try to take the workspace's place or to stop it.
func hostile() []Page {
	return []Page{
		{Name: "bust", Odd: "Tries to take the place of the workspace at once.", End: Shown, Hostile: true, serve: body(fmt.Sprintf(buster, "bust(); setInterval(bust, 100)"))},
		{Name: "bust-clicked", Odd: "Tries to take the place of the workspace when it is clicked.", End: Shown, Hostile: true,
			serve: body(fmt.Sprintf(buster, `addEventListener("click", bust); addEventListener("keydown", bust)`))},
		{Name: "bust-hidden", Odd: "Hides itself while it stands in a frame.", End: Shown, Hostile: true,
			Blank: "The page is there and draws nothing.",
			serve: body(`<style>html { display: none }</style><script>if (self === top) document.documentElement.style.display = "block"; else try { top.location = self.location } catch {}</script>`)},
		{Name: "bust-link", Odd: "Is one link to the top.", End: Shown, Hostile: true, serve: body(cover + `<a class="cover" target="_top" href="/landing">Go on</a>`)},
		{Name: "bust-form", Odd: "Is one form to the top.", End: Shown, Hostile: true, serve: body(cover + `<form target="_top" action="/landing"><button class="cover">Go on</button></form>`)},
		{Name: "dialogs", Odd: "Opens dialogs.", End: Shown, Hostile: true,
			serve: body(`<script>const ask = () => { alert("stop"); confirm("stop"); prompt("stop"); print() }; ask(); addEventListener("click", ask); addEventListener("beforeunload", (e) => e.preventDefault())</script>`)},
		{Name: "windows", Odd: "Opens windows by itself.", End: Shown, serve: body(`<script>for (let i = 0; i < 5; i++) open("/landing?call=window", "_blank")</script>`)},
		{Name: "noise", Odd: "Sends a thousand messages to whoever is around it.", End: Shown, Hostile: true, serve: body(noise)},
		{Name: "grabs", Odd: "Takes the keyboard as often as it can.", End: Shown, Hostile: true,
			serve: body(`<input aria-label="Mine" id="mine"><script>let n = 0; setInterval(() => { focus(); mine.focus(); if (++n % 20 === 0) tell("grabbed") }, 50)</script>`)},
		{Name: "history", Odd: "Fills the history of the tab.", End: Shown, Hostile: true, serve: body(`<script>for (let i = 0; i < 20; i++) history.pushState(i, "", "#" + i); history.go(-50)</script>`)},
	}
}

// noise are messages as the workspace's own parts and its server might send them.
const noise = `<script>
for (let i = 0; i < 1000; i++) {
	parent.postMessage({type: "snapshot", seq: i, requests: [], pops: []}, "*");
	parent.postMessage({notice: "pop/1", opened: true}, "*");
	parent.postMessage("hello " + i, "*");
}
</script>`

// isolated are pages that keep others away from themselves.
func isolated() []Page {
	return []Page{
		{Name: "coop", Odd: "Cross-Origin-Opener-Policy: same-origin.", End: Shown, serve: with("Cross-Origin-Opener-Policy", "same-origin")},
		{Name: "coep", Odd: "Cross-Origin-Embedder-Policy: require-corp.", End: Shown, serve: with("Cross-Origin-Embedder-Policy", "require-corp")},
		{Name: "corp", Odd: "Cross-Origin-Resource-Policy: same-origin.", End: Shown, serve: with("Cross-Origin-Resource-Policy", "same-origin")},
		{Name: "walls", Odd: "All three.", End: Shown, serve: with("Cross-Origin-Opener-Policy", "same-origin", "Cross-Origin-Embedder-Policy", "require-corp", "Cross-Origin-Resource-Policy", "same-site")},
		{Name: "bare", Odd: "Forbids everything to itself that a policy can.", End: Shown, Mute: true, serve: with(csp, "default-src 'none'; sandbox")},
	}
}

// asked are pages that look at what they are asked for.
func asked() []Page {
	is := func(dest string, yes, no func(visit)) func(visit) {
		return func(v visit) {
			if v.dest() == dest {
				yes(v)
			} else {
				no(v)
			}
		}
	}
	return []Page{
		{Name: "no-frame", Odd: "Refuses by X-Frame-Options, but only what is asked for as a frame.", End: Shown, Mute: true,
			Blank: "The browser's question is answered otherwise than the frame's; the server's own look tells.", serve: is("iframe", with(xfo, "DENY"), body(""))},
		{Name: "no-frame-csp", Odd: "Refuses by its policy, but only what is asked for as a frame.", End: Refused, Alone: true, Why: byPolicy, serve: is("iframe", with(csp, "frame-ancestors https://nobody.example"), body(""))},
		{Name: "no-frame-403", Odd: "Answers 403 to what is asked for as a frame.", End: Shown, serve: is("iframe", status(403), body(""))},
		{Name: "no-object", Odd: "Answers 403 to the browser's question.", End: Refused, Why: "answered with an error",
			Excuse: "Its server turns the browser's question away, so nobody knows what it would let a frame do.", serve: is("object", status(403), body(""))},
	}
}
