// The service worker keeps the files of its own version, so that the page opens without a connection and a version never
// mixes with the next. No answer of the API passes through here or is kept.

// files

const cacheName = `chorus-${version}`;
const shell = ['/', '/manifest.webmanifest', '/icon.svg'];

self.addEventListener('install', (event) => {
    event.waitUntil(caches.open(cacheName).then((cache) => cache.addAll([...shell, ...files])));
});

self.addEventListener('activate', (event) => {
    event.waitUntil(caches.keys().then((names) => Promise.all(
        names.filter((name) => name.startsWith('chorus-') && name !== cacheName).map((name) => caches.delete(name)))));
});

self.addEventListener('fetch', (event) => {
    const { pathname, origin } = new URL(event.request.url);
    if (event.request.method !== 'GET' || origin !== self.location.origin) return;
    if (files.includes(pathname)) event.respondWith(fromCache(event.request));
    else if (shell.includes(pathname)) event.respondWith(fromServer(event.request));
});

/** Files whose address names the version never change. */
async function fromCache(request) {
    return (await caches.match(request.url)) ?? fetch(request);
}

/** The newest page while there is a connection; else the one that was kept. */
async function fromServer(request) {
    try {
        return await fetch(request);
    } catch (error) {
        const kept = await caches.match(new URL(request.url).pathname);
        if (kept) return kept;
        throw error;
    }
}
