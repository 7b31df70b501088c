// The relation buttons by key: those of the pair in focus, or of the first one.

import { listen } from "./hotkeys.js";

listen(
  () => [document.activeElement?.closest("[data-pair]"), document.querySelector("[data-pair]")],
  (button) => button.click(),
);
