// Rows of the tiers list can be dragged; without this file the arrows beside them do the same.
(() => {
  const rows = document.querySelector("[data-order]");
  const form = document.querySelector("[data-order-form]");
  if (!rows || !form || typeof Sortable === "undefined") return;
  const inputs = [...form.querySelectorAll("input[name=tier]")];
  [...rows.children].forEach((row, place) => {
    row.dataset.tier = inputs[place].value;
    row.querySelector("[data-order-handle]").hidden = false;
  });
  Sortable.create(rows, {
    handle: "[data-order-handle]",
    animation: 120,
    onEnd: ({ oldIndex, newIndex }) => {
      if (oldIndex === newIndex) return;
      [...rows.children].forEach((row, place) => {
        inputs[place].value = row.dataset.tier;
      });
      form.requestSubmit();
    },
  });
})();
