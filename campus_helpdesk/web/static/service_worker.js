// The site offline: a page that says so, and reports and messages that are sent when the network is back.
// RELEASE ({cache, offlinePage, files}) stands above this file as it is served. No page of the site is stored:
// what others wrote does not stay on the device.
"use strict";

const SENT_LATER = /^\/tickets\/(new|\d+\/messages)\/$/;
const TICKET_PAGE = /^\/tickets\/\d+\//;
const SYNC_TAG = "send-later";

self.addEventListener("install", (event) => {
  const fill = (cache) => cache.addAll([RELEASE.offlinePage, ...RELEASE.files]);
  event.waitUntil(
    caches
      .open(RELEASE.cache)
      .then(fill)
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(deleteOldCaches().then(() => self.clients.claim()));
});

async function deleteOldCaches() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name !== RELEASE.cache).map((name) => caches.delete(name)));
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const path = new URL(request.url).pathname;
  if (request.mode === "navigate" && request.method === "GET")
    event.respondWith(fetch(request).catch(showOfflinePage));
  else if (request.mode === "navigate" && SENT_LATER.test(path)) event.respondWith(sendOrKeep(request));
  else if (RELEASE.files.includes(path))
    event.respondWith(fetch(request).catch(() => caches.match(request.url)));
});

const showOfflinePage = () => caches.match(RELEASE.offlinePage);

async function sendOrKeep(request) {
  const copy = request.clone();
  try {
    return await fetch(request);
  } catch {
    await keep(copy);
    if (self.registration.sync) await self.registration.sync.register(SYNC_TAG);
    return showOfflinePage();
  }
}

// One row a form: {id, path, type, body, text, state: waiting | sent | refused}. The server knows the form's key, so
// that a form whose answer got lost makes no second ticket.
function openStore(mode) {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open("send-later", 1);
    opening.onupgradeneeded = () =>
      opening.result.createObjectStore("forms", { keyPath: "id", autoIncrement: true });
    opening.onsuccess = () => resolve(opening.result.transaction("forms", mode).objectStore("forms"));
    opening.onerror = () => reject(opening.error);
  });
}

function finish(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

const readForms = async () => finish((await openStore("readonly")).getAll());
const writeForm = async (form) => finish((await openStore("readwrite")).put(form));
const deleteForm = async ({ id }) => finish((await openStore("readwrite")).delete(id));

async function keep(request) {
  const type = request.headers.get("Content-Type");
  const body = await request.blob();
  const fields = await new Response(body, { headers: { "Content-Type": type } }).formData();
  const text = String(fields.get("description") || fields.get("body") || "");
  await writeForm({ path: new URL(request.url).pathname, type, body, text, state: "waiting" });
}

// The site leads from a form that it accepted to the ticket: a redirect elsewhere may be a sign-on. What it refuses needs
// the person: the text is still in the form's draft. After 5xx and 429, and without a network, it is tried again.
async function send({ id, path, type, body }) {
  const headers = { "Content-Type": type, "Sent-Later": "1" };
  const response = await fetch(path, { method: "POST", body, headers });
  const { origin, pathname } = new URL(response.url);
  if (response.redirected && origin === location.origin && TICKET_PAGE.test(pathname)) await mark(id, "sent");
  else if (response.status < 500 && response.status !== 429) await mark(id, "refused");
  else throw new Error(`The site answered ${response.status}.`);
}

// Unless it was discarded in the meantime.
async function mark(id, state) {
  const store = await openStore("readwrite");
  const form = await finish(store.get(id));
  if (form) await finish(store.put({ ...form, state }));
}

let sending = Promise.resolve();
function sendAll() {
  sending = sending.catch(() => {}).then(sendWaiting);
  return sending;
}

async function sendWaiting() {
  const waiting = (await readForms()).filter((form) => form.state === "waiting");
  const outcomes = await Promise.allSettled(waiting.map(send));
  for (const client of await self.clients.matchAll()) client.postMessage({ forms: await describeForms() });
  const failed = outcomes.find(({ status }) => status === "rejected");
  if (failed) throw failed.reason; // Background Sync tries again
}

const describeForms = async () =>
  (await readForms()).map(({ id, path, text, state }) => ({ id, path, text, state }));

self.addEventListener("sync", (event) => {
  if (event.tag === SYNC_TAG) event.waitUntil(sendAll());
});

// A page asks when it opens and when the network is back, and names the forms that it has shown.
self.addEventListener("message", (event) => event.waitUntil(answerPage(event)));

async function answerPage({ source, data: { shown = [], discard = false } }) {
  for (const form of await readForms()) if (discard || shown.includes(form.id)) await deleteForm(form);
  await sendAll().catch(() => {});
  source.postMessage({ forms: await describeForms() });
}
