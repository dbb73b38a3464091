/* Shows the job pages of today where there is no network; served at /sw.js, in charge of /jobs/ only.
 * Pages are kept under the name of the person they were made for (header X-Worker) and thrown away when that person is
 * signed out: here when the server sends to the sign-in page, in app.js on the next page of anybody else. */
const VERSION = "1";
const STATIC = "anju-static-" + VERSION;
const PAGES = "anju-jobs-" + VERSION + "-";
const A_DAY = 24 * 3600 * 1000, PATIENCE = 6000; // milliseconds

self.addEventListener("install", () => self.skipWaiting());

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) {
      if (name.startsWith("anju-") && name !== STATIC && !name.startsWith(PAGES)) await caches.delete(name);
    }
    await self.clients.claim();
  })());
});

async function forgetPages() {
  for (const name of await caches.keys()) if (name.startsWith(PAGES)) await caches.delete(name);
}

async function keep(request, response) {
  const worker = response.headers.get("X-Worker");
  if (response.ok && worker) await (await caches.open(PAGES + worker)).put(request.url, response);
}

/* A page of today, and no older: what stood there yesterday misleads. */
async function kept(request) {
  for (const name of await caches.keys()) {
    const found = name.startsWith(PAGES) && await (await caches.open(name)).match(request.url, { ignoreVary: true });
    if (found && Date.now() - Date.parse(found.headers.get("Date") || "") < A_DAY) return found;
  }
  return null;
}

async function page(event) {
  const answer = fetch(event.request);
  const stored = await kept(event.request);
  try {
    // Where the network only seems to be there, the kept page comes after a while.
    const late = stored && new Promise((done, fail) => setTimeout(() => fail(new Error("late")), PATIENCE));
    const response = await (late ? Promise.race([answer, late]) : answer);
    if (response.redirected || response.type === "opaqueredirect") event.waitUntil(forgetPages());
    else event.waitUntil(keep(event.request, response.clone()));
    return response;
  } catch (error) {
    if (stored) return stored;
    throw error;
  }
}

async function asset(event) {
  try {
    const response = await fetch(event.request);
    if (response.ok) {
      const copy = response.clone();
      event.waitUntil(caches.open(STATIC).then((cache) => cache.put(event.request.url, copy)));
    }
    return response;
  } catch (error) {
    const stored = await (await caches.open(STATIC)).match(event.request.url, { ignoreVary: true });
    if (stored) return stored;
    throw error;
  }
}

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== self.location.origin) return;
  if (url.pathname.startsWith("/static/")) event.respondWith(asset(event));
  else if (event.request.mode === "navigate" && /^\/jobs\/(\d+\/)?$/.test(url.pathname)) event.respondWith(page(event));
});
