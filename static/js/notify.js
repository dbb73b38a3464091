/* "Notify me on this device" on the page of message settings: [data-push] holds the key, the form and a place for words.
 * Where a browser knows no push messages the button never shows. */
(function () {
  "use strict";
  const box = document.querySelector("[data-push]");
  if (!box || !window.PushManager || !navigator.serviceWorker) return;
  const form = box.querySelector("form[hidden]"), status = box.querySelector("[role=status]");

  function bytes(text) {
    const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
  }

  function text(buffer) {
    return btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  }

  function nameOfDevice() {
    const system = /iPhone|iPad|Android|HarmonyOS|Windows|Macintosh|Linux/.exec(navigator.userAgent);
    const browser = /MicroMessenger|Edg|Firefox|Chrome|Safari/.exec(navigator.userAgent);
    return [browser, system].filter(Boolean).map((found) => found[0]).join(" · ");
  }

  async function subscription() {
    const here = await navigator.serviceWorker.getRegistration("/messages/");
    return here ? here.pushManager.getSubscription() : null;
  }

  async function subscribe() {
    const here = await navigator.serviceWorker.register(box.dataset.worker, { scope: "/messages/" });
    while (!here.active) await new Promise((done) => setTimeout(done, 100));
    const old = await here.pushManager.getSubscription();
    if (old) await old.unsubscribe(); // made with another key, or for somebody else
    const options = { userVisibleOnly: true, applicationServerKey: bytes(box.dataset.push) };
    return here.pushManager.subscribe(options);
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      if (await Notification.requestPermission() !== "granted") throw new Error("refused");
      const made = await subscribe();
      form.endpoint.value = made.endpoint;
      form.p256dh.value = text(made.getKey("p256dh"));
      form.auth.value = text(made.getKey("auth"));
      form.elements.namedItem("name").value = nameOfDevice();
      const answer = await fetch(form.action, { method: "POST", body: new FormData(form) });
      if (answer.ok) return location.reload();
      status.textContent = (await answer.json()).sentence;
    } catch (error) {
      status.textContent = box.dataset.textRefused;
    }
    form.removeAttribute("aria-busy");
  });

  subscription().then((made) => {
    const marks = [...box.querySelectorAll("[data-device]")].map((row) => row.dataset.device);
    form.hidden = Boolean(made && marks.some((mark) => made.endpoint.endsWith(mark)));
    box.hidden = false;
  });
})();
