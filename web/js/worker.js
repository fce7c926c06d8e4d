// The service worker. It lets the workspace start while the server cannot be
// reached, and never stands between an agent and a newer version:
//
//   - Pages come from the network; only without one from the cache, "/" for any.
//   - Files whose address carries this version (?v=…) come from the cache.
//   - All else of ours comes from the network, from the cache without one.
//   - What belongs to the server (/api, /in, /demo, /docs, …) is not touched.
//
// A click on a notice comes here too: it opens what the notice is about.
const version = "{{.Version}}";
const cacheName = "crmpop-" + version;
const resources = {{.ResourcesToCache}};
const untouched = ["/api/", "/in/", "/demo/", "/docs/", "/healthz", "/readyz", "/metrics"];

self.addEventListener("install", (event) => {
  event.waitUntil(fill().then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(dropOthers().then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const answer = answerTo(event.request);
  if (answer) {
    event.respondWith(answer);
  }
});

// fill keeps what it gets: one file that fails must not keep out the others.
async function fill() {
  const cache = await caches.open(cacheName);
  await Promise.all(resources.map(async (url) => {
    try {
      const response = await fetch(url, { cache: "no-cache" });
      await keep(cache, url, response);
    } catch (err) {
      console.warn("crmpop: not kept for offline use:", url, err);
    }
  }));
}

async function dropOthers() {
  const names = await caches.keys();
  await Promise.all(names.filter((n) => n !== cacheName).map((n) => caches.delete(n)));
}

function answerTo(request) {
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) {
    return null;
  }
  if (untouched.some((path) => url.pathname === path || url.pathname.startsWith(path))) {
    return null;
  }
  if (request.mode === "navigate") {
    return page(request);
  }
  if (url.searchParams.get("v") === version) {
    return cacheFirst(request);
  }
  return networkFirst(request);
}

// page answers a navigation. A page is never kept here: "/" was, when the worker
// was installed, and holds nobody's data.
async function page(request) {
  try {
    return await fetch(request);
  } catch (err) {
    const kept = await caches.match("/", { cacheName, ignoreSearch: true });
    if (kept) {
      return kept;
    }
    throw err;
  }
}

async function cacheFirst(request) {
  const cache = await caches.open(cacheName);
  const kept = await cache.match(request);
  if (kept) {
    return kept;
  }
  const response = await fetch(request);
  await keep(cache, request, response);
  return response;
}

// networkFirst also keeps files: the styles name icons without a version.
async function networkFirst(request) {
  try {
    const response = await fetch(request);
    if (new URL(request.url).pathname.startsWith("/web/")) {
      await keep(await caches.open(cacheName), request, response);
    }
    return response;
  } catch (err) {
    const kept = await caches.match(request, { cacheName });
    if (kept) {
      return kept;
    }
    throw err;
  }
}

// keep stores a good answer. A full disk is no reason to withhold it.
async function keep(cache, key, response) {
  if (!response.ok || response.redirected) {
    return;
  }
  try {
    await cache.put(key, response.clone());
  } catch (err) {
    console.warn("crmpop: not kept:", key.url || key, err);
  }
}

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(answerNotice(event.notification.data || {}));
});

// answerNotice opens the page of a notice in a new tab, or brings the workspace to
// the front. A click lets a worker do one of the two, not both. The workspaces are
// told, and the one that has the pop goes on from there.
async function answerNotice({ open, page }) {
  const all = await self.clients.matchAll({ type: "window" });
  const workspaces = all.filter((c) => new URL(c.url).pathname === "/");
  const address = elsewhere(page);
  let opened = false;
  if (address) {
    try {
      await self.clients.openWindow(address);
      opened = true;
    } catch (err) {
      console.warn("crmpop: not opened from the notice:", err);
    }
  } else if (workspaces.length > 0) {
    await workspaces[0].focus().catch((err) => console.warn("crmpop: not brought to the front:", err));
  } else {
    await self.clients.openWindow("/");
  }
  for (const client of workspaces) {
    client.postMessage({ notice: open, opened });
  }
}

// elsewhere returns an address that may be opened: http(s), and not one of ours.
function elsewhere(page) {
  try {
    const url = new URL(page);
    return /^https?:$/.test(url.protocol) && url.origin !== self.location.origin ? url.href : "";
  } catch {
    return "";
  }
}
