// What is blurred because of its topic is no use to the keyboard or to a screen reader either, until it is asked for.
// The blur itself is the stylesheet's and needs no script.

const veil = document.querySelector("[data-veil]");

function follow() {
  for (const part of document.querySelectorAll(".veiled")) part.inert = !veil.open;
}

if (veil) {
  follow();
  veil.addEventListener("toggle", () => {
    follow();
    if (veil.open) document.querySelector(".text-pane .article mark.focus")?.scrollIntoView({ block: "center" });
  });
}
