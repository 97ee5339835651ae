/* A form on the site: says what is wrong before it is sent, shows what an earlier answer asks for,
   goes step by step, counts characters. Without this file the same form works in one piece.
   A page that puts in another form calls window.kaiinForms() again. */

window.kaiinForms = () => {
  "use strict";

  const { check, todayIn } = window.kaiinFormSchema;
  const sending = window.kaiinFormSending?.isAble ? window.kaiinFormSending : null;
  const keyOf = (input) => input.name.replace(/:free$/, "");

  for (const form of document.querySelectorAll("form[data-contact-form]")) {
    if (form.dataset.ready) continue;
    form.dataset.ready = "1";
    enhance(form);
  }
  for (const form of document.querySelectorAll("form[data-confirmation]")) {
    if (form.dataset.ready || !sending) continue;
    form.dataset.ready = "1";
    sending.confirmable(form, null);
  }

  function enhance(form) {
    const told = JSON.parse(form.dataset.contactForm);
    const touched = new Set([...form.querySelectorAll("[aria-invalid]")].map((one) => keyOf(one)));
    let schema = null, loading = null, steps = null;
    const send = form.dataset.schema && sending ? sending.sender(form, told, tellAll) : null;

    const inputs = (name) => [...form.elements].filter((one) => one.name === name);
    const boxOf = (name) => inputs(name)[0]?.closest(".field");

    function load() {
      if (!form.dataset.schema) return Promise.resolve();
      loading ??= fetch(form.dataset.schema, { credentials: "same-origin" })
        .then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(String(answer.status)))))
        .then((rules) => (schema = rules))
        // The server checks the same rules; without them here nothing is lost.
        .catch(() => (loading = null));
      return loading;
    }

    function given() {
      const values = {};
      const add = (name, value) => (values[name] ??= []).push(value);
      for (const [name, value] of new FormData(form)) {
        if (typeof value === "string") add(name, value);
        else if (value.name) add(name, `${value.size}/${value.name}`);
      }
      // Files that arrived before; where one is asked for, a new one takes its place.
      for (const [token, [key, file]] of Object.entries(told.files.held)) {
        const isKept = values.form_held?.includes(token);
        if (isKept && !(told.files.single.includes(key) && values[key])) add(key, file);
      }
      return values;
    }

    function judge() {
      // What is hidden is switched off, and would not be read.
      for (const one of form.querySelectorAll("[data-unasked]")) one.disabled = false;
      const outcome = check(schema, given(), todayIn(schema.timezone));
      for (const [key, isShown] of Object.entries(outcome.shown)) show(key, isShown);
      steps?.draw();
      return outcome;
    }

    function show(key, isShown) {
      for (const name of [key, `${key}:free`]) {
        const box = boxOf(name);
        if (box) box.dataset.hidden = isShown ? "" : "1";
        for (const input of inputs(name)) {
          input.disabled = !isShown;
          input.toggleAttribute("data-unasked", !isShown);
        }
        if (box) box.hidden = !isShown || box.dataset.waits === "1";
      }
    }

    /* Messages stand where the server would put them. */

    function tell(key, problem) {
      write(key, problem ? (schema.messages[problem.code] ?? "").replace("{limit}", problem.limit) : "");
    }

    function write(key, problem) {
      const first = inputs(key)[0], box = boxOf(key);
      if (!first || !box) return;
      const id = `${first.id.replace(/-[0-9]+$/, (end) => (first.type === "radio" || first.type === "checkbox" ? "" : end))}-error`;
      const marked = box.matches("fieldset") ? box : first;
      const described = (marked.getAttribute("aria-describedby") ?? "").split(/\s+/).filter((one) => one && one !== id);
      let line = document.getElementById(id);
      box.classList.toggle("field-wrong", Boolean(problem));
      for (const input of inputs(key)) {
        if (problem) input.setAttribute("aria-invalid", "true");
        else input.removeAttribute("aria-invalid");
      }
      if (problem) {
        if (!line) {
          line = document.createElement("p");
          line.className = "field-error";
          line.id = id;
          box.append(line);
        }
        line.textContent = problem;
        described.unshift(id);
      } else {
        line?.remove();
      }
      if (described.length) marked.setAttribute("aria-describedby", described.join(" "));
      else marked.removeAttribute("aria-describedby");
    }

    /* Returns whether all the named fields are fine; goes to the first that is not. */
    function passes(keys) {
      const { problems, shown } = judge();
      const wrong = keys.filter((key) => problems[key]);
      for (const key of keys) {
        if (shown[key]) touched.add(key);
        tell(key, problems[key]);
      }
      if (wrong.length) {
        steps?.go(wrong[0]);
        inputs(wrong[0])[0]?.focus();
      }
      return !wrong.length;
    }

    form.addEventListener("focusin", load, { once: true });
    form.addEventListener("change", (event) => {
      if (told.exclusive.includes(event.target.name) && event.target.checked) {
        for (const other of inputs(event.target.name)) other.checked = other === event.target;
      }
      if (!schema || !event.target.name) return;
      touched.add(keyOf(event.target));
      whenStill(refresh);
    });
    form.addEventListener("input", () => schema && touched.size && refresh());

    /* A message that comes or goes moves the page; a button must not slip away under a press. */
    let pressed = false;
    document.addEventListener("pointerdown", () => (pressed = true), true);
    for (const end of ["pointerup", "pointercancel"]) {
      document.addEventListener(end, () => setTimeout(() => (pressed = false)), true);
    }
    function whenStill(act) {
      if (!pressed) act();
      else setTimeout(() => whenStill(act), 50);
    }

    function refresh() {
      const { problems } = judge();
      for (const key of touched) tell(key, problems[key]);
    }

    form.addEventListener("submit", (event) => {
      if (!form.dataset.schema) return;
      if (steps && !steps.isLast()) {
        event.preventDefault();
        steps.next();
        return;
      }
      const isFine = () => !schema || passes(schema.fields.map((field) => field.key));
      if (!send) {
        if (!isFine()) event.preventDefault();
        return;
      }
      event.preventDefault();
      load().then(() => isFine() && send());
    });

    /* What the server found wrong stands where our own findings do. */
    function tellAll(wrong) {
      for (const { field, message } of wrong) {
        touched.add(field);
        write(field, message);
      }
      if (!wrong.length) return;
      steps?.go(wrong[0].field);
      inputs(wrong[0].field)[0]?.focus();
    }

    count(form, told, inputs);
    slide(form, told, inputs);
    freeTexts(form, told, inputs, boxOf);
    steps = walk(form, told, inputs, async (keys) => {
      await load();
      return !schema || passes(schema.fields.map((field) => field.key).filter((key) => keys.has(key)));
    });
    if (told.conditions || touched.size) load().then(() => schema && judge());
    // The Back button fills in again what was typed, after this ran.
    window.addEventListener("pageshow", () => schema && judge());
  }

  /* How many characters were used, or are left. */
  function count(form, told, inputs) {
    for (const [key, direction] of Object.entries(told.counts)) {
      const input = inputs(key)[0];
      if (!input) continue;
      const line = document.createElement("p");
      line.className = "field-help form-count";
      input.after(line);
      const write = () => {
        const used = [...input.value].length;
        const left = direction === "down" && input.maxLength > 0;
        const n = left ? Math.max(0, input.maxLength - used) : used;
        line.textContent = (left ? told.texts.left : told.texts.used).replace("{n}", n.toLocaleString());
      };
      input.addEventListener("input", write);
      write();
    }
  }

  /* A slider says its number. */
  function slide(form, told, inputs) {
    for (const key of told.ranges) {
      const input = inputs(key)[0];
      if (!input) continue;
      const shown = document.createElement("output");
      shown.className = "form-range";
      shown.htmlFor = input.id;
      input.after(shown);
      const write = () => (shown.textContent = input.value);
      input.addEventListener("input", write);
      write();
    }
  }

  /* The words beside the last choice are asked for only when that is chosen. */
  function freeTexts(form, told, inputs, boxOf) {
    for (const [key, choice] of Object.entries(told.free)) {
      const box = boxOf(`${key}:free`);
      if (!box) continue;
      const write = () => {
        box.dataset.waits = inputs(key).some((one) => one.checked && one.value === choice) ? "" : "1";
        box.hidden = box.dataset.waits === "1" || box.dataset.hidden === "1";
      };
      form.addEventListener("change", write);
      write();
    }
  }

  /* Several steps: the headings cut the form into parts, one of which is seen. */
  function walk(form, told, inputs, mayLeave) {
    const headings = [...form.querySelectorAll(":scope > [data-step]")];
    if (!headings.length) return null;
    const actions = form.querySelector(":scope > .form-actions");
    const first = form.querySelector(":scope > .field, :scope > [data-step]");
    const parts = [[]];
    for (let one = first; one && one !== actions; one = one.nextElementSibling) {
      if (one.matches("[data-step]") && parts.at(-1).length) parts.push([]);
      parts.at(-1).push(one);
    }
    const panels = parts.map((part) => {
      const panel = document.createElement("div");
      panel.className = "form-part";
      part[0].before(panel);
      panel.append(...part);
      return panel;
    });
    const progress = document.createElement("p");
    progress.className = "form-progress";
    progress.tabIndex = -1;
    const bar = document.createElement("progress");
    const words = document.createElement("span");
    progress.append(words, bar);
    panels[0].before(progress);

    const button = (text, quiet) => {
      const made = document.createElement("button");
      made.type = "button";
      made.className = quiet ? "button button-quiet" : "button";
      made.textContent = text;
      return made;
    };
    const back = button(told.texts.back, true), next = button(told.texts.next, false);
    const send = actions.querySelector("[type=submit]");
    actions.prepend(back, next);
    actions.classList.add("form-steps");
    let at = 0;

    const keysOf = (panel) =>
      new Set([...form.elements].filter((one) => one.name && panel.contains(one)).map((one) => one.name));
    // A step of which nothing is asked is passed over.
    const isAsked = (panel) => {
      const boxes = [...panel.querySelectorAll(".field")];
      return !boxes.length || boxes.some((box) => box.dataset.hidden !== "1");
    };
    const before = () => panels.findLastIndex((panel, n) => n < at && isAsked(panel));
    const after = () => panels.findIndex((panel, n) => n > at && isAsked(panel));
    const draw = () => {
      panels.forEach((panel, n) => (panel.hidden = n !== at));
      back.hidden = before() < 0;
      next.hidden = after() < 0;
      send.hidden = !next.hidden;
      const asked = panels.filter((panel, n) => n === at || isAsked(panel));
      const place = asked.indexOf(panels[at]) + 1;
      words.textContent = told.texts.step.replace("{n}", place).replace("{all}", asked.length);
      bar.max = asked.length;
      bar.value = place;
    };
    const turn = (to) => {
      at = to;
      draw();
      progress.focus({ preventScroll: true });
      progress.scrollIntoView({ block: "nearest" });
    };
    const onward = async () => {
      if ((await mayLeave(keysOf(panels[at]))) && after() >= 0) turn(after());
    };
    back.addEventListener("click", () => turn(before()));
    next.addEventListener("click", onward);
    const wrong = panels.findIndex((panel) => panel.querySelector(".field-error"));
    at = Math.max(0, wrong);
    draw();

    return {
      draw,
      isLast: () => after() < 0,
      next: onward,
      go: (name) => {
        const to = panels.findIndex((panel) => keysOf(panel).has(name));
        if (to >= 0 && to !== at) turn(to);
      },
    };
  }
};

window.kaiinForms();
