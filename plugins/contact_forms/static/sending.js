/* Sends a form without leaving its page: fetches what belongs to this visit, says in words why a
   sending failed, and shows the confirmation in place. Without this file the same form works by
   whole pages. */

window.kaiinFormSending ??= (() => {
  "use strict";

  const OLD = 2 * 3600, PATIENCE = 30_000, SLOWEST_LINE = 20_000;

  /* The visit: its key and the time of opening come late, since everybody gets the same page. */

  function hiddenInput(form, name) {
    let input = form.querySelector(`:scope > input[type=hidden][name="${name}"]`);
    if (!input) {
      input = document.createElement("input");
      input.type = "hidden";
      input.name = name;
      form.prepend(input);
    }
    return input;
  }

  // A key begins with its second; the browser may have filled in again an old one.
  const isOld = (once) => Date.now() / 1000 - Number.parseInt(once, 10) > OLD;

  function ownPart(form, told) {
    const once = () => hiddenInput(form, "form_once");
    let loading = null, unsure = false;

    async function load() {
      const address = new URL(told.token, location.href);
      address.searchParams.set("at", Date.now().toString(36));
      if (document.referrer) address.searchParams.set("referrer", document.referrer.replace(/[?#].*$/, ""));
      const answer = await fetch(address, { cache: "no-store", credentials: "same-origin", signal: AbortSignal.timeout(PATIENCE) });
      if (!answer.ok) throw new Error(String(answer.status));
      const late = await answer.json();
      if (!once().value || (isOld(once().value) && !unsure)) once().value = late.once;
      hiddenInput(form, "form_started").value ||= late.started;
      if (late.csrf) hiddenInput(form, "csrf_token").value = late.csrf;
    }

    function have() {
      if (!told.token || (!loading && once().value && !isOld(once().value))) return Promise.resolve();
      // Without it the answers are taken, too: then where they come from stands for the visit.
      loading ??= load().catch(() => (loading = null));
      return loading;
    }

    return {
      have,
      renew: () => {
        if (told.token) loading = load().catch(() => (loading = null));
      },
      // What may have arrived is sent again under the same key.
      sendsSurely: (isSure) => (unsure = !isSure),
    };
  }

  /* One sending: {status, answer}, or {failure} in words. */

  async function post(form, texts, extra) {
    const data = new FormData(form);
    for (const [name, value] of Object.entries(extra)) data.set(name, value);
    const sizes = [...data.values()].map((value) => (value instanceof File ? value.size : 0));
    const bytes = sizes.reduce((sum, size) => sum + size, 0);
    const body = bytes ? data : new URLSearchParams([...data].filter(([, value]) => typeof value === "string"));
    let response;
    try {
      response = await fetch(form.action, {
        method: "POST",
        body,
        credentials: "same-origin",
        headers: { Accept: "application/json" },
        signal: AbortSignal.timeout(PATIENCE + (bytes / SLOWEST_LINE) * 1000),
      });
    } catch (error) {
      if (error.name === "TimeoutError") return { failure: texts.timeout };
      return { failure: navigator.onLine ? texts.unreachable : texts.offline };
    }
    const answer = await response.json().catch(() => ({}));
    const { status } = response;
    if (status >= 500) return { failure: texts.status5 };
    if (status === 413) return { failure: texts.status413, isSure: true };
    if (status === 429) return { failure: answer.message ?? texts.status429, isSure: true };
    if (!answer.status) return { failure: texts.refused, isSure: true };
    return { status: answer.status, answer };
  }

  /* The button says what goes on; nothing is pressed twice. */

  function busy(form, pressed, words) {
    const buttons = [...form.querySelectorAll("button[type=submit]")];
    const label = pressed.textContent;
    pressed.textContent = words;
    for (const one of buttons) one.disabled = true;
    form.setAttribute("aria-busy", "true");
    return () => {
      pressed.textContent = label;
      for (const one of buttons) one.disabled = false;
      form.removeAttribute("aria-busy");
    };
  }

  function say(form, text) {
    form.querySelector(":scope > .form-problem")?.remove();
    if (!text) return;
    const line = document.createElement("p");
    line.className = "form-problem";
    line.setAttribute("role", "alert");
    line.textContent = text;
    form.querySelector(".form-actions").before(line);
  }

  /* Returns a function that sends the form; `tell` gets what the server found wrong. */
  function sender(form, told, tell) {
    const own = ownPart(form, told);
    let release = null, shown = null;

    for (const first of ["focusin", "pointerdown", "pointerover"]) {
      form.addEventListener(first, own.have, { once: true });
    }
    window.addEventListener("pageshow", (event) => {
      if (!event.persisted) return;
      release?.();
      // Somebody may have logged in or out since.
      own.renew();
    });
    form.addEventListener("input", () => {
      shown?.remove();
      shown = null;
    });

    return async () => {
      if (release) return;
      const button = form.querySelector("button[type=submit]");
      const free = busy(form, button, told.texts.sending);
      release = () => {
        free();
        release = null;
      };
      say(form, "");
      await own.have();
      const { failure, isSure, status, answer } = await post(form, told.texts, told.confirms ? { form_confirm: "1" } : {});
      own.sendsSurely(!failure || isSure);
      if (status === "sent") {
        location.assign(answer.url);
        return;
      }
      release();
      if (status === "to_confirm") {
        shown = confirmation(form, answer, shown);
        return;
      }
      button.focus({ preventScroll: true });
      if (status === "validation_failed") tell(answer.invalid_fields);
      say(form, failure ?? answer.message);
    };
  }

  /* The confirmation stands in place of the form, which waits behind it with everything in it. */

  function confirmation(form, answer, before) {
    const box = form.closest("[data-form-box]") ?? form;
    const page = new DOMParser().parseFromString(answer.html, "text/html");
    const view = document.importNode(page.querySelector("[data-confirm-box]"), true);
    const heading = document.createElement("h2");
    heading.className = "form-confirm-title";
    heading.tabIndex = -1;
    heading.textContent = answer.title;
    const walk = view.querySelector(".form-stages");
    if (walk) walk.after(heading);
    else view.prepend(heading);
    before?.remove();
    box.after(view);
    const titles = [document.title, `${answer.title} – ${document.title}`];

    const turn = (isShown) => {
      view.hidden = !isShown;
      box.hidden = isShown;
      document.title = titles[Number(isShown)];
      const target = isShown ? heading : form.querySelector("button[type=submit]");
      target.focus({ preventScroll: true });
      (isShown ? view : target).scrollIntoView({ block: isShown ? "start" : "nearest" });
    };
    const turned = () => {
      if (view.isConnected) turn(history.state?.kaiinConfirms === form.action);
      else window.removeEventListener("popstate", turned);
    };
    window.addEventListener("popstate", turned);
    history.pushState({ kaiinConfirms: form.action }, "");
    confirmable(view.querySelector("[data-confirmation]"), () => history.back());
    turn(true);
    return view;
  }

  /* The confirmation's own form; `back` leads to the form that waits on this page, if one does. */
  function confirmable(form, back) {
    const { texts } = JSON.parse(form.dataset.confirmation);
    let release = null;
    window.addEventListener("pageshow", (event) => event.persisted && release?.());

    form.addEventListener("submit", async (event) => {
      const pressed = event.submitter ?? form.querySelector("[value=send]");
      if (pressed.value === "edit" && !back) return;
      event.preventDefault();
      if (release) return;
      if (pressed.value === "edit") {
        back();
        return;
      }
      const free = busy(form, pressed, texts.sending);
      release = () => {
        free();
        release = null;
      };
      say(form, "");
      const { failure, status, answer } = await post(form, texts, { form_do: "send" });
      if (status === "sent") {
        location.replace(answer.url);
        return;
      }
      release();
      if (failure) {
        say(form, failure);
        pressed.focus({ preventScroll: true });
        return;
      }
      // Something has changed since; the server's page says what, with everything in it.
      hiddenInput(form, "form_do").value = "send";
      HTMLFormElement.prototype.submit.call(form);
    });
  }

  return { sender, confirmable, isAble: "timeout" in AbortSignal };
})();
