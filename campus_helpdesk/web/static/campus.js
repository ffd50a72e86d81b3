// Comfort only: every page does its work without this file.
"use strict";

const isTyping = (target) => target.closest("input:not([type=checkbox]), textarea, select") !== null;
const rowLinks = () => [...document.querySelectorAll("[data-row]")];
const press = (key) => document.querySelector(`[data-key=${key}]`)?.click();

function step(by) {
  const links = rowLinks();
  if (!links.length) return press(by > 0 ? "j" : "k");
  const at = links.indexOf(document.activeElement);
  links[at < 0 ? (by > 0 ? 0 : links.length - 1) : Math.min(Math.max(at + by, 0), links.length - 1)].focus();
}

// Whoever comes back to a list goes on at the ticket that was opened: its row stands in the list's address.
document.addEventListener("click", (event) => {
  const row = event.target.closest("[data-row]");
  if (row) history.replaceState(history.state, "", `#${row.id}`);
});
addEventListener("pageshow", () =>
  rowLinks()
    .find((row) => `#${row.id}` === location.hash)
    ?.focus(),
);

function toggleRow() {
  const row = document.activeElement.closest("tr");
  const box = row && row.querySelector("[name=ticket]");
  if (box) box.click();
}

const KEYS = {
  j: () => step(1),
  k: () => step(-1),
  x: toggleRow,
  u: () => press("u"),
  "/": () => document.getElementById("search")?.focus(),
  "?": () => document.getElementById("keys")?.showModal(),
};

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.form)
    event.target.form.requestSubmit();
  if (isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey || !KEYS[event.key]) return;
  event.preventDefault();
  KEYS[event.key]();
});

// A search field is one line: where the browser would join the lines of what is pasted, a blank parts them.
document.getElementById("search")?.addEventListener("paste", (event) => {
  const field = event.target,
    text = event.clipboardData.getData("text");
  if (!/[\r\n]/.test(text)) return;
  event.preventDefault();
  const room = field.maxLength - field.value.length + field.selectionEnd - field.selectionStart;
  field.setRangeText(
    text.replace(/[\r\n]+/g, " ").slice(0, room),
    field.selectionStart,
    field.selectionEnd,
    "end",
  );
});

// An open menu closes when something else is pressed, or with Escape.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]"))
    if (!menu.contains(event.target)) menu.open = false;
  if (event.target.closest("[data-show-keys]")) document.getElementById("keys")?.showModal();
});
document.addEventListener("keyup", (event) => {
  const menu = event.key === "Escape" && document.querySelector("details.menu[open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// A second click while the first one is on its way does nothing; the server would see the same key anyway.
document.addEventListener("submit", (event) => {
  if (event.target.method === "post" && !event.target.hasAttribute("hx-post") && !event.defaultPrevented)
    setTimeout(
      () =>
        event.target.querySelectorAll("button").forEach((button) => {
          button.disabled = true;
        }),
      0,
    );
});
document.querySelectorAll("[data-show-keys]").forEach((button) => {
  button.hidden = false;
});
addEventListener("pageshow", () =>
  document.querySelectorAll("button[disabled]").forEach((button) => {
    button.disabled = false;
  }),
);

// A poll that is led elsewhere (the role was left in another tab) is no news: load the page as it stands now.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, requestConfig } = event.detail;
  if (!xhr.responseURL || new URL(xhr.responseURL).pathname === requestConfig.path.split("?")[0]) return;
  event.detail.shouldSwap = false;
  const isWriting = document.querySelector("form[data-has-draft]"); // what is written goes through the entrance when sent
  if (!isWriting) location.reload();
});

// What a poll does not find any more is not shown any longer.
document.addEventListener("htmx:responseError", (event) => {
  const isWriting = document.querySelector("form[data-has-draft]");
  if (event.detail.xhr.status === 404 && event.detail.elt.id === "conversation" && !isWriting)
    location.reload();
});

// A ticket that is closed meanwhile takes no more messages: what was being written under it stays, to copy.
document.addEventListener("htmx:oobBeforeSwap", (event) => {
  const { target, fragment } = event.detail;
  const typed = target.querySelector("textarea[name=body]")?.value.trim();
  const copy = typed && fragment.querySelector("[data-unsent]");
  if (!copy) return;
  copy.hidden = false;
  copy.querySelector("textarea").textContent = typed;
});

// What a poll brings: a fold that is open stays open, and the focus stays in it.
function keepFolds(target, fragment) {
  for (const { id } of target.querySelectorAll("details[open][id]"))
    fragment.querySelector(`#${id}`)?.setAttribute("open", "");
  const fold = target.contains(document.activeElement) && document.activeElement.closest("details[id]");
  if (fold) setTimeout(() => document.querySelector(`#${fold.id} > summary`)?.focus());
}
document.addEventListener("htmx:oobBeforeSwap", ({ detail }) => keepFolds(detail.target, detail.fragment));

// A button that takes the place of another is not the one that was aimed at: it works after a moment.
document.addEventListener("htmx:oobBeforeSwap", ({ detail: { target, fragment } }) => {
  if (target.id !== "ticket-actions") return;
  const buttons = [...fragment.querySelectorAll("button")];
  const enable = (isOn) =>
    buttons.forEach((button) => {
      button.disabled = !isOn;
    });
  enable(false);
  setTimeout(enable, 1500, true);
  if (target.contains(document.activeElement)) document.getElementById("main").focus();
});

// Nothing moves under the pointer: where it is on something to press among the facts, only the status changes at
// once, and the rest when it has left.
const AIMED = ":is(a, summary, form):hover";
const pending = new WeakMap();
function putPending(target) {
  if (!target.isConnected || target.querySelector(AIMED)) return;
  const fresh = pending.get(target);
  keepFolds(target, fresh);
  target.replaceWith(fresh);
  htmx.process(fresh);
}
document.addEventListener("htmx:oobBeforeSwap", ({ detail }) => {
  const { target, fragment } = detail;
  if (target.id !== "facts" || !target.querySelector(AIMED)) return;
  detail.shouldSwap = false;
  target.querySelector("#ticket-status").innerHTML = fragment.querySelector("#ticket-status").innerHTML;
  if (!pending.has(target)) target.addEventListener("pointerout", () => setTimeout(putPending, 0, target));
  pending.set(target, fragment.firstElementChild);
});
