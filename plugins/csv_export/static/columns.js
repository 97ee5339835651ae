/* Choosing columns: moves and ticks them in place. Without this file the same buttons send the page. */

(() => {
  "use strict";

  const form = document.querySelector("[data-columns-form]");
  if (!form) return;
  const list = form.querySelector("[data-columns]");
  const rows = () => [...list.querySelectorAll("[data-column]")];
  const box = (row) => row.querySelector("input[type=checkbox]");

  /* A download leaves the page as it is: let the form be sent again after a moment. */
  form.addEventListener("submit", (event) => {
    if (!event.submitter?.matches("[data-download]")) return;
    setTimeout(() => {
      delete form.dataset.sent;
      form.querySelectorAll("[aria-busy]").forEach((button) => button.removeAttribute("aria-busy"));
    }, 1500);
  });

  if (!list) return;

  function refresh() {
    const all = rows();
    all.forEach((row, place) => {
      row.querySelector('[data-move="-1"]').disabled = place === 0;
      row.querySelector('[data-move="1"]').disabled = place === all.length - 1;
    });
    form.querySelector("[data-chosen]").textContent = all.filter((row) => box(row).checked).length;
  }

  function move(row, step, button) {
    const other = step < 0 ? row.previousElementSibling : row.nextElementSibling;
    if (!other) return;
    if (step < 0) other.before(row);
    else other.after(row);
    refresh();
    (button.disabled ? row.querySelector("[data-move]:not(:disabled)") : button).focus();
  }

  form.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.dataset.move) {
      event.preventDefault();
      move(button.closest("[data-column]"), Number(button.dataset.move), button);
    }
    if (button.dataset.preset) {
      event.preventDefault();
      rows().forEach((row) => (box(row).checked = button.dataset.preset === "all"));
      refresh();
    }
  });

  list.addEventListener("change", refresh);

  if (window.Sortable) {
    new window.Sortable(list, { handle: "[data-grip]", draggable: "[data-column]", animation: 150, onEnd: refresh });
    list.classList.add("is-sortable");
  }
})();
