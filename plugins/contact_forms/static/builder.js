/* The form builder: adds, moves, copies and removes questions in place, and keeps the preview
   true to what is typed. Without this file the same buttons send the page. */

(() => {
  "use strict";

  const form = document.querySelector("[data-builder]");
  if (!form) return;

  const list = form.querySelector("[data-fields]");
  const frame = document.querySelector("[data-preview]");
  const token = document.querySelector('meta[name="csrf-token"]')?.content ?? "";
  let changed = "unsaved" in form.dataset;

  const cards = () => [...list.querySelectorAll("[data-field]")];
  const nextToken = () => `f${Math.max(0, ...cards().map((c) => Number(c.dataset.token.slice(1)))) + 1}`;

  /* Every name, id and reference of a card carries its token. */
  function rename(card, from, to) {
    const marks = ["id", "name", "for", "value", "aria-describedby", "data-token"];
    for (const element of [card, ...card.querySelectorAll("*")]) {
      for (const mark of marks) {
        const text = element.getAttribute(mark);
        if (text === null) continue;
        if (mark === "value" && !element.matches("button, [name=field]")) continue;
        const renamed = text.replace(new RegExp(`(^|[:\\s])${from}(?=$|-|\\s)`, "g"), `$1${to}`);
        if (renamed !== text) element.setAttribute(mark, renamed);
      }
    }
  }

  /* A condition offers the questions that stand above it. */
  function linkQuestions() {
    const above = [];
    for (const card of cards()) {
      for (const select of card.querySelectorAll("select[name$='_field'][name*='-show_']")) {
        const chosen = select.value;
        const first = select.options[0];
        select.replaceChildren(first, ...above.map(([token, label]) => new Option(label, token)));
        select.value = above.some(([token]) => token === chosen) ? chosen : "";
      }
      if (!["step", "quiz"].includes(card.dataset.kind)) {
        above.push([card.dataset.token, card.querySelector("[data-label-text]").textContent]);
      }
    }
  }

  function touch() {
    changed = true;
    linkQuestions();
    form.querySelector("[data-none]").hidden = cards().length > 0;
    preview();
  }

  function add(kind) {
    const blank = document.querySelector(`template[data-blank="${CSS.escape(kind)}"]`);
    const added = [...blank.content.children].map((one) => one.cloneNode(true));
    for (const card of added) {
      rename(card, card.dataset.token, nextToken());
      list.append(card);
    }
    open(added[0]);
    touch();
  }

  function duplicate(card) {
    const copy = card.cloneNode(true);
    const selects = [...card.querySelectorAll("select")];
    [...copy.querySelectorAll("select")].forEach((select, i) => (select.value = selects[i].value));
    rename(copy, card.dataset.token, nextToken());
    const key = copy.querySelector("input[name$='-key']");
    if (key) key.value = "";
    card.after(copy);
    open(copy);
    touch();
  }

  function open(card) {
    const details = card.querySelector("[data-card]");
    details.open = true;
    const label = card.querySelector("input[name$='-label']");
    label.focus();
    label.select();
  }

  function move(card, step) {
    const other = step < 0 ? card.previousElementSibling : card.nextElementSibling;
    if (!other) return;
    if (step < 0) other.before(card);
    else other.after(card);
    card.querySelector(`[data-verb=${step < 0 ? "up" : "down"}]`).focus();
    touch();
  }

  function remove(card) {
    const place = cards().indexOf(card);
    const label = card.querySelector("[data-label-text]").textContent;
    card.remove();
    offerUndo(label, () => {
      const at = cards()[place];
      if (at) at.before(card);
      else list.append(card);
      open(card);
      touch();
    });
    (cards()[Math.min(place, cards().length - 1)]?.querySelector("summary") ?? form.querySelector("[data-add]")).focus();
    touch();
  }

  function offerUndo(label, undo) {
    const region = form.querySelector("[data-removed]");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-sm";
    button.textContent = form.dataset.undo;
    button.addEventListener("click", () => {
      region.hidden = true;
      undo();
    });
    const text = document.createElement("span");
    text.textContent = form.dataset.deleted.replace("%(label)s", label);
    region.replaceChildren(text, button);
    region.hidden = false;
  }

  const verbs = {
    up: (card) => move(card, -1),
    down: (card) => move(card, 1),
    duplicate,
    delete: remove,
  };

  form.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    const { add: kind, verb } = button.dataset;
    if (!kind && !verb) return;
    event.preventDefault();
    if (kind) add(kind);
    else verbs[verb](button.closest("[data-field]"));
  });

  /* The folded card shows its label and whether it must be answered. */
  form.addEventListener("input", (event) => {
    const card = event.target.closest("[data-field]");
    if (card && event.target.name.endsWith("-label")) {
      const text = card.querySelector("[data-label-text]");
      text.textContent = event.target.value.trim() || text.dataset.empty;
    }
    if (card && event.target.name.endsWith("-required")) {
      card.querySelector("[data-required-badge]").hidden = !event.target.checked;
    }
    touch();
  });

  if (window.Sortable) {
    new window.Sortable(list, { handle: "[data-grip]", draggable: "[data-field]", animation: 150, onEnd: touch });
    list.classList.add("is-sortable");
  }

  /* Preview: the theme's own page, drawn by the server from what is typed. */
  let timer, running;

  function preview() {
    clearTimeout(timer);
    timer = setTimeout(draw, 350);
  }

  async function draw() {
    running?.abort();
    running = new AbortController();
    try {
      const answer = await fetch(form.dataset.previewUrl, {
        method: "POST",
        body: new URLSearchParams(new FormData(form)),
        headers: { "X-CSRF-Token": token },
        signal: running.signal,
      });
      if (!answer.ok) return;
      const drawn = new DOMParser().parseFromString(await answer.text(), "text/html");
      const shown = frame.contentDocument;
      // Only the page's middle changes, so that the frame neither flickers nor scrolls.
      const from = drawn.querySelector("main"), to = shown?.querySelector("main");
      if (from && to) to.replaceWith(shown.importNode(from, true));
      // Scripts that come with it do not run again by themselves.
      frame.contentWindow.kaiinForms?.();
    } catch (error) {
      if (error.name !== "AbortError") throw error;
    }
  }

  /* The preview is for looking at. */
  frame.addEventListener("load", () => {
    const shown = frame.contentDocument;
    shown.addEventListener("click", (event) => {
      if (event.target.closest("a, button")) event.preventDefault();
    });
    frame.contentWindow.scrollTo(0, shown.querySelector("main")?.offsetTop ?? 0);
  });

  document.querySelector("[data-preview-button]").hidden = true;
  if (changed) frame.addEventListener("load", draw, { once: true });

  /* What is typed is not lost by a slip. */
  form.addEventListener("submit", () => (changed = false));
  window.addEventListener("beforeunload", (event) => {
    if (changed) event.preventDefault();
  });
})();

/* Copy buttons beside a short code. */
(() => {
  "use strict";

  if (!navigator.clipboard) return;
  for (const box of document.querySelectorAll("[data-copy]")) {
    const button = box.querySelector("[data-copy-button]");
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(box.querySelector("code").textContent);
      button.classList.add("is-done");
      button.setAttribute("aria-label", button.dataset.done);
      button.title = button.dataset.done;
    });
  }
})();
