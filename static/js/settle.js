// Number keys decide, Enter settles.

import { isTyping, listen } from "./hotkeys.js";

const form = document.querySelector("[data-settle]");

listen(
  () => [form],
  (choice) => {
    choice.checked = true;
    choice.focus();
  },
);

document.addEventListener("keydown", (event) => {
  const isOnControl = event.target instanceof HTMLElement && event.target.closest("button, a, summary");
  if (event.key !== "Enter" || isTyping(event) || isOnControl) return;
  event.preventDefault();
  form.requestSubmit();
});

form.addEventListener("submit", (event) => {
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => delete form.dataset.sent);

form.dataset.ready = "yes";
