/* A worker's presses are never lost in a dead spot. Forms with data-outbox="what it is called" and data-verb are sent by
 * this script; what does not arrive is kept on the phone (IndexedDB, photos too) and sent when the network is back, when
 * a page opens, or by the button. Each press carries a key made here, and the server does a key once: sending twice is
 * safe. Kept entries belong to the person who made them; nobody else on this phone sees or sends them.
 * #outbox (templates/repairs/jobs/outbox.html) holds the words and the list. Without this script forms send themselves. */
(function () {
  "use strict";
  const box = document.getElementById("outbox");
  if (!box || !window.indexedDB || !window.fetch) return;
  const { worker, ticket } = box.dataset;
  const PATIENCE = 90000, STRANGERS_KEPT = 14 * 24 * 3600 * 1000; // milliseconds
  const PAGES = "anju-jobs-1-" + worker, STATIC = "anju-static-1";
  // A form is out of place while one of these waits to be sent.
  const OVER = { set_out: ["set_out", "arrive", "nobody_home"], arrive: ["arrive", "nobody_home"],
    nobody_home: ["nobody_home", "finish"], finish: ["finish", "nobody_home"] };

  // ---------------------------------------------------------------- what is kept
  function store(mode, work) {
    return new Promise((done, fail) => {
      const ask = indexedDB.open("anju-outbox", 1);
      ask.onupgradeneeded = () => ask.result.createObjectStore("entries", { keyPath: "key" });
      ask.onerror = () => fail(ask.error);
      ask.onsuccess = () => {
        const deal = ask.result.transaction("entries", mode);
        const asked = work(deal.objectStore("entries"));
        deal.oncomplete = () => { ask.result.close(); done(asked.result); };
        deal.onabort = () => { ask.result.close(); fail(deal.error); };
      };
    });
  }
  const put = (entry) => store("readwrite", (all) => all.put(entry));
  const drop = (key) => store("readwrite", (all) => all.delete(key));

  async function mine() {
    const all = await store("readonly", (entries) => entries.getAll());
    for (const one of all) if (one.worker !== worker && Date.now() - one.at > STRANGERS_KEPT) await drop(one.key);
    return all.filter((one) => one.worker === worker).sort((one, other) => one.at - other.at);
  }

  function newKey() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 15) | 64;
    bytes[8] = (bytes[8] & 63) | 128;
    return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  async function entryOf(form) {
    const entry = { key: form.elements.key.value, worker, ticket, at: Date.now(), url: form.action, after: null,
      verb: form.dataset.verb, label: form.dataset.outbox, place: document.querySelector("main h1").textContent,
      fields: [], files: [], sentence: "" };
    for (const [name, value] of new FormData(form)) {
      if (!(value instanceof File)) entry.fields.push([name, value]);
      else if (value.size) {
        const blob = window.anjuShrink ? await window.anjuShrink(value) : value;
        entry.files.push({ field: name, name: value.name, blob });
      }
    }
    return entry;
  }

  const field = (entry, name) => (entry.fields.find(([one]) => one === name) || ["", ""])[1];

  function change(entry, name, value) {
    entry.fields = entry.fields.filter(([one]) => one !== name).concat([[name, value]]);
  }

  // ---------------------------------------------------------------- sending
  async function ask(url, options) {
    const patience = new AbortController();
    const bell = setTimeout(() => patience.abort(), PATIENCE);
    try {
      return await fetch(url, { redirect: "manual", cache: "no-store", signal: patience.signal, ...options });
    } finally {
      clearTimeout(bell);
    }
  }

  /* What became of it: done, refused (with a sentence), later (no network, or a server in trouble), stranger (signed out). */
  async function deliver(entry) {
    try {
      const asked = await ask(box.dataset.tokenUrl);
      if (asked.type === "opaqueredirect") return { what: "stranger" };
      if (!asked.ok) return { what: "later" };
      const who = await asked.json(); // the token of the form may be of a session long gone
      if (String(who.worker) !== worker) return { what: "stranger" };
      const body = new FormData();
      for (const [name, value] of entry.fields) if (name !== "csrfmiddlewaretoken") body.append(name, value);
      for (const file of entry.files) body.append(file.field, file.blob, file.name);
      const headers = { "X-Outbox": "1", "X-CSRFToken": who.token };
      const answer = await ask(entry.url, { method: "POST", body, headers });
      if (answer.type === "opaqueredirect") return { what: "stranger" };
      if (answer.status >= 500 || answer.status === 429) return { what: "later" };
      if (!answer.ok) return { what: "refused", sentence: box.dataset.textFailed };
      const said = await answer.json();
      return { ...said, what: said.done ? "done" : "refused" };
    } catch (error) {
      return { what: "later" };
    }
  }

  /* Arriving raises the ticket's version: what was entered after it goes on from there. */
  async function followOn(entry, version) {
    for (const next of await mine()) {
      if (next.after !== entry.key) continue;
      next.after = null;
      change(next, "version", version);
      await put(next);
    }
    if (entry.ticket === ticket) for (const one of document.querySelectorAll("[name=version]")) one.value = version;
  }

  async function sendAll() {
    let sent = 0, result = { what: "done" };
    while (result.what === "done" || result.what === "refused") {
      const entry = (await mine()).find((one) => !one.sentence);
      if (!entry) break;
      result = await deliver(entry);
      if (result.what === "done") {
        await followOn(entry, result.version);
        await drop(entry.key);
        for (const form of document.querySelectorAll("form[data-outbox]")) if (form.elements.key.value === entry.key) form.reset();
        sent += 1;
      } else if (result.what === "refused") {
        entry.sentence = result.sentence;
        await put(entry);
      }
    }
    box.querySelector("[data-sign-in]").hidden = result.what !== "stranger";
    return sent;
  }

  let sending = null;
  function flush() {
    const locked = () => (navigator.locks ? navigator.locks.request("anju-outbox", sendAll) : sendAll());
    sending = sending || locked().finally(() => { sending = null; });
    return sending;
  }

  async function sendAndShow() {
    const sent = await flush();
    await draw();
    if (sent && !typing()) location.reload();
    return sent;
  }

  function typing() {
    const inputs = [...document.querySelectorAll("main form :is(input:not([type=hidden]),textarea)")];
    return inputs.some((one) => (one.type === "file" ? one.files.length : one.value !== one.defaultValue));
  }

  // ---------------------------------------------------------------- pressing
  function complain(form, sentence) {
    const note = form.querySelector("[data-complaint]") || document.createElement("p");
    note.className = "note rose";
    note.setAttribute("role", "alert");
    note.dataset.complaint = "";
    note.textContent = sentence;
    form.prepend(note);
    note.scrollIntoView({ block: "center" });
  }

  async function keep(form, entry, before) {
    entry.after = before ? before.key : null;
    if (entry.verb !== "nobody_home" || !field(entry, "noted_at")) change(entry, "noted_at", new Date(entry.at).toISOString());
    try {
      await put(entry);
    } catch (error) {
      complain(form, box.dataset.textFull);
      return;
    }
    if (navigator.storage && navigator.storage.persist) navigator.storage.persist();
    await draw();
    box.focus();
  }

  async function press(form) {
    const entry = await entryOf(form);
    const before = (await mine()).filter((one) => one.ticket === ticket && !one.sentence && one.key !== entry.key).pop();
    const result = before ? { what: "later" } : await deliver(entry);
    if (result.what === "done") location.assign(result.next);
    else if (result.what === "refused") complain(form, result.sentence);
    else {
      await keep(form, entry, before);
      box.querySelector("[data-sign-in]").hidden = result.what !== "stranger";
      if (before) await sendAndShow();
    }
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || !form.matches("[data-outbox]")) return;
    if (event.submitter && event.submitter.hasAttribute("formaction")) return;
    event.preventDefault();
    form.setAttribute("aria-busy", "true");
    // A phone that can't keep anything (a private window, no room) sends the form as if there were no script.
    press(form).catch(() => HTMLFormElement.prototype.submit.call(form)).finally(() => form.removeAttribute("aria-busy"));
  });

  // ---------------------------------------------------------------- showing
  function add(parent, tag, className, text) {
    const element = document.createElement(tag);
    element.className = className;
    element.textContent = text;
    parent.append(element);
    return element;
  }

  function typed(entry) {
    const all = (name) => entry.fields.filter(([one]) => one === name).map(([, value]) => value.trim());
    const [names, amounts] = [all("material_name"), all("material_quantity")];
    const materials = names.map((name, row) => (name ? name + (amounts[row] ? " × " + amounts[row] : "") : ""));
    const photos = entry.files.length ? box.dataset.textPhotos.replace("{count}", entry.files.length) : "";
    return [field(entry, "at"), field(entry, "note"), ...materials, photos].filter(Boolean).join(" · ");
  }

  function line(list, entry) {
    const item = add(list, "li", "", "");
    const head = add(item, "div", "between", "");
    add(head, "b", "", entry.label + " · " + entry.place);
    add(head, "span", "pill " + (entry.sentence ? "rose" : "amber"), entry.sentence ? box.dataset.textRefused : box.dataset.textWaiting);
    const when = new Date(entry.at).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
    add(item, "p", "muted", [when, typed(entry)].filter(Boolean).join(" · "));
    if (!entry.sentence) return;
    add(item, "p", "text-danger", entry.sentence);
    const actions = add(item, "div", "actions mt-2", "");
    add(actions, "a", "btn btn-quiet", box.dataset.textOpen).href = "/jobs/" + entry.ticket + "/";
    const forget = add(actions, "button", "btn btn-quiet", box.dataset.textForget);
    forget.type = "button";
    forget.onclick = () => drop(entry.key).then(draw);
  }

  async function draw() {
    const shown = (await mine()).filter((one) => !ticket || one.ticket === ticket);
    const waiting = shown.filter((one) => !one.sentence).map((one) => one.verb);
    const list = box.querySelector("[data-entries]");
    list.textContent = "";
    for (const entry of shown) line(list, entry);
    box.hidden = !shown.length;
    box.querySelector("[data-send]").hidden = !waiting.length;
    for (const form of document.querySelectorAll("form[data-outbox]")) {
      const over = OVER[form.dataset.verb].some((verb) => waiting.includes(verb));
      for (const one of [form, ...document.querySelectorAll(form.id ? `[form="${form.id}"]` : "#none")]) one.hidden = over;
    }
    for (const one of document.querySelectorAll("[data-after]")) one.hidden = !waiting.includes(one.dataset.after);
  }

  // ---------------------------------------------------------------- pages to be read in a dead spot
  async function keepPages() {
    if (!window.caches || !navigator.serviceWorker) return;
    await navigator.serviceWorker.register(box.dataset.workerScript, { scope: "/jobs/" });
    const assets = await caches.open(STATIC);
    const parts = [...document.querySelectorAll("link[rel=stylesheet],link[rel=icon],script[src],header img")];
    const used = [...parts.map((one) => one.href || one.src), new URL(box.dataset.alsoUsed, location.href).href];
    for (const url of used) if (!(await assets.match(url))) await assets.add(url);
    const pages = await caches.open(PAGES);
    const wanted = [location.href, ...[...document.querySelectorAll("a[data-job]")].slice(0, 30).map((one) => one.href)];
    for (const url of wanted) {
      const page = await fetch(url, { redirect: "error", cache: "no-store" });
      if (page.ok && page.headers.get("X-Worker") === worker) await pages.put(url, page);
    }
    if (ticket) return;
    for (const old of await pages.keys()) if (!wanted.includes(old.url)) await pages.delete(old);
  }

  // ---------------------------------------------------------------- beginning
  for (const form of document.querySelectorAll("form[data-outbox]")) form.elements.key.value = newKey();
  box.querySelector("[data-send]").onclick = sendAndShow;
  window.addEventListener("online", sendAndShow);
  window.addEventListener("pageshow", draw);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) draw(); });

  for (const button of document.querySelectorAll("[data-add-row]")) {
    const rows = button.parentElement.querySelector("[data-rows]");
    button.hidden = false;
    button.onclick = () => {
      const row = rows.lastElementChild.cloneNode(true);
      for (const input of row.querySelectorAll("input")) input.value = input.defaultValue = "";
      rows.append(row);
      row.querySelector("input").focus();
    };
  }

  document.addEventListener("submit", (event) => {
    const out = event.target;
    if (!/\/(sign-out|logout)\/$/.test(out.action) || out.dataset.asked) return;
    event.preventDefault();
    flush().then(mine).then(async (left) => {
      if (left.length && !window.confirm(box.dataset.textLeave)) return;
      for (const entry of left) await drop(entry.key);
      out.dataset.asked = "1";
      out.submit();
    }).catch(() => out.submit()); // nobody stays signed in because nothing can be kept
  }, true);

  sendAndShow().then((sent) => { if (!sent) return keepPages(); }).catch(() => {}); // in a dead spot there is nothing new to keep
})();
