/* The parts of a customer's page are tabs on a phone. Without this file they stand below each other. */

(() => {
  "use strict";

  const tabs = document.querySelector("[data-parts]");
  const parts = [...document.querySelectorAll("[data-part]")];
  if (!tabs || !parts.length) return;

  const page = parts[0].parentElement;
  page.classList.add("is-tabbed");

  function show(id) {
    const aim = document.getElementById(id);
    const wanted = aim?.closest("[data-part]")?.id ?? "history";
    for (const part of parts) part.classList.toggle("is-current", part.id === wanted);
    for (const link of tabs.querySelectorAll("a")) {
      if (link.hash === `#${wanted}`) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  }

  tabs.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (!link) return;
    event.preventDefault();
    history.replaceState(null, "", link.hash);
    show(link.hash.slice(1));
  });

  show(location.hash.slice(1));
})();
