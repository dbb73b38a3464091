/* Keys for the queue: j k move, Enter opens, a goes to the form, / searches, ? shows them. Everything works without. */
(() => {
  "use strict";
  const OFF = "desk-keys-off";
  // Asked for each time: going back puts a new page under this script.
  const dialog = () => document.getElementById("keys");
  const rows = () => [...document.querySelectorAll("#rows tbody tr")];
  // A row has one link for wide screens and one for narrow ones; the other is not displayed.
  const linkOf = (row) => [...row.querySelectorAll("a.over")].find((link) => link.offsetParent !== null);

  function isOff() {
    try {
      return localStorage.getItem(OFF) === "1";
    } catch (error) {
      return false; // storage is closed to us: the keys work
    }
  }

  function remember(off) {
    try {
      localStorage.setItem(OFF, off ? "1" : "0");
    } catch (error) {
      return; // not remembered, then
    }
  }

  function move(step) {
    const all = rows();
    const focused = all.findIndex((row) => row.contains(document.activeElement));
    const from = focused >= 0 ? focused : all.findIndex((row) => row.classList.contains("on"));
    const next = all[from < 0 ? 0 : Math.min(Math.max(from + step, 0), all.length - 1)];
    const link = next && linkOf(next);
    if (link) {
      link.focus();
      next.scrollIntoView({ block: "nearest" });
    }
  }

  const keys = {
    j: () => move(1),
    k: () => move(-1),
    a: () => {
      document.querySelector("#acknowledge select")?.focus();
    },
    "/": () => document.getElementById("q")?.focus(),
    "?": () => dialog()?.showModal(),
  };

  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, select, textarea, [contenteditable]");
    if (event.key === "Escape" && typing) typing.blur();
    if (typing || event.ctrlKey || event.metaKey || event.altKey || dialog()?.open || isOff()) return;
    const does = Object.hasOwn(keys, event.key) && keys[event.key];
    if (does) {
      event.preventDefault();
      does();
    }
  });

  // The list is not fetched again when a row opens: mark the row here.
  document.addEventListener("htmx:beforeRequest", (event) => {
    const opened = event.target.closest?.("#rows tr");
    if (!opened) return;
    for (const row of rows()) {
      row.classList.toggle("on", row === opened);
      row.querySelectorAll("a").forEach((link) => link.removeAttribute("aria-current"));
    }
    event.target.setAttribute("aria-current", "true");
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-keys]")) dialog()?.showModal();
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-keys-off]")) remember(event.target.checked);
  });

  function offer() {
    const button = document.querySelector("[data-keys]");
    const off = document.querySelector("[data-keys-off]");
    if (!button || !off || !window.matchMedia("(hover: hover)").matches) return;
    button.hidden = false;
    off.checked = isOff();
  }
  document.addEventListener("htmx:historyRestore", offer);
  offer();
})();
