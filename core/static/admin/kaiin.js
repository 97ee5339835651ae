/* Behaviour of the admin's frame. Every screen works without this file; it makes them quicker. */

(() => {
  "use strict";

  const token = document.querySelector('meta[name="csrf-token"]')?.content ?? "";

  document.addEventListener("htmx:configRequest", (event) => {
    event.detail.headers["X-CSRF-Token"] = token;
  });

  /* Menus are <details>: close them on Escape, on a click elsewhere, and when another opens. */
  const openMenus = () => document.querySelectorAll("details[data-menu][open]");

  document.addEventListener("click", (event) => {
    for (const menu of openMenus()) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") closeInnermost();
    if (event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !isTyping(event.target)) {
      event.preventDefault();
      document.getElementById("global-search")?.focus();
    }
    if (event.key === "ArrowDown" || event.key === "ArrowUp") moveInList(event);
  });

  function closeInnermost() {
    const menu = [...openMenus()].pop();
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
      return;
    }
    if (document.activeElement?.closest("[data-global-search]")) document.activeElement.blur();
  }

  function isTyping(element) {
    return element.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName);
  }

  /* Arrow keys walk through a menu's lines and the search suggestions. */
  function moveInList(event) {
    const box = event.target.closest?.("[data-menu], [data-global-search]");
    if (!box) return;
    if (isTyping(event.target) && !box.matches("[data-global-search]")) return;
    const items = [...box.querySelectorAll(".k-menu-item, .k-notice-line, .k-suggestion")];
    if (!items.length) return;
    event.preventDefault();
    const at = items.indexOf(document.activeElement);
    const step = event.key === "ArrowDown" ? 1 : -1;
    const next = at + step;
    if (next < 0) (box.querySelector("input[type=search]") ?? box.querySelector("summary")).focus();
    else items[Math.min(next, items.length - 1)].focus();
  }

  /* Which groups of the navigation stay closed. */
  document.querySelectorAll("[data-nav-group]").forEach((group) => {
    group.addEventListener("toggle", () => {
      const closed = [...document.querySelectorAll("[data-nav-group]:not([open])")].map((g) => g.dataset.navGroup);
      document.cookie = `kaiin_nav_closed=${closed.join(".")}; path=/admin; max-age=31536000; samesite=lax`;
    });
  });

  /* A long navigation shows the line of the present page. */
  document.querySelector(".k-nav [aria-current]")?.scrollIntoView({ block: "nearest" });

  /* The theme changes at once; the form's answer sets the cookie for the next page. */
  document.querySelectorAll("[data-theme-form]").forEach((form) => {
    form.addEventListener("submit", (event) => {
      const choice = event.submitter?.value;
      if (!choice) return;
      event.preventDefault();
      const body = new FormData(form, event.submitter);
      fetch(form.action, { method: "POST", body, headers: { "X-CSRF-Token": token }, redirect: "manual" });
      const root = document.documentElement;
      if (choice === "auto") root.removeAttribute("data-bs-theme");
      else root.setAttribute("data-bs-theme", choice);
      form.querySelectorAll("button").forEach((b) => b.setAttribute("aria-pressed", String(b.value === choice)));
    });
  });

  /* A form is sent once, however often its button is pressed. */
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post" || form.hasAttribute("hx-post")) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "1";
    form.querySelectorAll("button:not([type=button])").forEach((button) => button.setAttribute("aria-busy", "true"));
    // An answer that is a download leaves the page standing.
    setTimeout(() => release(form), 5000);
  });

  function release(form) {
    delete form.dataset.sent;
    form.querySelectorAll("[aria-busy]").forEach((button) => button.removeAttribute("aria-busy"));
  }

  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    document.querySelectorAll("form[data-sent]").forEach(release);
  });

  /* A form that came back with errors: the summary takes the focus. */
  document.querySelector("[data-focus]")?.focus();

  /* Tabs that scroll begin with the current one in view. */
  const showTab = () => document.querySelectorAll(".k-tabs [aria-current]").forEach((tab) => {
    const line = tab.parentElement;
    line.scrollLeft = tab.offsetLeft - line.offsetLeft - (line.clientWidth - tab.offsetWidth) / 2;
  });
  showTab();
  document.addEventListener("htmx:afterSettle", showTab);

  document.addEventListener("htmx:sendError", () => announce(document.body.dataset.unreachable));
  document.addEventListener("htmx:responseError", (event) => {
    // Logged out meanwhile: the whole page knows the way to the log-in and back.
    if (event.detail.xhr.status === 401) location.reload();
    else announce(document.body.dataset.refused);
  });

  function announce(text) {
    const region = document.getElementById("messages");
    if (!region || !text) return;
    const line = document.createElement("div");
    line.className = "k-message k-tone-danger";
    const words = document.createElement("p");
    words.textContent = text;
    line.append(words);
    region.replaceChildren(line);
  }
})();
