// Runs before the first paint: applies the light or dark look that this visitor chose.
(function () {
  "use strict";
  try {
    var chosen = localStorage.getItem("kaiin-scheme");
    if (chosen === "light" || chosen === "dark") document.documentElement.dataset.scheme = chosen;
  } catch (_) {
    // Storage is switched off: the system's choice holds.
  }
})();
