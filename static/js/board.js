/* Moving jobs on the week board with the mouse or the keyboard; without this file every job links to a page for it. */
(() => {
  "use strict";
  const form = document.getElementById("move");
  const said = document.getElementById("said");
  const keys = document.getElementById("board-keys");
  let lifted = null; // the job in hand
  let over = null; // the window it would go into

  const cards = () => [...document.querySelectorAll("#main .job a")];
  const windows = () => [...document.querySelectorAll("[data-window]")];
  const tell = (words) => {
    said.textContent = words;
  };

  function place(card, target) {
    form.action = card.dataset.action;
    form.elements.window.value = target.dataset.window;
    form.elements.seen.value = card.dataset.seen;
    const home = form.elements.next;
    home.value = `${home.value.split("#")[0]}#${card.closest("li").id}`;
    form.requestSubmit();
  }

  function lift(card) {
    lifted = card;
    card.closest("li").classList.add("lifted");
    tell(said.dataset.lifted.replace("{job}", card.textContent));
    aim(card.closest("[data-window]") || windows()[0]);
  }

  function letGo() {
    if (!lifted) return;
    lifted.closest("li").classList.remove("lifted");
    over?.classList.remove("over");
    const card = lifted;
    lifted = over = null;
    tell(said.dataset.letGo);
    card.focus();
  }

  function aim(target) {
    if (!target) return;
    over?.classList.remove("over");
    over = target;
    over.classList.add("over");
    over.tabIndex = -1;
    over.focus();
    const words = said.dataset.over.replace("{window}", over.getAttribute("aria-label"));
    const told = words.replace("{left}", over.querySelector("p .muted").textContent);
    window.setTimeout(() => over && tell(told), 100);
  }

  // The nearest window in that direction, seen from where the present one stands on the screen.
  function towards(key) {
    if (!over) return aim(windows()[0]);
    const here = over.getBoundingClientRect();
    const along = key === "ArrowLeft" || key === "ArrowRight" ? "left" : "top";
    const across = along === "left" ? "top" : "left";
    const sign = key === "ArrowRight" || key === "ArrowDown" ? 1 : -1;
    let best = null;
    for (const each of windows()) {
      const there = each.getBoundingClientRect();
      const ahead = (there[along] - here[along]) * sign;
      if (ahead < 4) continue;
      const weight = ahead + 4 * Math.abs(there[across] - here[across]);
      if (!best || weight < best.weight) best = { weight, each };
    }
    aim(best?.each);
  }

  function step(by) {
    const all = cards();
    const at = all.indexOf(document.activeElement);
    const next = all[at < 0 ? 0 : Math.min(Math.max(at + by, 0), all.length - 1)];
    next?.focus();
  }

  const steps = { j: 1, ArrowDown: 1, ArrowRight: 1, k: -1, ArrowUp: -1, ArrowLeft: -1 };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || keys.open) return;
    if (event.target.closest("input, select, textarea, button")) return;
    const card = event.target.closest("[data-card]");
    let does = null;
    if (event.key === "?") does = () => keys.showModal();
    else if (lifted && event.key === "Escape") does = letGo;
    else if (lifted && event.key === "Enter") does = () => over && place(lifted, over);
    else if (lifted && event.key.startsWith("Arrow")) does = () => towards(event.key);
    else if (!lifted && card && event.key === "Enter") does = () => lift(card);
    else if (!lifted && event.key === "o" && event.target.closest(".job a")) does = () => event.target.closest("a").click();
    // The arrows scroll the page unless a job has the focus.
    else if (!lifted && steps[event.key] && (event.target.closest(".job a") || event.key.length === 1)) does = () => step(steps[event.key]);
    if (does) {
      event.preventDefault();
      event.stopImmediatePropagation();
      does();
    }
  }, true);

  document.addEventListener("dragstart", (event) => {
    const card = event.target.closest?.("[data-card]");
    if (!card) return;
    letGo();
    lifted = card;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", card.textContent);
    card.closest("li").classList.add("lifted");
  });
  document.addEventListener("dragover", (event) => {
    const target = lifted && event.target.closest?.("[data-window]");
    over?.classList.remove("over");
    over = target || null;
    if (!target) return;
    event.preventDefault();
    target.classList.add("over");
  });
  document.addEventListener("drop", (event) => {
    if (!lifted || !over) return;
    event.preventDefault();
    place(lifted, over);
  });
  document.addEventListener("dragend", () => {
    lifted?.closest("li").classList.remove("lifted");
    over?.classList.remove("over");
    lifted = over = null;
  });

  const button = document.querySelector("[data-board-keys]");
  if (button && window.matchMedia("(hover: hover)").matches) {
    button.hidden = false;
    button.addEventListener("click", () => keys.showModal());
  }
  // Back on the job that was just moved; going to the fragment takes the focus away first.
  const home = /^#t\d+$/.test(location.hash) && document.querySelector(`${location.hash} a`);
  if (home) window.addEventListener("load", () => window.setTimeout(() => home.focus(), 50));
})();
