// The service worker: keeps the page for use without a network. The build adds `version` and `files` (tools/offlineWorker.ts).
//
// A new version is fetched whole beside the one in use and waits until the page asks for it. Names of files change with
// their content, so tabs that still show the version before find what they load later in its cache.
/* global version, files */

const prefix = 'tabtune-';

self.addEventListener('install', (event) => {
  event.waitUntil(fetchAll());
});

self.addEventListener('activate', (event) => {
  event.waitUntil(dropOld().then(() => self.clients.claim()));
});

self.addEventListener('message', (event) => {
  if (event.data === 'take over') void self.skipWaiting();
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.method === 'GET' && request.url.startsWith(self.registration.scope)) event.respondWith(answer(request));
});

async function fetchAll() {
  const cache = await caches.open(prefix + version);
  // What the browser itself keeps may be of another version.
  await cache.addAll(files.map((file) => new Request(file, { cache: 'reload' })));
}

/** All but this version and the one before it. */
async function dropOld() {
  const names = (await caches.keys()).filter((name) => name.startsWith(prefix) && name !== prefix + version);
  await Promise.all(names.slice(0, -1).map((name) => caches.delete(name)));
}

async function answer(request) {
  const options = { ignoreVary: true };
  const own = await caches.open(prefix + version);
  // There is one page, whatever its address asks for.
  const wanted = request.mode === 'navigate' ? './' : request;
  return (await own.match(wanted, options)) ?? (await caches.match(request, options)) ?? fetch(request);
}
