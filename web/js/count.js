// A workspace tells the page /check in another tab of this browser how many pages
// it holds, and what its own scripts take.
(() => {
  "use strict";
  if (!("BroadcastChannel" in self)) {
    return;
  }
  const channel = new BroadcastChannel("crmpop.pages");
  channel.addEventListener("message", (event) => {
    const stage = document.getElementById("stage");
    if (event.data !== "count" || !stage) {
      return;
    }
    const memory = performance.memory;
    channel.postMessage({ frames: stage.querySelectorAll("iframe").length, used: memory ? memory.usedJSHeapSize : 0 });
  });
})();
