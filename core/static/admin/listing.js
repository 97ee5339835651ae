/* Lists: choosing rows and walking through them. Everything works without this file. */

(() => {
  "use strict";

  const boxes = (form) => [...form.querySelectorAll('input[name="ids"]')];
  let last = null;

  document.addEventListener("change", (event) => {
    const box = event.target;
    const form = box.closest?.("#listing-form");
    if (!form) return;
    if (box.matches("[data-pick-all]")) boxes(form).forEach((one) => (one.checked = box.checked));
    refresh(form);
  });

  /* Shift chooses everything between two clicks. */
  document.addEventListener("click", (event) => {
    const box = event.target;
    if (!box.matches?.('#listing-form input[name="ids"]')) return;
    const all = boxes(box.form);
    if (event.shiftKey && last && all.includes(last)) {
      const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((a, b) => a - b);
      all.slice(from, to + 1).forEach((one) => (one.checked = box.checked));
      refresh(box.form);
    }
    last = box;
  });

  function refresh(form) {
    const all = boxes(form);
    const chosen = all.filter((one) => one.checked).length;
    const head = form.querySelector("[data-pick-all]");
    if (head) {
      head.checked = chosen === all.length && chosen > 0;
      head.indeterminate = chosen > 0 && chosen < all.length;
    }
    const number = form.querySelector("[data-bulk-number]");
    if (number) {
      number.dataset.words ??= number.textContent;
      number.textContent = `${number.dataset.words} ${chosen}`;
    }
  }

  /* Up and down walk from row to row; x chooses the row. Only while the table has the focus. */
  document.addEventListener("keydown", (event) => {
    const row = event.target.closest?.("[data-rows] tbody tr");
    if (!row || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
    if (step) {
      const next = row[step]?.querySelector(".k-primary a, input");
      if (!next) return;
      event.preventDefault();
      next.focus();
    } else if (event.key === "x") {
      const box = row.querySelector('input[name="ids"]');
      if (!box) return;
      event.preventDefault();
      box.click();
    }
  });
})();
