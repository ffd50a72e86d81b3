// Progressive enhancement: every page works without this file.
"use strict";

const isTyping = (target) => target.closest("input:not([type=checkbox]), textarea, select") !== null;
const rowLinks = () => [...document.querySelectorAll("[data-row]")];
const clickShortcut = (key) => document.querySelector(`[data-key=${key}]`)?.click();

function moveFocus(by) {
  const links = rowLinks();
  if (!links.length) return clickShortcut(by > 0 ? "j" : "k");
  const at = links.indexOf(document.activeElement);
  links[at < 0 ? (by > 0 ? 0 : links.length - 1) : Math.min(Math.max(at + by, 0), links.length - 1)].focus();
}

// Returning to a list focuses the ticket that was opened: its row is in the list's URL fragment.
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
  j: () => moveFocus(1),
  k: () => moveFocus(-1),
  x: toggleRow,
  u: () => clickShortcut("u"),
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

// A search field has one line: a space separates pasted lines, which the browser would join.
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

// An open menu closes on a click elsewhere, or with Escape.
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

// Ignore a second click while the first request is pending; the server would see the same key anyway.
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

// Copying and sharing an address that the page shows.
document.querySelectorAll("[data-copy]").forEach((button) => {
  const field = document.getElementById(button.dataset.copy);
  button.hidden = false;
  button.addEventListener("click", async () => {
    field.select();
    if (navigator.clipboard) await navigator.clipboard.writeText(field.value);
    else document.execCommand("copy"); // without https
    document.getElementById("copied").textContent = "Copied";
  });
});
document.querySelectorAll("[data-share]").forEach((button) => {
  if (!navigator.share) return;
  button.hidden = false;
  button.addEventListener("click", () =>
    navigator
      .share({ title: document.title, url: document.getElementById(button.dataset.share).value })
      .catch((error) => {
        if (error.name !== "AbortError") throw error; // closed without sharing
      }),
  );
});

// When the keyboard of a phone opens, the field stays in view with what follows it (its scroll margin). Where it covers
// the page instead of making it shorter, what sticks to the bottom moves above it.
window.visualViewport?.addEventListener("resize", () => {
  const isZoomed = visualViewport.scale !== 1;
  const covered = isZoomed ? 0 : Math.max(0, innerHeight - visualViewport.height - visualViewport.offsetTop);
  document.documentElement.style.setProperty("--keyboard", `${covered}px`);
  const field = document.activeElement;
  if (!isZoomed && field.closest(".report-form")) field.scrollIntoView({ block: "nearest" });
});

// How many tickets have news stands before the title, also after a poll.
document.addEventListener("htmx:afterSettle", () => {
  const count = Number(document.getElementById("news")?.dataset.count);
  const title = document.title.replace(/^\(\d+\) /, "");
  document.title = count ? `(${count}) ${title}` : title;
});

// A redirected poll means that the session ended in another tab: reload.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, requestConfig } = event.detail;
  if (!xhr.responseURL || new URL(xhr.responseURL).pathname === requestConfig.path.split("?")[0]) return;
  event.detail.shouldSwap = false;
  const isWriting = document.querySelector("form[data-has-draft]"); // the text goes through the entrance when it is sent
  if (!isWriting) location.reload();
});

// If the ticket is no longer visible, reload.
document.addEventListener("htmx:responseError", (event) => {
  const isWriting = document.querySelector("form[data-has-draft]");
  if (event.detail.xhr.status === 404 && event.detail.elt.id === "conversation" && !isWriting)
    location.reload();
});

// If the ticket was closed in the meantime, the message being written is kept for copying.
document.addEventListener("htmx:oobBeforeSwap", (event) => {
  const { target, fragment } = event.detail;
  const typed = target.querySelector("textarea[name=body]")?.value.trim();
  const copy = typed && fragment.querySelector("[data-unsent]");
  if (!copy) return;
  copy.hidden = false;
  copy.querySelector("textarea").textContent = typed;
});

// Keep open <details> open, and the focus in them, when a poll replaces them.
function keepOpenDetails(target, fragment) {
  for (const { id } of target.querySelectorAll("details[open][id]"))
    fragment.querySelector(`#${id}`)?.setAttribute("open", "");
  const focused = target.contains(document.activeElement) && document.activeElement.closest("details[id]");
  if (focused) setTimeout(() => document.querySelector(`#${focused.id} > summary`)?.focus());
}
document.addEventListener("htmx:oobBeforeSwap", ({ detail }) =>
  keepOpenDetails(detail.target, detail.fragment),
);

// A button that replaces another one may be clicked by mistake: enable it after 1.5 s.
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

// Do not move what the pointer is on: while it hovers a control in the details, update only the status, and the
// rest afterwards.
const HOVERED = ":is(a, summary, form):hover";
const pending = new WeakMap();
function applyPendingUpdate(target) {
  if (!target.isConnected || target.querySelector(HOVERED)) return;
  const fresh = pending.get(target);
  keepOpenDetails(target, fresh);
  target.replaceWith(fresh);
  htmx.process(fresh);
}
document.addEventListener("htmx:oobBeforeSwap", ({ detail }) => {
  const { target, fragment } = detail;
  if (target.id !== "details" || !target.querySelector(HOVERED)) return;
  detail.shouldSwap = false;
  target.querySelector("#ticket-status").innerHTML = fragment.querySelector("#ticket-status").innerHTML;
  if (!pending.has(target))
    target.addEventListener("pointerout", () => setTimeout(applyPendingUpdate, 0, target));
  pending.set(target, fragment.firstElementChild);
});
