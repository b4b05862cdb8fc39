// A few courtesies on top of pages that work without any of this.
const busy = (form) => form.querySelectorAll("button:not([type=button]), input[type=submit]");

// <form data-confirm="Cancel this sign-up?">: ask once before sending.
document.addEventListener("submit", (event) => {
  const form = event.target;
  const pressed = event.submitter || document.activeElement;
  const question = (pressed && pressed.form === form && pressed.getAttribute("data-confirm")) || form.getAttribute("data-confirm");
  if (question && !window.confirm(question)) {
    event.preventDefault();
    event.stopImmediatePropagation();
    return;
  }
  if (form.method.toLowerCase() !== "post" || event.defaultPrevented || form.hasAttribute("data-free")) return;
  // Nobody signs up twice by a nervous finger. A moment later, so the pressed button's own value is still sent.
  setTimeout(() => busy(form).forEach((button) => { button.disabled = true; button.setAttribute("aria-busy", "true"); }), 0);
  setTimeout(() => release(form), 8000);
}, true);

function release(form) {
  busy(form).forEach((button) => {
    if (button.getAttribute("aria-busy")) { button.disabled = false; button.removeAttribute("aria-busy"); }
  });
}
window.addEventListener("pageshow", () => document.querySelectorAll("form").forEach(release));
document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.target && event.target.closest && event.target.closest("form");
  if (form) release(form);
});

// <button type="button" hidden data-copy="7K4M…" data-copied="Copied">: shown only where copying works.
const copyButtons = () => document.querySelectorAll("[data-copy]").forEach((button) => { if (navigator.clipboard) button.hidden = false; });
copyButtons();
document.addEventListener("click", (event) => {
  const button = event.target.closest && event.target.closest("[data-copy]");
  if (!button || !navigator.clipboard) return;
  navigator.clipboard.writeText(button.getAttribute("data-copy")).then(() => {
    const before = button.textContent;
    const status = document.getElementById("spoken");
    button.textContent = button.getAttribute("data-copied") || "✓";
    if (status) status.textContent = button.textContent;
    setTimeout(() => { button.textContent = before; }, 2500);
  });
});

// <button type="button" hidden data-print>
document.querySelectorAll("[data-print]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
});
