/* Fields can be dragged within and between groups; the arrow buttons and the group in a field do the same. */

(() => {
  "use strict";

  const parts = document.querySelector("[data-field-order]");
  if (!parts || !window.Sortable) return;
  const said = parts.querySelector("[data-said]");
  const token = document.querySelector('meta[name="csrf-token"]')?.content ?? "";

  const save = async () => {
    const body = new URLSearchParams();
    parts.querySelectorAll("[data-group]").forEach((list) => {
      list.querySelectorAll("[data-field]").forEach((line) => {
        body.append("place", `${list.dataset.group}:${line.dataset.field}`);
      });
    });
    let isSaved = false;
    try {
      const headers = { "X-CSRF-Token": token, Accept: "application/json" };
      isSaved = (await fetch(parts.dataset.fieldOrder, { method: "POST", body, headers, redirect: "manual" })).ok;
    } catch { /* Said below. */ }
    said.textContent = isSaved ? parts.dataset.saved : parts.dataset.failed;
    said.classList.toggle("visually-hidden", isSaved);
    said.classList.toggle("k-error", !isSaved);
  };

  parts.querySelectorAll("[data-group]").forEach((list) => {
    window.Sortable.create(list, {
      animation: 120, draggable: ".f-line", group: "fields", handle: "[data-grip]", onEnd: save,
    });
  });
  parts.querySelectorAll("[data-grip]").forEach((grip) => { grip.hidden = false; });
})();
