/* The words of a form's mails: a click on a tag puts it where the cursor was. */
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
})();
