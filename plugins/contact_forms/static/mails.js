/* The words of a form's mails: a click on a tag puts it where the cursor was; Kaiin's own words can be taken over. */
(() => {
  const inputs = [...document.querySelectorAll("[data-words]")];
  let last = inputs[1];
  for (const input of inputs) input.addEventListener("focus", () => (last = input));

  for (const button of document.querySelectorAll("[data-tag]")) {
    button.addEventListener("click", () => {
      last.setRangeText(button.dataset.tag, last.selectionStart, last.selectionEnd, "end");
      last.focus();
    });
  }

  for (const button of document.querySelectorAll("[data-own-words]")) {
    const inputs = ["subject", "body"].map((part) => document.getElementById(`${button.dataset.ownWords}_${part}`));
    const body = inputs[1];
    const show = () => (button.hidden = body.value !== "");
    button.addEventListener("click", () => {
      for (const input of inputs) input.value ||= input.placeholder;
      show();
      body.focus();
      body.setSelectionRange(0, 0);
    });
    body.addEventListener("input", show);
    show();
  }
})();
