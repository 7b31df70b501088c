// Claims in the text and in the list beside it light up together; n and p walk through them.

import { isTyping } from "./hotkeys.js";

// Offsets of the server count Unicode code points, those of a browser UTF-16 units.
export function toUtf16(text, codePoints) {
  let units = 0;
  for (let seen = 0; seen < codePoints && units < text.length; seen += 1) {
    units += text.codePointAt(units) > 0xffff ? 2 : 1;
  }
  return units;
}

export function toCodePoints(text, units) {
  let count = 0;
  for (let at = 0; at < units && at < text.length; count += 1) at += text.codePointAt(at) > 0xffff ? 2 : 1;
  return count;
}

export function marksOf(number) {
  return document.querySelectorAll(`mark[data-claims~="${CSS.escape(String(number))}"]`);
}

function light(number) {
  for (const lit of document.querySelectorAll(".is-lit")) lit.classList.remove("is-lit");
  for (const mark of marksOf(number)) mark.classList.add("is-lit");
  const link = document.querySelector(`[data-claim="${CSS.escape(String(number))}"]`);
  link?.classList.add("is-lit");
  return link;
}

const links = [...document.querySelectorAll("[data-claim-list] [data-claim]")];
let at = -1;

function walk(step) {
  if (!links.length) return;
  // Behind the last claim of a part the next part begins.
  const other = document.querySelector(`.parts [rel="${step > 0 ? "next" : "prev"}"]`);
  if (other && (step > 0 ? at === links.length - 1 : at === 0)) return other.click();
  at = (at + step + links.length) % links.length;
  links[at].focus({ preventScroll: true });
  links[at].scrollIntoView({ block: "nearest" });
  light(links[at].dataset.claim);
  marksOf(links[at].dataset.claim)[0]?.scrollIntoView({ block: "center" });
}

for (const [n, link] of links.entries()) {
  link.addEventListener("pointerenter", () => light(link.dataset.claim));
  link.addEventListener("click", () => {
    at = n;
    light(link.dataset.claim);
  });
}

document.querySelector(".article")?.addEventListener("click", (event) => {
  const mark = event.target.closest("mark[data-claims]");
  if (!mark) return;
  const number = mark.dataset.claims.split(" ").at(-1);
  light(number)?.scrollIntoView({ block: "nearest" });
  at = links.findIndex((link) => link.dataset.claim === number);
});

document.addEventListener("keydown", (event) => {
  if (isTyping(event) || !links.length) return;
  if (event.key === "n") walk(1);
  if (event.key === "p") walk(-1);
});

// A link to a claim of another part, from when articles were shown whole.
const linked = /^#c([0-9]+)$/.exec(location.hash)?.[1];
if (linked && !marksOf(linked).length && document.querySelector(".parts")) {
  const asked = new URLSearchParams(location.search);
  if (asked.get("claim") !== linked) location.replace(`?claim=${linked}#c${linked}`);
}
if (linked) light(linked);
