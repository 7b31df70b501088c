// The correction page. Forms are sent in the background and the answer put in place; boundaries are chosen in the text,
// by dragging their ends or with keys. Offsets are Unicode code points, as on the server.

import { isTyping, listen } from "./hotkeys.js";
import { edgesOf, placeAt, positionOf, wordsBetween } from "./places.js";

const desk = () => document.getElementById("desk");
const textPane = () => document.getElementById("desk-text");
const said = document.getElementById("desk-said");
let range = null; // what is being chosen: {kind, claim, version, pieces, active, edge}
let caret = null; // where the person clicked last, for a split
let busy = false;

// --- forms --------------------------------------------------------------------------------------------------------

function say(words) {
  said.textContent = words;
}

function fault(words) {
  document.getElementById("desk-fault")?.remove();
  if (!words) return;
  const box = document.createElement("p");
  box.id = "desk-fault";
  box.className = "notice problem";
  box.setAttribute("role", "alert");
  box.textContent = words;
  desk().before(box);
}

async function load(address, keepsPlace) {
  const answer = await fetch(address, { headers: { Accept: "text/html" } });
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("desk");
  if (!answer.ok || !fresh) throw new Error("The page could not be read.");
  const [left, right] = [textPane().scrollTop, document.querySelector(".desk-claims").scrollTop];
  leaveRange();
  caret = null;
  desk().replaceWith(document.adoptNode(fresh));
  if (keepsPlace) {
    textPane().scrollTop = left;
    document.querySelector(".desk-claims").scrollTop = right;
  }
  history.replaceState(null, "", address);
  showChosen(!keepsPlace);
}

function showChosen(jumps) {
  const chosen = document.getElementById("chosen");
  if (!chosen) return;
  chosen.focus({ preventScroll: true });
  chosen.scrollIntoView({ block: "nearest" });
  const mark = document.querySelector("mark.focus");
  if (!mark) return;
  const [box, pane] = [mark.getBoundingClientRect(), textPane().getBoundingClientRect()];
  if (jumps || box.bottom < pane.top || box.top > pane.bottom) mark.scrollIntoView({ block: "center" });
}

async function send(form, submitter) {
  if (busy) return;
  busy = true;
  const card = form.closest(".range-card");
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      body: new FormData(form, submitter),
      headers: { Accept: "application/json" },
    });
    const body = await answer.json();
    if (!answer.ok) {
      fault(body.sentence);
      card?.classList.add("is-refused");
      return;
    }
    if (new URL(body.to, location.href).pathname !== location.pathname) {
      location.assign(body.to); // a cut that is handed in leads back to its round
      return;
    }
    await load(body.to, true);
    fault("");
    say(body.said);
  } catch {
    fault("Nothing was stored: the server did not answer. Try again.");
  } finally {
    busy = false;
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || !desk().contains(form)) return;
  event.preventDefault();
  if (form.id === "range-form") fillRange(form);
  send(form, event.submitter);
});

// --- walking ------------------------------------------------------------------------------------------------------

function claims() {
  return [...document.querySelectorAll(".claim-rows [data-claim]")];
}

function walk(step) {
  const all = claims();
  if (!all.length) return;
  const at = all.findIndex((one) => one.id === "chosen");
  const next = at < 0 ? (step > 0 ? 0 : all.length - 1) : at + step;
  if (next >= 0 && next < all.length) choose(all[next].dataset.claim);
}

function choose(claim) {
  load(`?claim=${encodeURIComponent(claim)}`, true).catch((error) => fault(error.message));
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a.claim-link[data-claim]");
  if (link && desk().contains(link) && !event.metaKey && !event.ctrlKey) {
    event.preventDefault();
    choose(link.dataset.claim);
    return;
  }
  const part = event.target.closest("a[data-part]");
  if (part) {
    event.preventDefault();
    load(part.getAttribute("href"), false).then(() => (textPane().scrollTop = 0));
    return;
  }
  const starts = event.target.closest("[data-start-range]");
  if (starts) startRange(starts.dataset.startRange);
  const opens = event.target.closest("[data-dialog]");
  if (opens) document.querySelector(opens.dataset.dialog).showModal();
  if (event.target.closest("#range-leave")) leaveRange();
  const mark = event.target.closest(".article mark[data-claims]");
  if (mark && textPane().contains(mark)) clickMark(mark, event);
});

