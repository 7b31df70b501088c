// A huge text comes as the surroundings of its claim. What is left out stands as a gap with a link to its nearest part;
// here the link fetches that part and puts it in its place, without moving what one reads.

import { forgetEdges } from "../places.js";
import { tell } from "../words.js";

const article = document.querySelector(".text-pane .article");
const pane = document.querySelector(".text-pane");

function gaps() {
  return [...(article?.querySelectorAll("[data-gap]") ?? [])];
}

const at = (gap, name) => Number(gap.dataset[name]);

// The gap that a step from one position to the other would leap over; null when all between them is shown.
export function gapBetween(from, to) {
  return gaps().find((gap) => at(gap, "start") < Math.max(from, to) && at(gap, "end") > Math.min(from, to)) ?? null;
}

// Fetches parts until all from `start` to `end` is shown. False when the server cannot be reached.
export async function reach(start, end) {
  for (let gap = gapBetween(start, end); gap; gap = gapBetween(start, end)) {
    if (!(await fill(gap, at(gap, start <= at(gap, "start") ? "first" : "last")))) return false;
  }
  return true;
}

// A step from a position, to the boundary found for it if there is one: what lies in between is fetched first. False when
// nothing is left out there.
export async function grow(from, to, by) {
  const beyond = by > 0 ? gaps().find((gap) => at(gap, "start") >= from) : gaps().findLast((gap) => at(gap, "end") <= from);
  const gap = to === undefined ? beyond : gapBetween(from, to);
  return gap ? fill(gap, at(gap, by > 0 ? "first" : "last")) : false;
}

const underWay = new WeakMap();

// One part of the gap, its first or its last; asked for twice it is fetched once.
export function fill(gap, number) {
  if (!underWay.has(gap)) underWay.set(gap, fetchInto(gap, number).finally(() => underWay.delete(gap)));
  return underWay.get(gap);
}

async function fetchInto(gap, number) {
  const link = gap.querySelector("a");
  const address = new URL(link.href);
  address.searchParams.set("part", String(number));
  gap.setAttribute("aria-busy", "true");
  const part = await fetchPart(address).catch(() => null);
  gap.removeAttribute("aria-busy");
  if (!part) {
    gap.querySelector("[data-left]").textContent = tell("This part could not be fetched. Try again.");
    return false;
  }
  const hadFocus = gap.contains(document.activeElement);
  const isLast = number === at(gap, "last");
  const paragraphs = [...part.querySelectorAll(".block")];
  for (const mark of part.querySelectorAll("mark[id]")) mark.removeAttribute("id"); // each is a target once
  keepingPlace(() => {
    if (isLast) gap.after(...paragraphs);
    else gap.before(...paragraphs);
    narrow(gap, part, isLast);
  });
  if (hadFocus && gap.isConnected) link.focus({ preventScroll: true });
  else if (hadFocus) pane.focus({ preventScroll: true });
  forgetEdges(article);
  article.dispatchEvent(new CustomEvent("grown"));
  return true;
}

async function fetchPart(address) {
  const response = await fetch(address);
  if (!response.ok || response.redirected) return null;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  return page.querySelector(".article[data-start]");
}

function narrow(gap, part, isLast) {
  if (at(gap, "first") === at(gap, "last")) return gap.remove();
  if (isLast) {
    gap.dataset.last = String(at(gap, "last") - 1);
    gap.dataset.end = part.dataset.start;
  } else {
    gap.dataset.first = String(at(gap, "first") + 1);
    gap.dataset.start = part.dataset.end;
  }
  const left = (at(gap, "end") - at(gap, "start")).toLocaleString("en-GB").replaceAll(",", "\u202f");
  gap.querySelector("[data-left]").textContent = tell("{} characters are not shown", left);
  return undefined;
}

// What one reads stays where it is: the first paragraph in sight keeps its place, whatever grows above it.
function keepingPlace(change) {
  const top = pane.getBoundingClientRect().top;
  const anchor = [...article.querySelectorAll(".block")].find((one) => one.getBoundingClientRect().bottom > top);
  const before = anchor?.getBoundingClientRect().top ?? 0;
  change();
  if (anchor) pane.scrollTop += anchor.getBoundingClientRect().top - before;
}

article?.addEventListener("click", (event) => {
  const gap = event.target.closest("[data-gap] a")?.closest("[data-gap]");
  if (!gap || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  fill(gap, at(gap, "first") === 0 ? at(gap, "last") : at(gap, "first"));
});
