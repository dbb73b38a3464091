/* Photos are shrunk on the phone and sent while the rest of the form is filled in. <script type="module" src=…>
 * <input type="file" name="photos" multiple data-photo-upload data-url data-target data-max data-max-bytes
 *  data-text-progress data-text-failed data-text-retry data-text-full data-text-heavy>, {name}: the file's name.
 * To each photo the server answers what fills data-target: a [data-photo] for every photo it has and, where it
 * refused this one, a sentence in [data-photo-refusal]. Without this script the form sends its photos itself. */
const EDGE = 2048, SMALL_ENOUGH = 600000, PATIENCE = 180000; // pixels, bytes, milliseconds
const queues = new WeakMap(); // input → the photos still to be sent, and what was said about the others

function newQueue(input) {
  const box = document.createElement("div");
  box.setAttribute("role", "status");
  input.after(box);
  queues.set(input, { input, box, files: [], refusals: [], notes: [], busy: false, button: null });
  // What has not arrived when the form goes, goes with it (or is kept with it: static/js/outbox.js).
  input.form.addEventListener("formdata", (event) => {
    for (const file of queues.get(input).files) event.formData.append(input.name, file, file.name);
  });
  return queues.get(input);
}

function words(queue, key, file) {
  return (queue.input.dataset["text" + key] || "").replace("{name}", () => file.name);
}

function add(queue, tag, className, text) {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  queue.box.append(element);
  return element;
}

/* A JPEG of at most 2048 px; the original where the browser cannot open it (HEIC) or nothing is gained. */
async function shrink(file) {
  try {
    const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
    const ratio = Math.min(1, EDGE / Math.max(bitmap.width, bitmap.height));
    if (ratio === 1 && file.size < SMALL_ENOUGH) return file;
    const canvas = document.createElement("canvas");
    canvas.width = Math.ceil(bitmap.width * ratio);
    canvas.height = Math.ceil(bitmap.height * ratio);
    const context = canvas.getContext("2d");
    context.fillStyle = "#fff";
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    bitmap.close();
    const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85));
    return blob && blob.size < file.size ? blob : file;
  } catch (error) {
    return file;
  }
}
window.anjuShrink = shrink;

/* Sends one photo; answers the server's HTML, or null when the photo did not arrive. */
function send(queue, blob, name, bar) {
  const url = new URL(queue.input.dataset.url, location.href).href;
  const token = queue.input.form.querySelector("[name=csrfmiddlewaretoken]");
  const body = new FormData();
  if (token) body.append("csrfmiddlewaretoken", token.value);
  body.append("photos", blob, name);
  return new Promise((done) => {
    const request = new XMLHttpRequest();
    request.open("POST", url);
    request.setRequestHeader("HX-Request", "true");
    request.timeout = PATIENCE;
    request.upload.onprogress = (event) => { bar.value = event.loaded / (event.total || 1); };
    // Redirected (signed out, say) we would hold a whole page, which is no answer to a photo.
    request.onloadend = () => done(request.status === 200 && request.responseURL === url ? request.response : null);
    request.send(body);
  });
}

function show(queue, html) {
  const target = document.querySelector(queue.input.dataset.target);
  target.innerHTML = html;
  const refused = target.querySelectorAll("[data-photo-refusal]");
  target.prepend(...queue.refusals); // said about the photo before, and still to be read
  queue.refusals.push(...refused);
  if (window.htmx) htmx.process(target);
}

/* One after another, for weak networks. False when one did not arrive. */
async function sendAll(queue) {
  for (; queue.files.length; queue.files.shift()) {
    const file = queue.files[0];
    const text = words(queue, "Progress", file);
    queue.box.textContent = "";
    add(queue, "p", "", text);
    const bar = add(queue, "progress", "w-100", "");
    bar.setAttribute("aria-label", text);
    bar.value = 0;
    const blob = await shrink(file);
    if (blob.size > (queue.input.dataset.maxBytes || Infinity)) {
      queue.notes.push(words(queue, "Heavy", file));
    } else {
      const html = await send(queue, blob, file.name, bar);
      if (html === null) return false;
      show(queue, html);
    }
  }
  return true;
}

async function run(queue) {
  queue.busy = true;
  const arrived = await sendAll(queue);
  const button = queue.button;
  queue.busy = false;
  queue.button = null;
  queue.box.textContent = "";
  for (const note of queue.notes) add(queue, "p", "text-danger", note);
  if (!arrived) {
    add(queue, "p", "text-danger", words(queue, "Failed", queue.files[0]));
    const retry = add(queue, "button", "btn btn-outline-primary", words(queue, "Retry", queue.files[0]));
    retry.type = "button";
    retry.onclick = () => run(queue);
    if (button && queue.input.form.matches("[data-outbox]")) button.click();
  } else if (button && !queue.notes.length && !queue.refusals.length) button.click();
}

document.addEventListener("change", (event) => {
  const input = event.target;
  if (!input.matches("[data-photo-upload]")) return;
  const queue = queues.get(input) || newQueue(input);
  const chosen = [...input.files];
  input.value = "";
  input.required = false; // the server knows whether there are enough
  if (!queue.busy) [queue.notes, queue.refusals] = [[], []];
  const there = document.querySelectorAll(input.dataset.target + " [data-photo]").length + queue.files.length;
  const room = Math.max(0, (input.dataset.max || Infinity) - there);
  if (chosen.length > room) queue.notes.push(words(queue, "Full", chosen[room]));
  queue.files.push(...chosen.slice(0, room));
  if (!queue.busy) run(queue);
});

// Pressed while photos are on their way: the form goes when they are there, unless there is something to read.
document.addEventListener("submit", (event) => {
  const input = event.target.querySelector("[data-photo-upload]");
  const queue = input && queues.get(input);
  if (!queue || !queue.busy) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  queue.button = event.submitter || [...event.target.elements].find((one) => one.type === "submit");
}, true);

// Chosen before this script was there, on a slow network.
for (const input of document.querySelectorAll("[data-photo-upload]")) {
  if (input.files.length) input.dispatchEvent(new Event("change", { bubbles: true }));
}
