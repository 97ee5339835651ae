/* Fills the address from the postal code: what is empty, and what was filled in this way before. */
(() => {
  "use strict";

  const PARTS = [
    ["address-level1", "prefecture", (place) => [place.prefecture, place.prefecture_name]],
    ["address-level2", "city", (place) => [place.city]],
    ["address-line1", "address_line", (place) => [place.area]],
  ];

  const find = (form, token, name) =>
    form.querySelector(`[autocomplete~="${token}"]`) ?? form.querySelector(`[name="${name}"]`);

  function put(field, values) {
    if (!field || (field.value && field.value !== field.dataset.fromPostal)) return;
    const value = field.options
      ? [...field.options].find((one) => one.value && (values.includes(one.value) || values.includes(one.text)))?.value
      : values.at(-1);
    if (!value || value === field.value) return;
    field.value = field.dataset.fromPostal = value;
    for (const kind of ["input", "change"]) field.dispatchEvent(new Event(kind, { bubbles: true }));
  }

  async function fill(code) {
    const digits = code.value.normalize("NFKC").replace(/[^0-9]/g, "");
    if (digits.length !== 7 || digits === code.dataset.asked) return;
    code.dataset.asked = digits;
    const answer = await fetch(`/postal/${digits}`, { headers: { Accept: "application/json" } }).catch(() => null);
    if (!answer?.ok || !code.form) return;
    const place = await answer.json();
    for (const [token, name, read] of PARTS) put(find(code.form, token, name), read(place));
  }

  document.addEventListener("input", (event) => {
    const field = event.target;
    if (field.matches?.('input[autocomplete~="postal-code"], input[name="postal_code"]')) fill(field);
  });
})();
