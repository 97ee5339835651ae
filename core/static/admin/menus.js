/* Menu lines can be dragged; the arrow buttons do the same without this file. */

(() => {
  "use strict";

  document.querySelectorAll("[data-menu-lines]").forEach((list) => {
    if (!window.Sortable) return;
    list.querySelectorAll("[data-grip]").forEach((grip) => { grip.hidden = false; });
    window.Sortable.create(list, { handle: "[data-grip]", draggable: ".menu-line", animation: 120 });
  });
})();
