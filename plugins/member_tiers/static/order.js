// Rows of each ladder's table can be dragged; without this file the arrows beside them do the same.
(() => {
  if (typeof Sortable === "undefined") return;
  const forms = [...document.querySelectorAll("[data-order-form]")];
  [...document.querySelectorAll("[data-order]")].forEach((rows, number) => {
    const form = forms[number];
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
  });
})();
