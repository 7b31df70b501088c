// Positions in the shown text: code points of the whole article on one side, nodes and UTF-16 offsets on the other.

export function codePoints(text, units = text.length) {
  let count = 0;
  for (let at = 0; at < units && at < text.length; count += 1) at += text.codePointAt(at) > 0xffff ? 2 : 1;
  return count;
}

function units(text, points) {
  let at = 0;
  for (let seen = 0; seen < points && at < text.length; seen += 1) at += text.codePointAt(at) > 0xffff ? 2 : 1;
  return at;
}

function blocks() {
  return [...document.querySelectorAll(".article .block")];
}

function textNodes(block) {
  const walker = document.createTreeWalker(block, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) found.push(walker.currentNode);
  return found;
}

// The position of a place in the document; null outside the article's text.
export function positionOf(node, offset) {
  const element = node.nodeType === Node.TEXT_NODE ? node.parentElement : node;
  const block = element.closest?.(".article .block");
  if (!block) {
    const article = element.closest?.(".article");
    const next = article && node === article ? [...article.childNodes].slice(offset).find((one) => one.dataset?.start) : null;
    return next ? Number(next.dataset.start) : null;
  }
  const before = document.createRange();
  before.setStart(block, 0);
  before.setEnd(node, offset);
  return Number(block.dataset.start) + codePoints(before.toString());
}

// Where a position stands: at a boundary between two nodes, "start" takes the second and "end" the first.
export function placeAt(position, side) {
  const block = blocks().findLast((one) => {
    const start = Number(one.dataset.start);
    return side === "end" ? start < position : start <= position;
  });
  if (!block) return null;
  let left = position - Number(block.dataset.start);
  const nodes = textNodes(block);
  for (const [n, node] of nodes.entries()) {
    const length = codePoints(node.data);
    const fits = side === "end" ? left <= length : left < length;
    if (fits || n === nodes.length - 1) return { node, offset: units(node.data, Math.min(left, length)) };
    left -= length;
  }
  return null;
}

export function wordsBetween(start, end) {
  const words = [];
  for (const block of blocks()) {
    const text = block.textContent;
    const from = Number(block.dataset.start);
    const to = from + codePoints(text);
    if (to > start && from < end) words.push(text.slice(units(text, start - from), units(text, end - from)));
  }
  return words.join(" ");
}

const known = new WeakMap();

// Positions that a boundary can step to, in order: before words, behind them, or between characters as people see them.
export function edgesOf(kind) {
  const article = document.querySelector(".article");
  const kept = known.get(article) ?? {};
  known.set(article, kept);
  kept[kind] ??= blocks().flatMap((block) => blockEdges(block, kind));
  return kept[kind];
}

// The text has grown: its boundaries are looked for again.
export function forgetEdges(article) {
  known.delete(article);
}

function blockEdges(block, kind) {
  const language = block.lang || document.getElementById("desk")?.dataset.articleLanguage || block.closest(".article").lang || "und";
  const granularity = kind === "character" ? "grapheme" : "word";
  let segmenter;
  try {
    segmenter = new Intl.Segmenter(language === "und" ? undefined : language, { granularity });
  } catch {
    segmenter = new Intl.Segmenter(undefined, { granularity });
  }
  const edges = [];
  let at = Number(block.dataset.start);
  if (kind === "character") edges.push(at);
  for (const { segment } of segmenter.segment(block.textContent)) {
    const behind = at + codePoints(segment);
    if (kind === "character") edges.push(behind);
    else if (segment.trim()) edges.push(kind === "end" ? behind : at);
    at = behind;
  }
  return edges;
}

// The selected places of the text, [start, end]; null when nothing of the article is selected.
export function selected() {
  const selection = window.getSelection();
  if (!selection.rangeCount || selection.isCollapsed) return null;
  const found = selection.getRangeAt(0);
  const start = positionOf(found.startContainer, found.startOffset);
  const end = positionOf(found.endContainer, found.endOffset);
  return start === null || end === null || start >= end ? null : [start, end];
}

export function rangeOf(start, end) {
  const [from, to] = [placeAt(start, "start"), placeAt(end, "end")];
  if (!from || !to) return null;
  const found = document.createRange();
  found.setStart(from.node, from.offset);
  found.setEnd(to.node, to.offset);
  return found;
}
