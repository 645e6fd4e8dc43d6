// A kiosk's service worker: the survey works without a connection, and goes out when there is one.
// The copies it keeps are the questions; answers never pass through here unsealed.
"use strict";

importScripts("/static/kiosk-queue.js");

const BASE = new URL(self.location).pathname.replace(/\/worker\.js$/, "");
const CACHE = `kiosk ${BASE} `;

// Everything the service lists, under its stamp; an older copy goes once the new one is whole.
async function refresh() {
  const answer = await fetch(`${BASE}/files.json`, { cache: "no-store" });
  if (!answer.ok) return;
  const { stamp, files } = await answer.json();
  const name = CACHE + stamp;
  if (!(await caches.has(name))) {
    const cache = await caches.open(name);
    try {
      await cache.addAll(files.map((file) => new Request(file, { cache: "reload" })));
    } catch (error) {
      await caches.delete(name);
      throw error;
    }
  }
  for (const other of await caches.keys()) {
    if (other.startsWith(CACHE) && other !== name) await caches.delete(other);
  }
}

self.addEventListener("install", (event) => {
  event.waitUntil(refresh().then(() => self.skipWaiting()));
});
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("sync", (event) => {
  if (event.tag === "consult") event.waitUntil(self.consultQueue.sync(BASE));
});
self.addEventListener("message", (event) => {
  if (event.data === "refresh") event.waitUntil(refresh().catch(() => {}));
});

async function kept(request) {
  const found = await caches.match(request, { ignoreVary: true });
  if (found) return found;
  // A script without its version is the engine's own import, or a page reloaded after an update.
  return fetch(request);
}

self.addEventListener("fetch", (event) => {
  if (event.request.method === "GET") event.respondWith(kept(event.request));
});
