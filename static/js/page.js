// Small things that every page has: "/" goes to the search field, menus close, a shown-once secret is selected at once.

import { isTyping } from "./hotkeys.js";
import "./tables.js";

document.addEventListener("keydown", (event) => {
  if (event.key === "/" && !isTyping(event)) {
    const search = document.querySelector("[data-search]");
    if (search) {
      event.preventDefault();
      search.focus();
    }
  }
  if (event.key === "Escape") {
    for (const menu of document.querySelectorAll("details.menu[open]")) closeMenu(menu, true);
  }
});

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) closeMenu(menu, false);
  }
});

function closeMenu(menu, takesFocus) {
  menu.open = false;
  if (takesFocus) menu.querySelector("summary").focus();
}

for (const field of document.querySelectorAll("[data-select]")) {
  field.addEventListener("focus", () => field.select());
}
