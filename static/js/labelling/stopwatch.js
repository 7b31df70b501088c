// How long somebody worked on the page: only while it is in view and something was pressed or moved in the last minute.

const IDLE_AFTER = 60_000;

let activeMs = 0;
let lastActive = performance.now();
for (const name of ["keydown", "pointerdown", "pointermove", "wheel"]) {
  document.addEventListener(name, () => (lastActive = performance.now()), { passive: true });
}
setInterval(() => {
  if (document.visibilityState === "visible" && performance.now() - lastActive < IDLE_AFTER) activeMs += 1000;
}, 1000);

export function seconds() {
  return Math.round(activeMs / 1000);
}
