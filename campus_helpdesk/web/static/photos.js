// Progressive enhancement. Chosen photos travel at once, are shown small meanwhile, and can be removed before the form
// is sent. Without this file, or if an upload fails, they are sent with the form.
"use strict";

const PREVIEW = 96; // CSS pixels of the longer side
const fieldOf = (element) => element.closest("[data-photos]");
const isUpload = ({ elt }) => elt.matches?.("[data-photos] input[type=file]");
const showState = (field, text) => {
  field.querySelector("[data-upload-state]").textContent = text;
};

async function drawPreview(file) {
  const canvas = document.createElement("canvas");
  try {
    const bitmap = await createImageBitmap(file);
    const scale = PREVIEW / Math.max(bitmap.width, bitmap.height);
    canvas.width = Math.max(1, bitmap.width * scale);
    canvas.height = Math.max(1, bitmap.height * scale);
    canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    bitmap.close();
    return canvas;
  } catch {
    return document.createTextNode(file.name); // the browser cannot show this format
  }
}

// Previews of the photos that travel; then, by its id, of each photo that is not prepared yet.
let travelling = [];
const previews = new Map();

async function showPreviews(field, files) {
  const list = document.createElement("ul");
  list.className = "photos";
  field.querySelector(".photo-strip").append(list);
  travelling = files.map(async (file) => {
    const item = document.createElement("li");
    item.className = "photo";
    list.append(item);
    const preview = await drawPreview(file);
    item.append(preview);
    return preview;
  });
}

async function keepPreviews(strip) {
  const waiting = [...strip.querySelectorAll("[data-photo]")];
  const fresh = waiting.filter(({ dataset }) => !previews.has(dataset.photo));
  if (fresh.length && fresh.length === travelling.length)
    fresh.forEach(({ dataset }, index) => previews.set(dataset.photo, travelling[index]));
  travelling = [];
  for (const item of waiting) {
    const preview = await previews.get(item.dataset.photo);
    if (preview instanceof HTMLCanvasElement) item.firstElementChild.replaceWith(preview);
  }
}

document.addEventListener("htmx:load", ({ detail: { elt } }) => {
  if (elt.id === "photo-strip") keepPreviews(elt);
});

document.addEventListener("htmx:beforeRequest", ({ detail }) => {
  if (!isUpload(detail)) return;
  const field = fieldOf(detail.elt);
  field.toggleAttribute("data-uploading", true);
  showState(field, "Uploading ...");
  showPreviews(field, [...detail.elt.files]);
});

document.addEventListener("htmx:xhr:progress", ({ detail }) => {
  if (!isUpload(detail) || !detail.lengthComputable) return;
  showState(fieldOf(detail.elt), `Uploading ${Math.round((100 * detail.loaded) / detail.total)} %`);
});

document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (!isUpload(detail)) return;
  const field = fieldOf(detail.elt);
  field.toggleAttribute("data-uploading", false);
  if (detail.successful) detail.elt.value = "";
  showState(field, detail.successful ? "" : "Not uploaded yet: the photos are sent with the form.");
  const waiting = pendingSubmit.get(detail.elt.form);
  pendingSubmit.delete(detail.elt.form);
  if (waiting !== undefined) detail.elt.form.requestSubmit(waiting);
});

// A form is sent when its photos have arrived.
const pendingSubmit = new Map();
document.addEventListener(
  "submit",
  (event) => {
    const field = event.target.querySelector("[data-photos][data-uploading]");
    if (!field) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    pendingSubmit.set(event.target, event.submitter);
    showState(field, "Sending as soon as the photos have arrived ...");
  },
  true,
);
