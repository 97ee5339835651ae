// Small comforts. Everything works without this file.
(function () {
  "use strict";

  const root = document.documentElement;

  function isDark() {
    return root.dataset.scheme ? root.dataset.scheme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  }

  function offerSchemeSwitch(button) {
    button.hidden = false;
    button.addEventListener("click", () => {
      root.dataset.scheme = isDark() ? "light" : "dark";
      try {
        localStorage.setItem("kaiin-scheme", root.dataset.scheme);
      } catch (_) {
        // Storage is switched off: the choice holds for this page.
      }
    });
  }

  function closeMenuWhenLeft(menu) {
    document.addEventListener("click", (event) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
    menu.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !menu.open) return;
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  }

  // A second press while the first is on its way would send the answers twice.
  function sendOnce(form) {
    form.addEventListener("submit", (event) => {
      if (form.dataset.sending) return event.preventDefault();
      form.dataset.sending = "yes";
      for (const button of form.querySelectorAll("button[type=submit]")) button.setAttribute("aria-busy", "true");
    });
  }

  function allowAgain(form) {
    delete form.dataset.sending;
    for (const button of form.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
  }

  const forms = [...document.querySelectorAll("form[method=post]")];
  forms.forEach(sendOnce);
  addEventListener("pageshow", (event) => event.persisted && forms.forEach(allowAgain));
  document.querySelectorAll("[data-scheme-switch]").forEach(offerSchemeSwitch);
  document.querySelectorAll("details.nav-narrow").forEach(closeMenuWhenLeft);
  document.querySelector("[data-focus]")?.focus();
})();
