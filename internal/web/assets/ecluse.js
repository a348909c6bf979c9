// Everything here is a comfort: each page works the same without it.

// A form is sent once. Coming back with the browser's back button makes it usable again.
const sent = new WeakSet();
document.addEventListener("submit", (event) => {
  if (sent.has(event.target)) {
    event.preventDefault();
    return;
  }
  sent.add(event.target);
  event.target.setAttribute("aria-busy", "true");
});
window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of document.forms) {
    sent.delete(form);
    form.removeAttribute("aria-busy");
  }
});

// A hand-off page goes on by itself; its button stays for whoever has no script.
for (const form of document.querySelectorAll("form[data-autosubmit]")) {
  form.requestSubmit();
}

// What went wrong is read first.
document.querySelector("[data-focus]")?.focus();

// A key of the device wants a script; the forms that ask for one are not there without it.
const keys = window.PublicKeyCredential?.parseRequestOptionsFromJSON;
async function withKey(form) {
  const failed = form.querySelector("[data-key-failed]");
  failed.hidden = true;
  try {
    const { publicKey } = JSON.parse(form.dataset.options);
    const key = form.dataset.key === "create"
      ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(publicKey) })
      : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(publicKey) });
    form.elements.reponse.value = JSON.stringify(key.toJSON());
    form.submit();
  } catch {
    failed.hidden = false;
    sent.delete(form);
    form.removeAttribute("aria-busy");
  }
}
if (keys) {
  for (const form of document.querySelectorAll("form[data-key]")) form.hidden = false;
  for (const form of document.querySelectorAll("form[data-key]")) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      withKey(form);
    });
  }
}
