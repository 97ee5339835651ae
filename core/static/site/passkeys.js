// Passkeys: asks the browser to make or to use one, and sends its answer with the form around.
(() => {
  "use strict";

  const bytes = (text) =>
    Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const withBytes = (list) => (list || []).map((known) => ({ ...known, id: bytes(known.id) }));

  const creation = (options) => {
    if (PublicKeyCredential.parseCreationOptionsFromJSON) return PublicKeyCredential.parseCreationOptionsFromJSON(options);
    return {
      ...options,
      challenge: bytes(options.challenge),
      user: { ...options.user, id: bytes(options.user.id) },
      excludeCredentials: withBytes(options.excludeCredentials),
    };
  };

  const request = (options) => {
    if (PublicKeyCredential.parseRequestOptionsFromJSON) return PublicKeyCredential.parseRequestOptionsFromJSON(options);
    return { ...options, challenge: bytes(options.challenge), allowCredentials: withBytes(options.allowCredentials) };
  };

  const plain = (credential) => {
    const said = credential.response;
    const response = { clientDataJSON: text(said.clientDataJSON) };
    if (said.attestationObject) {
      response.attestationObject = text(said.attestationObject);
      response.transports = said.getTransports ? said.getTransports() : [];
    } else {
      response.authenticatorData = text(said.authenticatorData);
      response.signature = text(said.signature);
      if (said.userHandle) response.userHandle = text(said.userHandle);
    }
    return { id: credential.id, rawId: text(credential.rawId), type: credential.type, response };
  };

  const ask = async (form) => {
    const answer = await fetch(form.dataset.options, {
      method: "POST",
      headers: { "X-CSRF-Token": form.elements.csrf_token.value, Accept: "application/json" },
    });
    if (!answer.ok) throw new Error("no options");
    const options = await answer.json();
    if (form.dataset.passkey === "create") return navigator.credentials.create({ publicKey: creation(options) });
    return navigator.credentials.get({ publicKey: request(options) });
  };

  const tell = (form, error) => {
    const problem = form.querySelector(".passkey-problem");
    const kinds = { NotAllowedError: "stopped", AbortError: "stopped", InvalidStateError: "known" };
    problem.textContent = problem.dataset[kinds[error.name] || "failed"];
    problem.hidden = false;
  };

  const onSubmit = async (event) => {
    event.preventDefault();
    const form = event.currentTarget;
    const button = form.querySelector("[type=submit]");
    form.querySelector(".passkey-problem").hidden = true;
    button.disabled = true;
    try {
      form.elements.credential.value = JSON.stringify(plain(await ask(form)));
      form.submit();
    } catch (error) {
      tell(form, error);
      button.disabled = false;
    }
  };

  // Browsers offer passkeys on safe addresses with a name only.
  const isNumber = /^[\d.]+$|^\[/.test(location.hostname);
  const isPossible = window.isSecureContext && window.PublicKeyCredential && !isNumber;
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    if (form.dataset.ready) continue;
    form.dataset.ready = "1";
    form.hidden = !isPossible;
    form.addEventListener("submit", onSubmit);
  }
  for (const note of document.querySelectorAll("[data-no-passkeys]")) note.hidden = Boolean(isPossible);
  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
})();
