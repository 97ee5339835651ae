/* Keys in the inbox and on a message. Everything works without this file; ? shows what there is. */

(() => {
  "use strict";

  const TYPING = "input:not([type=checkbox]), textarea, select, [contenteditable], dialog";
  const help = document.querySelector("[data-keys-help]");
  const shown = (name) => document.querySelector(`[data-key="${name}"]`);

  function rows() {
    return [...document.querySelectorAll("[data-rows] tbody tr")];
  }

  function step(forward) {
    const all = rows();
    if (!all.length) return press(forward ? "j" : "k");
    const now = all.indexOf(document.activeElement.closest?.("[data-rows] tbody tr"));
    const next = all[now < 0 ? 0 : Math.min(Math.max(now + (forward ? 1 : -1), 0), all.length - 1)];
    next.querySelector(".k-primary a")?.focus();
    next.scrollIntoView({ block: "nearest" });
    return true;
  }

  /* What a key stands for on this page is marked there; a button is pressed, a link followed. */
  function press(name) {
    const target = shown(name);
    if (!target) return false;
    if (target.hash && target.pathname === location.pathname) {
      document.querySelector(`${target.hash} textarea`)?.focus();
    } else {
      (target.querySelector("button, a") ?? target).click();
    }
    return true;
  }

  /* In the list: the chosen rows, or else the one where one stands. */
  function finish() {
    const form = document.querySelector("#listing-form");
    if (!form) return press("e");
    const button = form.querySelector('button[name="action"][value="done"]');
    const chosen = form.querySelectorAll('input[name="ids"]:checked').length;
    const here = document.activeElement.closest?.("[data-rows] tbody tr")?.querySelector('input[name="ids"]');
    if (!button || (!chosen && !here)) return false;
    if (!chosen) here.checked = true;
    button.click();
    return true;
  }

  function pick() {
    const row = document.activeElement.closest?.("[data-rows] tbody tr");
    // Inside the table the list's own script has chosen it already.
    return Boolean(row);
  }

  const KEYS = {
    j: () => step(true),
    k: () => step(false),
    x: pick,
    e: finish,
    r: () => press("r"),
    u: () => press("u"),
    "?": () => (help ? (help.showModal(), true) : false),
  };

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest?.(TYPING) || help?.open) return;
    if (KEYS[event.key]?.()) event.preventDefault();
  });

  /* A ready-made reply is added to what stands there already, instead of loading the page anew. */
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("[data-canned]");
    const text = document.querySelector("#reply textarea");
    if (!link || !text || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    text.setRangeText(link.dataset.canned, text.selectionStart, text.selectionEnd, "end");
    link.closest("details")?.removeAttribute("open");
    text.focus();
  });
})();