// A click chooses the claim; in the chosen one it sets the caret; where claims lie over each other it takes the next.
function clickMark(mark, event) {
  if (range || !window.getSelection().isCollapsed) return;
  const numbers = mark.dataset.claims.split(" ");
  const chosen = document.getElementById("chosen")?.dataset.claim;
  const at = numbers.indexOf(chosen);
  if (at >= 0 && numbers.length === 1) {
    caret = fromPoint(event.clientX, event.clientY);
    return;
  }
  choose(numbers[(at + 1) % numbers.length]);
}

document.addEventListener("toggle", (event) => {
  if (event.target.matches?.(".tool[open]")) event.target.querySelector("textarea, select, input:not([type=hidden])")?.focus();
}, true);

listen(
  () => (range ? [document.getElementById("range")] : [document.getElementById("chosen"), document.querySelector(".desk-bar")]),
  (found) => found.click(),
);

document.addEventListener("keydown", (event) => {
  if (isTyping(event) || document.querySelector("dialog[open]")) return;
  if (range) {
    rangeKey(event);
  } else if (event.key === "j" || event.key === "k") {
    event.preventDefault();
    walk(event.key === "j" ? 1 : -1);
  }
});

// --- choosing places ----------------------------------------------------------------------------------------------

function spansOf(element) {
  return (element.dataset.spans || "").split(",").filter(Boolean).map((span) => span.split("-").map(Number));
}

function marked() {
  const selection = window.getSelection();
  if (!selection.rangeCount || selection.isCollapsed) return null;
  const found = selection.getRangeAt(0);
  const start = positionOf(found.startContainer, found.startOffset);
  const end = positionOf(found.endContainer, found.endOffset);
  return start === null || end === null || start >= end ? null : [start, end];
}

function startRange(kind) {
  const chosen = document.getElementById("chosen");
  if (kind !== "add" && !chosen) return;
  const own = chosen ? spansOf(chosen) : [];
  const selected = marked();
  if (kind === "add") {
    range = { kind, pieces: [selected ?? wordAfter(own.at(-1)?.[1] ?? visibleStart())], active: 0, edge: "end" };
  } else if (kind === "boundaries") {
    range = { kind, pieces: own.map((piece) => [...piece]), active: own.length - 1, edge: "end" };
  } else {
    const [start] = own[0];
    const end = own.at(-1)[1];
    const inside = caret !== null && caret > start && caret < end;
    const words = edgesOf("start").filter((at) => at > start && at < end);
    range = { kind, pieces: own, at: inside ? caret : words[Math.floor(words.length / 2)] ?? start + 1, limits: [start, end] };
  }
  range.claim = chosen?.dataset.claim ?? "";
  range.version = chosen?.dataset.version ?? "";
  window.getSelection().removeAllRanges();
  textPane().focus({ preventScroll: true });
  if (textPane().getBoundingClientRect().top < 0) textPane().scrollIntoView();
  fault("");
  showRange(true);
}

function wordAfter(at) {
  const start = edgesOf("start").find((edge) => edge >= at) ?? at;
  const end = edgesOf("end").find((edge) => edge > start) ?? start + 1;
  return [start, end];
}

function visibleStart() {
  const top = textPane().getBoundingClientRect().top;
  const block = [...document.querySelectorAll(".article .block")].find((one) => one.getBoundingClientRect().bottom > top);
  return Number(block?.dataset.start ?? 0);
}

const TITLES = { add: "New claim", boundaries: "Boundaries", split: "Split here" };

