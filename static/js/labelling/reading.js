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
backButton?.addEventListener("click", () => claim.scrollIntoView({ block: "center" }));
if (claim && backButton) {
  claim.scrollIntoView({ block: "center" });
  new IntersectionObserver(([entry]) => (backButton.hidden = entry.isIntersecting)).observe(claim);
}
