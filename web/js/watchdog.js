// The watchdog tells the agent when the program behind the page has stopped: the
// page would stand there, dead, with nothing to show it. The program calls
// crmpopAlive once a second; a popped page that is typed in is not disturbed, and
// nothing is reloaded but by the agent.
(() => {
  "use strict";
  const patience = 20000; // ms without a sign of life while the page is seen
  const look = 2000;

  let sign = 0;      // when the program last gave one; 0 before the first
  let seenSince = performance.now();
  let click = 0;     // the agent's last
  let bar = null;

  window.crmpopAlive = () => {
    sign = performance.now();
    if (bar) {
      bar.remove();
      bar = null;
    }
  };

  function stopped(words) {
    if (bar) {
      return;
    }
    bar = document.createElement("div");
    bar.className = "watchdog";
    bar.setAttribute("role", "alert");
    const text = document.createElement("span");
    text.textContent = words;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button primary";
    button.textContent = "Reload";
    button.addEventListener("click", () => location.reload());
    bar.append(text, button);
    document.body.append(bar);
  }

  // A throttled page in the background gives signs rarely: time counts only while
  // it is seen. Without a click nothing is missing yet.
  function check() {
    const silent = performance.now() - Math.max(sign, seenSince);
    if (sign > 0 && document.visibilityState === "visible" && silent > patience && click > sign) {
      stopped("This page has stopped.");
    }
  }

  // What the browser says when the program has ended, by a fault or by a call
  // into what is left of it.
  function fatal(fault) {
    const text = String((fault && fault.message) || fault || "");
    return (self.WebAssembly && fault instanceof WebAssembly.RuntimeError) || text.includes("Go program has already exited");
  }

  document.addEventListener("visibilitychange", () => {
    seenSince = performance.now();
  });
  document.addEventListener("click", () => {
    click = performance.now();
  }, true);
  window.addEventListener("error", (event) => {
    if (fatal(event.error || event.message)) {
      stopped("This page has stopped.");
    }
  });
  window.addEventListener("unhandledrejection", (event) => {
    if (fatal(event.reason)) {
      stopped("This page has stopped.");
    }
  });
  setInterval(check, look);

  // The loader marks a start that failed by taking the spinning class away.
  const icon = document.getElementById("app-wasm-loader-icon");
  if (icon) {
    new MutationObserver(() => {
      if (!icon.classList.contains("goapp-spin")) {
        stopped("The workspace could not start.");
      }
    }).observe(icon, { attributes: true, attributeFilter: ["class"] });
  }
})();