function showRange(scrolls) {
  const card = document.getElementById("range");
  card.hidden = false;
  card.classList.remove("is-refused");
  document.getElementById("range-title").textContent = TITLES[range.kind];
  const words =
    range.kind === "split"
      ? `${wordsBetween(range.limits[0], range.at)} ✂ ${wordsBetween(range.at, range.limits[1])}`
      : range.pieces.map(([start, end]) => wordsBetween(start, end)).join(" … ");
  document.getElementById("range-words").textContent = words;
  document.getElementById("range-hint").textContent =
    range.kind === "split"
      ? "← → by a word, with Shift by a character; or click into the claim."
      : `Drag an end, or ← → by a word, with Shift by a character. Now the ${range.edge}; o for the other end.` +
        ` p: one piece more${range.pieces.length > 1 ? ", x: this piece less" : ""}.`;
  drawRange();
  if (scrolls) reveal(range.kind === "split" ? range.at : range.pieces[range.active][range.edge === "end" ? 1 : 0]);
}

function domRange(start, end) {
  const [from, to] = [placeAt(start, "start"), placeAt(end, "end")];
  if (!from || !to) return null;
  const found = document.createRange();
  found.setStart(from.node, from.offset);
  found.setEnd(to.node, to.offset);
  return found;
}

function drawRange() {
  const spans = range.kind === "split" ? [[range.at, range.limits[1]]] : range.pieces;
  const ranges = spans.map(([start, end]) => domRange(start, end)).filter(Boolean);
  if (window.Highlight) CSS.highlights.set("chosen-range", new Highlight(...ranges));
  for (const old of document.querySelectorAll(".handle")) old.remove();
  if (range.kind === "split") {
    drawHandle(range.at, "split", -1);
    return;
  }
  for (const [n, [start, end]] of range.pieces.entries()) {
    drawHandle(start, "start", n);
    drawHandle(end, "end", n);
  }
}

function boxAt(position, edge) {
  const back = edge === "end";
  const near = back ? domRange(position - 1, position) : domRange(position, position + 1);
  const boxes = near ? [...near.getClientRects()] : [];
  const box = back ? boxes.at(-1) : boxes[0];
  if (!box) return null;
  const isRightToLeft = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]/.test(near.toString());
  return { x: back !== isRightToLeft ? box.right : box.left, top: box.top, height: box.height };
}

function drawHandle(position, edge, piece) {
  const box = boxAt(position, edge);
  const article = document.querySelector(".desk-text .article");
  if (!box) return;
  const origin = article.getBoundingClientRect();
  const handle = document.createElement("button");
  handle.type = "button";
  handle.className = "handle";
  handle.tabIndex = -1;
  handle.dataset.edge = edge;
  handle.setAttribute("aria-label", edge === "split" ? "Where it is cut" : `Drag the ${edge}`);
  if (edge === "split" || (piece === range.active && edge === range.edge)) handle.classList.add("is-active");
  handle.style.left = `${box.x - origin.left}px`;
  handle.style.top = `${box.top - origin.top}px`;
  handle.style.height = `${box.height}px`;
  handle.addEventListener("pointerdown", (event) => drag(event, piece, edge));
  article.append(handle);
}

function reveal(position) {
  const box = boxAt(position, "end") ?? boxAt(position, "start");
  const pane = textPane().getBoundingClientRect();
  if (box && (box.top < pane.top + 40 || box.top > pane.bottom - 60)) textPane().scrollTop += box.top - pane.top - pane.height / 2;
}

function fromPoint(x, y) {
  if (document.caretPositionFromPoint) {
    const found = document.caretPositionFromPoint(x, y);
    return found ? positionOf(found.offsetNode, found.offset) : null;
  }
  const found = document.caretRangeFromPoint?.(x, y);
  return found ? positionOf(found.startContainer, found.startOffset) : null;
}

function drag(event, piece, edge) {
  event.preventDefault();
  if (piece >= 0) [range.active, range.edge] = [piece, edge];
  const move = (moved) => {
    for (const one of document.querySelectorAll(".handle")) one.style.pointerEvents = "none";
    const position = fromPoint(moved.clientX, moved.clientY);
    if (position !== null) put(position);
  };
  const end = () => {
    document.removeEventListener("pointermove", move);
    document.removeEventListener("pointerup", end);
    document.removeEventListener("pointercancel", end);
  };
  document.addEventListener("pointermove", move);
  document.addEventListener("pointerup", end);
  document.addEventListener("pointercancel", end);
}

