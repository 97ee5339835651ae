/* The page editor: a Markdown toolbar, tags at a click, and only the rule fields that matter.
   Everything works as plain form fields without this file. */

(() => {
  "use strict";

  const form = document.querySelector("[data-page-form]");
  if (!form) return;
  const area = form.querySelector("[data-markdown]");
  let editor = null;
  let isDirty = false;

  form.classList.add("is-enhanced");
  if (area && window.EasyMDE) editor = enhance(area);

  function icon(name) {
    const use = document.querySelector(".k-icon use")?.getAttribute("href") ?? "";
    return `<svg class="k-icon" aria-hidden="true"><use href="${use.split("#")[0]}#${name}"></use></svg>`;
  }

  function enhance(textarea) {
    const words = document.documentElement.lang === "ja"
      ? { bold: "太字", italic: "斜体", heading: "見出し", list: "箇条書き", numbers: "番号つきリスト", quote: "引用", link: "リンク", image: "画像", table: "表", undo: "元に戻す", redo: "やり直す" }
      : { bold: "Bold", italic: "Italic", heading: "Heading", list: "List", numbers: "Numbered list", quote: "Quote", link: "Link", image: "Image", table: "Table", undo: "Undo", redo: "Redo" };
    const button = (name, action, title, sign) => ({ name: `md-${name}`, action, title, className: `md-${name}`, icon: icon(sign) });
    const E = window.EasyMDE;
    const made = new E({
      element: textarea,
      autoDownloadFontAwesome: false,
      spellChecker: false,
      forceSync: true,
      minHeight: "26rem",
      status: false,
      shortcuts: { togglePreview: null, toggleSideBySide: null, toggleFullScreen: null },
      toolbar: [
        button("heading", E.toggleHeadingSmaller, words.heading, "heading"),
        button("bold", E.toggleBold, words.bold, "bold"),
        button("italic", E.toggleItalic, words.italic, "italic"),
        "|",
        button("list", E.toggleUnorderedList, words.list, "list"),
        button("numbers", E.toggleOrderedList, words.numbers, "list-numbers"),
        button("quote", E.toggleBlockquote, words.quote, "quote"),
        "|",
        button("link", E.drawLink, words.link, "link"),
        button("image", E.drawImage, words.image, "photo"),
        button("table", E.drawTable, words.table, "table"),
        "|",
        button("undo", E.undo, words.undo, "arrow-back-up"),
        button("redo", E.redo, words.redo, "arrow-forward-up"),
      ],
    });
    const label = form.querySelector(`label[for="${textarea.id}"]`)?.textContent.trim();
    made.codemirror.getInputField().setAttribute("aria-label", label ?? "");
    /* Tab must leave the field: people walk through the form by keyboard. */
    made.codemirror.setOption("extraKeys", { ...made.codemirror.getOption("extraKeys"), Tab: false, "Shift-Tab": false });
    made.codemirror.on("change", () => { isDirty = true; });
    return made;
  }

  /* Tags at a click. */
  form.querySelectorAll("[data-insert]").forEach((one) => {
    one.hidden = false;
    one.addEventListener("click", () => insert(one.dataset.insert));
  });

  function insert(text) {
    if (editor) {
      editor.codemirror.replaceSelection(text);
      editor.codemirror.focus();
      return;
    }
    area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
    area.focus();
  }

  /* The rule matters for certain members only, in one of its two forms. */
  function chosen(name) {
    return form.querySelector(`input[name="${name}"]:checked`)?.value;
  }

  function showWhatMatters() {
    const isRestricted = chosen("visibility") === "restricted";
    form.querySelectorAll("[data-restricted-only]").forEach((one) => { one.hidden = !isRestricted; });
    form.querySelectorAll("[data-rule-mode]").forEach((one) => { one.hidden = one.dataset.ruleMode !== chosen("rule_mode"); });
  }

  form.addEventListener("change", () => { isDirty = true; showWhatMatters(); });
  form.addEventListener("input", () => { isDirty = true; });
  showWhatMatters();

  /* Typed text is not lost by a wrong click. A preview opens beside and leaves it here. */
  form.addEventListener("submit", (event) => {
    if (!event.submitter?.hasAttribute("formtarget")) isDirty = false;
  });
  window.addEventListener("beforeunload", (event) => { if (isDirty) event.preventDefault(); });

  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "s") {
      event.preventDefault();
      form.requestSubmit();
    }
  });
})();
