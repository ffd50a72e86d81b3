// Progressive enhancement: the service worker, and what became of forms that were sent without a network.
"use strict";

const OUTCOMES = {
  waiting: "Saved on this device, and sent as soon as the network is back:",
  sent: "Sent now that you are online again:",
  refused: "This could not be sent. Open the form again, your text is in it:",
};
const endedForms = new Map(); // shown once, and kept on this page after the service worker has forgotten them
const askServiceWorker = (question) => navigator.serviceWorker?.controller?.postMessage(question);

function describeForm({ path, text, state }) {
  const item = document.createElement("li");
  const excerpt = text.length > 120 ? `${text.slice(0, 119)}…` : text;
  if (state !== "refused") item.textContent = excerpt;
  else {
    const link = document.createElement("a");
    link.href = path.replace("messages/", "");
    link.textContent = excerpt;
    item.append(link);
  }
  return item;
}

function describeOutcome(state, forms) {
  const notice = document.createElement("div"),
    list = document.createElement("ul");
  notice.className = `notice ${state === "refused" ? "warning" : state === "sent" ? "success" : ""}`;
  const text = document.createElement("div");
  list.append(...forms.map(describeForm));
  text.append(OUTCOMES[state], list);
  notice.append(text);
  return notice;
}

function showForms(forms) {
  const ended = forms.filter((form) => form.state !== "waiting" && !endedForms.has(form.id));
  for (const form of ended) {
    endedForms.set(form.id, form);
    if (form.state === "sent") deleteDraft(form.path);
  }
  const shown = [...forms.filter((form) => form.state === "waiting"), ...endedForms.values()];
  const outcomes = Object.keys(OUTCOMES).map((state) => [
    state,
    shown.filter((form) => form.state === state),
  ]);
  const notices = outcomes
    .filter(([, ofState]) => ofState.length)
    .map(([state, ofState]) => describeOutcome(state, ofState));
  document.getElementById("send-later")?.replaceChildren(...notices);
  if (ended.length) askServiceWorker({ shown: ended.map((form) => form.id) });
}

if (navigator.serviceWorker) {
  navigator.serviceWorker.register("/sw.js");
  navigator.serviceWorker.addEventListener("message", ({ data }) => showForms(data.forms));
  askServiceWorker({});
  addEventListener("online", () => askServiceWorker({}));
  document.getElementById("leave")?.addEventListener("submit", (event) => {
    if (!event.defaultPrevented) askServiceWorker({ discard: true });
  });
}