function put(position) {
  if (range.kind === "split") {
    if (position > range.limits[0] && position < range.limits[1]) range.at = position;
  } else {
    const piece = range.pieces[range.active];
    const [low, high] = room();
    if (range.edge === "start" && position >= low && position < piece[1]) piece[0] = position;
    if (range.edge === "end" && position <= high && position > piece[0]) piece[1] = position;
  }
  showRange(false);
}

// Between which positions the active piece may lie, so that pieces never lie over each other.
function room() {
  const piece = range.pieces[range.active];
  const others = range.pieces.filter((one) => one !== piece);
  const low = Math.max(0, ...others.filter((one) => one[1] <= piece[0]).map((one) => one[1]));
  const high = Math.min(Infinity, ...others.filter((one) => one[0] >= piece[1]).map((one) => one[0]));
  return [low, high];
}

function step(direction, isCharacter) {
  const now = range.kind === "split" ? range.at : range.pieces[range.active][range.edge === "end" ? 1 : 0];
  const side = range.kind === "split" ? "start" : range.edge;
  const edges = edgesOf(isCharacter ? "character" : side);
  const next = direction > 0 ? edges.find((edge) => edge > now) : edges.findLast((edge) => edge < now);
  if (next !== undefined) put(next);
  reveal(next ?? now);
}

function rangeKey(event) {
  const pieces = range.pieces;
  const deeds = {
    ArrowLeft: () => step(-1, event.shiftKey),
    ArrowRight: () => step(1, event.shiftKey),
    Escape: () => leaveRange(true),
    Enter: () => document.getElementById("range-do").click(),
    o: () => (range.edge = range.edge === "end" ? "start" : "end"),
    p: () => range.kind !== "split" && morePieces(),
    x: () => {
      if (range.kind === "split" || pieces.length < 2) return;
      pieces.splice(range.active, 1);
      range.active = Math.max(0, range.active - 1);
    },
  };
  if (!deeds[event.key] || event.target.closest("#range-form") && event.key === "Enter") return;
  event.preventDefault();
  deeds[event.key]();
  if (range && event.key !== "Enter") showRange(event.key === "o" || event.key === "p");
}

function morePieces() {
  const selected = marked();
  const piece = selected ?? wordAfter(Math.max(...range.pieces.map((one) => one[1])));
  if (range.pieces.some(([start, end]) => piece[0] < end && piece[1] > start)) return;
  range.pieces.push(piece);
  range.pieces.sort((one, other) => one[0] - other[0]);
  [range.active, range.edge] = [range.pieces.indexOf(piece), "end"];
  window.getSelection().removeAllRanges();
}

function leaveRange(takesFocus) {
  range = null;
  if (window.Highlight) CSS.highlights.delete("chosen-range");
  for (const old of document.querySelectorAll(".handle")) old.remove();
  const card = document.getElementById("range");
  if (card) card.hidden = true;
  if (takesFocus) document.getElementById("chosen")?.focus({ preventScroll: true });
}

function fillRange(form) {
  form.action = form.dataset[range.kind];
  form.elements.claim.value = range.claim;
  form.elements.version.value = range.version;
  form.elements.spans.value = range.kind === "split" ? "" : range.pieces.map((piece) => piece.join("-")).join(",");
  form.elements.at.value = range.kind === "split" ? range.at : "";
}

// A click into the text moves the end that is being chosen, or the place of the cut.
document.addEventListener("pointerup", (event) => {
  if (!range || event.target.closest(".handle") || !event.target.closest(".desk-text .article")) return;
  if (!window.getSelection().isCollapsed) return;
  const position = fromPoint(event.clientX, event.clientY);
  if (position !== null) put(position);
});

addEventListener("resize", () => range && drawRange());
showChosen(false);
desk().dataset.ready = "";
