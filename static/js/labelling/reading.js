// Beside the questions: the dialogs, the search in the guideline, and finding the claim again in a long text.

for (const button of document.querySelectorAll("[data-dialog]")) {
  button.addEventListener("click", (event) => {
    event.preventDefault();
    document.querySelector(button.dataset.dialog).showModal();
  });
}

const searchButton = document.querySelector("[data-search-guideline]");
searchButton?.addEventListener("click", () => {
  document.querySelector("#guideline").showModal();
  document.querySelector("[data-guideline-search]").focus();
});

const guidelineSearch = document.querySelector("[data-guideline-search]");
guidelineSearch?.addEventListener("input", () => {
  const words = guidelineSearch.value.toLowerCase();
  for (const entry of document.querySelectorAll("[data-guideline-entry]")) {
    entry.hidden = !entry.textContent.toLowerCase().includes(words);
  }
});

// The first Escape would only empty the field; who presses it wants to go on labelling.
guidelineSearch?.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  event.preventDefault();
  guidelineSearch.closest("dialog").close();
});

const claim = document.querySelector(".article mark.focus");
let mark = null;

// The marks are looked for at each step: parts of a huge text come later, with marks of their own.
function toMark(by) {
  const marks = [...document.querySelectorAll(".article mark.focus, .article mark.source, .article mark.cue")];
  if (!marks.length) return;
  const at = mark ? marks.indexOf(mark) : 0;
  mark = marks[(at + by + marks.length) % marks.length];
  mark.scrollIntoView({ block: "center" });
}

document.querySelector("[data-next-mark]")?.addEventListener("click", () => toMark(1));
document.querySelector("[data-previous-mark]")?.addEventListener("click", () => toMark(-1));
const backButton = document.querySelector("[data-back]");

// What follows a claim is part of what it means: three lines of it are in sight as well.
const FOLLOWING = 96;

// A claim that is in sight from the beginning is shown from there: brought to the middle, it would push the headline
// behind the card that stays above.
function toClaim() {
  const pane = claim.closest(".text-pane");
  pane.scrollTop = 0;
  if (claim.getBoundingClientRect().bottom + FOLLOWING > pane.getBoundingClientRect().bottom) {
    claim.scrollIntoView({ block: "center" });
  }
}

backButton?.addEventListener("click", toClaim);
if (claim && backButton) {
  toClaim();
  new IntersectionObserver(([entry]) => (backButton.hidden = entry.isIntersecting)).observe(claim);
}
