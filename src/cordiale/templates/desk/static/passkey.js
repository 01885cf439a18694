"use strict";
/* Has a passkey answer what a form asks: the form carries the question, and takes the answer in hidden fields. */
(() => {
  const bytes = (text) => Uint8Array.from(
    atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const named = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

  const asked = (question) => {
    const asking = { ...question, challenge: bytes(question.challenge) };
    if (question.user) asking.user = { ...question.user, id: bytes(question.user.id) };
    if (question.allowCredentials) asking.allowCredentials = named(question.allowCredentials);
    if (question.excludeCredentials) asking.excludeCredentials = named(question.excludeCredentials);
    return asking;
  };

  const answered = (credential) => {
    const { response } = credential;
    const parts = { passkey: text(credential.rawId), client_data: text(response.clientDataJSON) };
    if (response.attestationObject) return { ...parts, attestation: text(response.attestationObject) };
    return {
      ...parts, authenticator_data: text(response.authenticatorData), signature: text(response.signature),
    };
  };

  const fill = (form, parts) => {
    for (const [name, value] of Object.entries(parts)) {
      const field = document.createElement("input");
      field.type = "hidden";
      field.name = name;
      field.value = value;
      form.append(field);
    }
  };

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    let isUnderWay = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (isUnderWay) return;
      isUnderWay = true;
      const failed = form.querySelector("[data-failed]");
      if (failed) failed.hidden = true;
      try {
        const publicKey = asked(JSON.parse(form.dataset.passkey));
        const credential = form.dataset.does === "create"
          ? await navigator.credentials.create({ publicKey })
          : await navigator.credentials.get({ publicKey });
        fill(form, answered(credential));
        form.submit();
      } catch {
        isUnderWay = false;
        if (failed) failed.hidden = false;
      }
    });
  }
})();
