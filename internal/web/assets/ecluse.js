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
