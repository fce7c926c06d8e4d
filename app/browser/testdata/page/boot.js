// Starts the test page's program, and keeps what would otherwise be lost.
window.violations = [];
addEventListener("securitypolicyviolation", (e) => violations.push(e.effectiveDirective + " " + e.blockedURI));
window.complaints = [];
const complain = console.error;
console.error = (...words) => { complaints.push(words.join(" ")); complain(...words); };

// What frames answer to "say": the text that stands in them, by page.
window.said = {};
addEventListener("message", (e) => {
  for (const frame of document.querySelectorAll(".frame")) {
    if (frame.contentWindow === e.source) said[frame.dataset.pop] = e.data;
  }
});

// The button opens what next says, as an agent's click does.
window.next = null;
window.results = [];
addEventListener("click", (e) => {
  if (e.target.id === "open" && next) results.push(pop.openWindow(...next));
  if (e.target.id === "twin") open(location.href);
});

// The keys that somebody has taken for himself.
window.taken = [];
addEventListener("keydown", (e) => { if (e.defaultPrevented) taken.push(e.key); });

const go = new Go();
WebAssembly.instantiateStreaming(fetch("/page.wasm"), go.importObject).then((w) => go.run(w.instance));
