/* The few things pages do better with JavaScript; every one of them works without. */
(function () {
  "use strict";
  // One press is enough: a form that is on its way does not take a second one, until the page is shown again.
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (form.getAttribute("aria-busy")) {
      event.preventDefault();
      return;
    }
    if (form.method === "post" && !form.hasAttribute("hx-post")) {
      window.setTimeout(function () {
        if (!event.defaultPrevented) form.setAttribute("aria-busy", "true");
      });
      window.setTimeout(function () { form.removeAttribute("aria-busy"); }, 15000);
    }
  });
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form[aria-busy]").forEach(function (form) { form.removeAttribute("aria-busy"); });
  });
  // A list that filters as soon as it is changed; without JavaScript its button is there.
  document.addEventListener("change", function (event) {
    if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
  });
  document.addEventListener("click", function (event) {
    if (event.target.closest("[data-print]")) window.print();
  });
  document.querySelectorAll("[data-print]").forEach(function (button) { button.hidden = false; });
  // Ready-made answers: a press puts the text where the reader may still change it; without this it is there to copy.
  function offerAnswers() {
    document.querySelectorAll("[data-canned]").forEach(function (button) { button.hidden = false; });
  }
  document.addEventListener("click", function (event) {
    var button = event.target.closest("[data-canned]");
    var field = button && document.getElementById(button.dataset.canned);
    if (!field) return;
    var text = button.parentElement.querySelector("p").innerText.trim();
    field.value = (field.value.trim() ? field.value.trimEnd() + "\n" : "") + text;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
  });
  document.addEventListener("htmx:load", offerAnswers);
  document.addEventListener("htmx:historyRestore", offerAnswers);
  offerAnswers();
  // The job pages a worker's phone keeps for dead spots are nobody else's: gone with the person (static/js/sw.js).
  if (window.caches) {
    caches.keys().then(function (names) {
      names.forEach(function (name) {
        if (/^anju-jobs-/.test(name) && !name.endsWith("-" + document.body.dataset.user)) caches.delete(name);
      });
    });
  }
  // Whoever signs out takes the notifications with them: the next one at this device is somebody else.
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (!form.matches("[data-sign-out]") || !navigator.serviceWorker || !window.PushManager) return;
    event.preventDefault();
    var gone = navigator.serviceWorker.getRegistration("/messages/").then(function (here) {
      return here && here.pushManager.getSubscription();
    }).then(function (made) { return made && made.unsubscribe(); }).catch(function () { return false; });
    var late = new Promise(function (done) { window.setTimeout(done, 2000); });
    Promise.race([gone, late]).then(function () { form.submit(); });
  });
  // After an error the reader starts where the error is.
  document.addEventListener("DOMContentLoaded", function () {
    var wrong = document.querySelector("main .is-invalid");
    if (wrong) wrong.focus();
  });
})();
