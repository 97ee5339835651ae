/* Lists: cells edited where they stand, and columns put in order. */

(() => {
  "use strict";

  /* Cells ------------------------------------------------------------------------------------- */

  const before = new WeakMap();

  const addressOf = (cell) => {
    const row = cell.closest("tr");
    const pattern = row.closest("[data-edit-url]").dataset.editUrl;
    return pattern.replace("/0/", `/${row.dataset.key}/`).replace(/-$/, before.get(cell).name);
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-edit]");
    if (button) open(button);
    const form = event.target.closest?.("[data-cell-form]");
    if (form && event.target.closest("[data-cell-save]")) save(form);
    if (form && event.target.closest("[data-cell-cancel]")) close(form);
  });

  document.addEventListener("keydown", (event) => {
    const form = event.target.closest?.("[data-cell-form]");
    if (!form) return;
    if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      close(form);
    } else if (event.key === "Enter" && !event.isComposing && !event.target.matches("button")) {
      if (event.target.matches("textarea") && event.shiftKey) return;
      event.preventDefault();
      save(form);
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp" || event.key === "x") {
      event.stopPropagation();
    }
  }, true);

  function open(button) {
    const cell = button.closest("td");
    before.set(cell, { name: button.dataset.edit, html: cell.innerHTML });
    htmx.ajax("GET", addressOf(cell), { target: cell, swap: "innerHTML" }).then(() => {
      const input = cell.querySelector("input:not([type=hidden]), select, textarea");
      if (!input) return;
      cell.classList.add("is-edited");
      input.focus();
      if (input.matches("input:not([type=checkbox], [type=date], [type=datetime-local])")) input.select();
    });
  }

  function close(form) {
    const cell = form.closest("td");
    cell.innerHTML = before.get(cell).html;
    ready(cell);
  }

  function save(form) {
    if (form.dataset.sent) return;
    form.dataset.sent = "1";
    const cell = form.closest("td");
    const values = {};
    for (const input of form.querySelectorAll("input, select, textarea")) {
      if (!input.name || (input.type === "checkbox" && !input.checked)) continue;
      (values[input.name] ??= []).push(input.value);
    }
    htmx.ajax("POST", addressOf(cell), { target: cell, swap: "innerHTML", values }).then(() => {
      delete form.dataset.sent;
      const again = cell.querySelector("[data-cell-form]");
      if (!again) ready(cell);
      else again.querySelector("input:not([type=hidden]), select, textarea")?.focus();
    });
  }

  function ready(cell) {
    const button = cell.querySelector("[data-edit]");
    cell.classList.remove("is-edited");
    cell.classList.toggle("is-empty", !!button && !button.textContent.trim());
    button?.focus();
  }

  /* Conditions: a menu of values says which ones are chosen. */

  document.addEventListener("change", (event) => {
    const menu = event.target.closest?.("[data-many]");
    if (!menu) return;
    const chosen = [...menu.querySelectorAll("input:checked")].map((box) => box.closest("label").textContent.trim());
    menu.querySelector("summary").textContent = chosen.join(menu.dataset.many) || menu.dataset.none;
  });

  /* Columns: moved with buttons, or drawn by their grips ---------------------------------------- */

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-columns] [data-move]");
    if (!button) return;
    event.preventDefault();
    const line = button.closest("li");
    const other = button.dataset.move === "1" ? line.nextElementSibling : line.previousElementSibling;
    if (other) button.dataset.move === "1" ? other.after(line) : other.before(line);
    button.focus();
  });

  document.addEventListener("change", (event) => {
    const box = event.target;
    const form = box.closest?.("[data-columns]");
    if (!form || !box.matches('[name="col"]')) return;
    const list = form.querySelector(box.checked ? "[data-columns-shown]" : "[data-columns-more]");
    if (box.checked) list.append(box.closest("li"));
    else list.prepend(box.closest("li"));
    box.focus();
  });

  document.addEventListener("toggle", (event) => {
    const form = event.target.open && event.target.querySelector?.("[data-columns]");
    if (!form || form.dataset.draws) return;
    form.dataset.draws = "1";
    const draw = () => new Sortable(form.querySelector("[data-columns-shown]"), { handle: "[data-grip]", animation: 120 });
    if (window.Sortable) return draw();
    const script = document.createElement("script");
    script.src = form.dataset.sortable;
    script.addEventListener("load", draw);
    document.head.append(script);
  }, true);
})();
