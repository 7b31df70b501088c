// Number keys decide, Enter settles.

import { isTyping, listen } from "./hotkeys.js";

const form = document.querySelector("[data-settle]");
const nothingChosen = form.querySelector("#nothing-chosen");

listen(
  () => [form],
  (choice) => {
    choice.checked = true;
    choice.focus();
    nothingChosen.hidden = true;
  },
);

document.addEventListener("keydown", (event) => {
  const isOnControl = event.target instanceof HTMLElement && event.target.closest("button, a, summary");
  if (event.key !== "Enter" || isTyping(event) || isOnControl) return;
  event.preventDefault();
  form.requestSubmit();
});

// Who writes a chain of their own chooses it.
form.querySelector("[data-another-words]")?.addEventListener("input", () => {
  form.querySelector("[data-another]").checked = true;
  nothingChosen.hidden = true;
});

// The browser's own word for a missing choice is lost where the list is scrolled away: it is said beside the list.
form.noValidate = true;
form.addEventListener("change", () => (nothingChosen.hidden = true));
form.addEventListener("submit", (event) => {
  if (!form.querySelector("[name=decision]:checked")) {
    event.preventDefault();
    nothingChosen.hidden = false;
    form.querySelector("[name=decision]").focus();
    return;
  }
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => delete form.dataset.sent);

form.dataset.ready = "yes";
