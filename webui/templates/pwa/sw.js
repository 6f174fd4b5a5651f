// Keeps what is the same for everybody, for when the router is out of reach.
// A page of a person's is never kept: it goes to the network, and what comes is shown.
"use strict";
const NAME = "guardian-{{ version }}";
const SHELL = {{ shell|tojson }};

addEventListener("install", (event) => {
  const wanted = SHELL.map((path) => new Request(path, { cache: "reload", credentials: "omit" }));
  event.waitUntil(caches.open(NAME).then((cache) => cache.addAll(wanted)).then(() => skipWaiting()));
});
addEventListener("activate", (event) => {
  event.waitUntil(caches.keys()
    .then((names) => Promise.all(names.filter((one) => one !== NAME).map((one) => caches.delete(one))))
    .then(() => clients.claim()));
});
addEventListener("fetch", (event) => {
  const asked = event.request, url = new URL(asked.url);
  if (asked.method !== "GET" || url.origin !== location.origin) return;
  const kept = asked.mode === "navigate" ? SHELL[0] : SHELL.includes(url.pathname) && url.pathname;
  if (kept) event.respondWith(fetch(asked).catch(async () => (await caches.match(kept)) || Response.error()));
});
