// Progressive enhancement. Text being written is kept in this browser for a week, until it is sent or discarded: leaving
// the page, closing the browser, an ended session and Back neither lose it nor send it twice.
"use strict";

const DRAFT_PREFIX = "unsent:",
  SENDING = "sending",
  WEEK = 7 * 24 * 3600 * 1000; // milliseconds
const EXCLUDED_FIELDS = new Set(["csrfmiddlewaretoken", "key", "again", "photos", "remove_photo", "email"]);
const TEXT_FIELDS = "textarea, input:not([type=hidden], [type=radio], [type=checkbox], [type=file])";
const pathOf = (form) => new URL(form.action).pathname;
const draftKeys = () => Object.keys(localStorage).filter((key) => key.startsWith(DRAFT_PREFIX));
const readDraft = (key) => JSON.parse(localStorage.getItem(key));
const deleteDraft = (path) => localStorage.removeItem(DRAFT_PREFIX + path);

function deleteOldDrafts() {
  for (const key of draftKeys()) if (readDraft(key).savedAt < Date.now() - WEEK) localStorage.removeItem(key);
}

// A draft keeps the version it was based on, so that restoring it cannot silently overwrite newer changes.
const valuesOf = (form) =>
  Object.fromEntries([...new FormData(form)].filter(([name]) => !EXCLUDED_FIELDS.has(name)));

// The photos of a draft are on the server, under the key of its form. Until they are shown, the strip awaits them.
const photosOf = (form) => form.querySelector("[data-staged]");
const hasPhotos = (form) => Boolean(photosOf(form)?.querySelector("[name=remove_photo], [data-awaits]"));

function restorePhotos(form, key) {
  const strip = photosOf(form)?.querySelector(".photo-strip"),
    ownKey = form.elements.key?.value;
  if (!strip || !key || (key === ownKey && hasPhotos(form))) return;
  form.elements.key.value = key;
  strip.toggleAttribute("data-awaits", true);
  const url = `${photosOf(form).dataset.staged}?${new URLSearchParams({ key })}`;
  const finish = () => hasPhotos(form) || showPhotosGone(form, ownKey);
  htmx.ajax("GET", url, { target: strip, swap: "outerHTML" }).then(finish, finish);
}

// The form gets its own key back: with that of the draft it may have been sent already.
function showPhotosGone(form, ownKey) {
  form.elements.key.value = ownKey;
  saveDraft(form);
  form.querySelector("[data-photos-gone]").hidden = false;
  form.querySelector("[data-draft-notice]").hidden = !form.hasAttribute("data-has-draft");
}

// Nobody asks for them under the old key any more, and the server deletes them after a day.
function discardPhotos(form) {
  if (!photosOf(form)) return;
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  form.elements.key.value = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const strip = Object.assign(document.createElement("div"), { id: "photo-strip", className: "photo-strip" });
  photosOf(form).querySelector(".photo-strip").replaceWith(strip);
}

function wasTouched(form) {
  const isTyped = (field) => field.value !== field.defaultValue;
  const isChosen = (option) => option.selected !== option.defaultSelected;
  return (
    [...form.querySelectorAll(TEXT_FIELDS)].some(isTyped) ||
    [...form.querySelectorAll("option")].some(isChosen)
  );
}

function saveDraft(form) {
  const isUnsent = form.hasAttribute("data-typed") || wasTouched(form) || hasPhotos(form);
  form.toggleAttribute("data-has-draft", isUnsent);
  if (!isUnsent) return deleteDraft(pathOf(form));
  const draft = {
    label: form.dataset.draft,
    page: location.pathname,
    values: valuesOf(form),
    key: hasPhotos(form) ? form.elements.key.value : "",
    savedAt: Date.now(),
  };
  localStorage.setItem(DRAFT_PREFIX + pathOf(form), JSON.stringify(draft));
}

function restoreDraft(form) {
  const draft = readDraft(DRAFT_PREFIX + pathOf(form));
  if (!draft) return;
  for (const [name, value] of Object.entries(draft.values)) {
    const field = form.elements.namedItem(name);
    if (field) field.value = value;
  }
  restorePhotos(form, draft.key);
  form.toggleAttribute("data-has-draft", true);
  form.querySelector("[data-draft-notice]").hidden = false;
}

function discardDraft(form) {
  deleteDraft(pathOf(form));
  form.reset();
  discardPhotos(form);
  form.toggleAttribute("data-has-draft", false);
  form.querySelector("[data-draft-notice]").hidden = true;
  form.querySelector("textarea")?.focus();
  form.elements.description?.dispatchEvent(new Event("restored"));
}

// After Back the browser may fill in what was already sent: until somebody types, only the draft counts.
const edited = new WeakSet();
function restoreForm(form) {
  if (edited.has(form)) return;
  form.reset();
  if (form.hasAttribute("data-typed")) saveDraft(form);
  else restoreDraft(form);
}

function trackForm(form) {
  restoreForm(form);
  for (const name of ["input", "change"])
    form.addEventListener(name, () => {
      edited.add(form);
      saveDraft(form);
    });
  // When photos were added or removed, not when they are polled: another tab may have sent the form by then.
  form.addEventListener("htmx:afterRequest", ({ detail: { target, requestConfig } }) => {
    if (target.id === "photo-strip" && requestConfig.verb === "post") saveDraft(form);
  });
  form.querySelector("[data-draft-notice] button").addEventListener("click", () => discardDraft(form));
  form.addEventListener("submit", () => {
    sessionStorage.setItem(SENDING, pathOf(form));
    form.toggleAttribute("data-is-sent", true);
    // After Back, the server then shows what was sent with this form's key instead of an empty form.
    if (pathOf(form) === location.pathname && form.elements.key)
      history.replaceState(null, "", `?key=${form.elements.key.value}`);
  });
}

function clearSentDraft() {
  const sending = sessionStorage.getItem(SENDING);
  const isMessage = location.hash.startsWith("#message-") && sending?.endsWith("/messages/");
  const sent = document.querySelector("[data-sent]")?.dataset.sent || (isMessage ? sending : "");
  if (!sent) return;
  deleteDraft(sent);
  sessionStorage.removeItem(SENDING);
}

deleteOldDrafts();
clearSentDraft();
const trackedForms = [...document.querySelectorAll("form[data-draft]")];
trackedForms.forEach(trackForm);

addEventListener("pageshow", (event) => {
  if (event.persisted && trackedForms.some((form) => form.hasAttribute("data-is-sent"))) location.reload();
  if (!event.persisted) trackedForms.forEach(restoreForm); // Chromium fills in fields after load
  for (const form of trackedForms)
    if (form.hasAttribute("data-has-draft")) form.elements.description?.dispatchEvent(new Event("restored"));
});

// Ask before switching the role: on shared machines drafts are discarded with it.
document.getElementById("leave")?.addEventListener("submit", (event) => {
  const drafts = draftKeys().map(readDraft);
  if (!drafts.length || event.submitter?.value === "sure")
    return draftKeys().forEach((key) => localStorage.removeItem(key));
  event.preventDefault();
  const dialog = document.getElementById("leave-dialog");
  dialog.querySelector("ul").replaceChildren(...drafts.map(describeDraft));
  dialog.showModal();
});

function describeDraft({ label, page, values }) {
  const item = document.createElement("li");
  const link = Object.assign(document.createElement("a"), { href: page, textContent: label });
  const text = values.body || values.description || values.building || values.room || "";
  item.append(link, `: ${text}`.slice(0, 120));
  return item;
}
