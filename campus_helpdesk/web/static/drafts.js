// Comfort only. What is being written is kept in this tab until it is sent, or thrown away on leaving: a page that
// is left, a role that has ended and the browser's Back lose nobody's words, and send them no second time.
"use strict";

const KEPT = "unsent:",
  SENDING = "sending";
const NOT_KEPT = new Set(["csrfmiddlewaretoken", "key", "again"]);
const pathOf = (form) => new URL(form.action).pathname;
const draftKeys = () => Object.keys(sessionStorage).filter((key) => key.startsWith(KEPT));
const readDraft = (key) => JSON.parse(sessionStorage.getItem(key));
const forgetDraft = (path) => sessionStorage.removeItem(KEPT + path);

// A version goes with its text: a draft of an old one is a conflict, not a silent overwriting of what came since.
const valuesOf = (form) =>
  Object.fromEntries([...new FormData(form)].filter(([name]) => !NOT_KEPT.has(name)));

function wasTouched(form) {
  const isTouched = (field) =>
    field.type === "radio" || field.type === "checkbox"
      ? false
      : field.tagName === "SELECT"
        ? [...field.options].some((option) => option.selected !== option.defaultSelected)
        : field.type !== "hidden" && field.value !== field.defaultValue;
  return [...form.elements].some(isTouched);
}

function keepDraft(form) {
  const isUnsent = form.hasAttribute("data-typed") || wasTouched(form);
  form.toggleAttribute("data-has-draft", isUnsent);
  if (!isUnsent) return forgetDraft(pathOf(form));
  const draft = { label: form.dataset.draft, page: location.pathname, values: valuesOf(form) };
  sessionStorage.setItem(KEPT + pathOf(form), JSON.stringify(draft));
}

function restoreDraft(form) {
  const kept = sessionStorage.getItem(KEPT + pathOf(form));
  if (!kept) return;
  for (const [name, value] of Object.entries(JSON.parse(kept).values)) {
    const field = form.elements.namedItem(name);
    if (field) field.value = value;
  }
  form.toggleAttribute("data-has-draft", true);
}

// What the browser fills in by itself after Back may be what was sent: the draft alone counts, until somebody types.
const edited = new WeakSet();
function fillIn(form) {
  if (edited.has(form)) return;
  form.reset();
  if (form.hasAttribute("data-typed")) keepDraft(form);
  else restoreDraft(form);
}

function follow(form) {
  fillIn(form);
  for (const name of ["input", "change"])
    form.addEventListener(name, () => {
      edited.add(form);
      keepDraft(form);
    });
  form.addEventListener("submit", () => {
    sessionStorage.setItem(SENDING, pathOf(form));
    form.toggleAttribute("data-is-sent", true);
    // Back then asks what became of this form instead of showing an empty one.
    if (pathOf(form) === location.pathname && form.elements.key)
      history.replaceState(null, "", `?key=${form.elements.key.value}`);
  });
}

function forgetWhatWasSent() {
  const sending = sessionStorage.getItem(SENDING);
  const isMessage = location.hash.startsWith("#message-") && sending?.endsWith("/messages/");
  const sent = document.querySelector("[data-sent]")?.dataset.sent || (isMessage ? sending : "");
  if (!sent) return;
  forgetDraft(sent);
  sessionStorage.removeItem(SENDING);
}

forgetWhatWasSent();
const followed = [...document.querySelectorAll("form[data-draft]")];
followed.forEach(follow);

addEventListener("pageshow", (event) => {
  if (event.persisted && followed.some((form) => form.hasAttribute("data-is-sent"))) location.reload();
  if (!event.persisted) followed.forEach(fillIn); // chromium fills in after load
  for (const form of followed)
    if (form.hasAttribute("data-has-draft")) form.elements.description?.dispatchEvent(new Event("restored"));
});

// Whoever leaves is asked first: on a shared machine the words go with the role.
document.getElementById("leave")?.addEventListener("submit", (event) => {
  const drafts = draftKeys().map(readDraft);
  if (!drafts.length || event.submitter?.value === "sure")
    return draftKeys().forEach((key) => sessionStorage.removeItem(key));
  event.preventDefault();
  const dialog = document.getElementById("leave-dialog");
  dialog.querySelector("ul").replaceChildren(...drafts.map(describeDraft));
  dialog.showModal();
});

function describeDraft({ label, page, values }) {
  const item = document.createElement("li"),
    link = document.createElement("a");
  link.href = page;
  link.textContent = label;
  item.append(
    link,
    `: ${values.body || values.description || values.building || values.room || ""}`.slice(0, 120),
  );
  return item;
}
