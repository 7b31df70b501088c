// Keys of the desk: digits change the state of the list, j and k go along its rows, and a deed has the key on its button.
// A deed that wants words first brings the person to where they are typed.

import { isTyping, listen } from "./hotkeys.js";

const page = document.querySelector("main");
const rows = [...page.querySelectorAll("[data-row]")];

listen(
  () => [page],
  (found) => {
    const empty = found.form && [...found.form.elements].find((field) => field.required && !field.value);
    if (empty) empty.focus();
    else found.click();
  },
);

document.addEventListener("keydown", (event) => {
  const step = { j: 1, k: -1 }[event.key];
  if (!step || !rows.length || isTyping(event)) return;
  event.preventDefault();
  const at = rows.indexOf(document.activeElement);
  const next = at < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(Math.max(at + step, 0), rows.length - 1);
  rows[next].focus();
});

page.dataset.ready = "yes";
