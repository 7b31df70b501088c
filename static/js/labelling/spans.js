// Places marked in the text: by the mouse or by keys, shown in the text and in a list. Fields keep the names that the
// plain form has; offsets are Unicode code points, as on the server.

import { edgesOf, positionOf, rangeOf, selected, wordsBetween } from "../places.js";
import { gapBetween, grow, reach } from "./parts.js";

const fieldOf = (item, name) => item.querySelector(`[data-field=${name}]`);
const numberIn = (item, name) => Number(fieldOf(item, name).value);

export class SpanList {
  constructor(question, changed) {
    this.element = question.element;
    this.code = question.code;
    this.list = this.element.querySelector("[data-spans]");
    this.template = this.element.querySelector("template");
    this.changed = changed;
    for (const spare of this.element.querySelectorAll("[data-spare]")) spare.remove();
    for (const button of this.element.querySelectorAll("[data-mark]")) {
      button.addEventListener("pointerdown", (event) => event.preventDefault()); // the selection stays
      button.addEventListener("click", () => this.mark(button.dataset.mark));
    }
    const here = this.element.querySelector("[data-mark-here]");
    here.addEventListener("pointerdown", (event) => event.preventDefault());
    here.addEventListener("click", () => this.markHere());
    this.list.addEventListener("click", (event) => {
      if (event.target.closest("[data-remove]")) this.remove(event.target.closest("[data-span]"));
    });
    this.list.addEventListener("keydown", (event) => this.adjust(event));
    this.list.addEventListener("focusin", (event) => this.reveal(event.target.closest("[data-span]")));
    this.list.addEventListener("focusout", () => setTimeout(() => this.draw()));
    this.list.addEventListener("change", () => this.changed());
    document.querySelector(".text-pane .article")?.addEventListener("grown", () => this.draw());
    for (const item of this.items) this.dress(item);
    this.renumber();
  }

  get items() {
    return [...this.list.children];
  }

  // A choice key: the selected words become a mark, or the mark in focus becomes this choice.
  mark(choice) {
    const place = selected();
    const focused = document.activeElement?.closest?.("[data-span]");
    if (place) this.add(...place, choice);
    else if (this.list.contains(focused) && fieldOf(focused, "choice")) {
      fieldOf(focused, "choice").value = choice;
      this.changed();
    } else this.markHere(choice);
  }

  // Without a selection a mark begins at the word after the last one, else at the claim.
  markHere(choice = "") {
    const place = selected();
    if (place) return this.add(...place, choice);
    const last = this.items.at(-1);
    const claim = document.querySelector(".article mark.focus") ?? document.querySelector(".article .block");
    const from = last ? numberIn(last, "end") : positionOf(claim, 0) ?? 0;
    const start = edgesOf("start").find((edge) => edge >= from) ?? edgesOf("start")[0] ?? 0;
    const end = edgesOf("end").find((edge) => edge > start) ?? start + 1;
    return this.add(start, end, choice);
  }

  add(start, end, choice, takesFocus = true) {
    const item = this.template.content.firstElementChild.cloneNode(true);
    this.list.append(item);
    this.dress(item);
    this.place(item, start, end);
    if (choice && fieldOf(item, "choice")) fieldOf(item, "choice").value = choice;
    const nowhere = this.element.querySelectorAll(`[name="answer-${CSS.escape(this.code)}"]`);
    for (const input of nowhere) input.checked = false;
    this.renumber();
    if (!takesFocus) return;
    window.getSelection().removeAllRanges();
    this.changed();
    item.focus();
  }

  dress(item) {
    item.tabIndex = 0;
    item.setAttribute("role", "group");
    fieldOf(item, "words").readOnly = true;
    fieldOf(item, "words").tabIndex = -1;
  }

  // Where a part of the text between its ends is not here yet, its words follow with that part.
  place(item, start, end) {
    fieldOf(item, "start").value = String(start);
    fieldOf(item, "end").value = String(end);
    fieldOf(item, "words").value = wordsBetween(start, end);
    item.setAttribute("aria-label", `Marked: ${wordsBetween(start, end)}`);
    this.draw(item);
    if (gapBetween(start, end)) reach(start, end).then((isShown) => isShown && this.place(item, start, end));
  }

  remove(item) {
    const next = item.nextElementSibling ?? item.previousElementSibling;
    item.remove();
    this.renumber();
    this.changed();
    (next ?? this.element.querySelector("[data-mark-here]")).focus();
  }

  // Arrow keys move the end, with Shift the start; by a word, with Alt by a character as people see it.
  adjust(event) {
    const item = event.target;
    if (!item.matches("[data-span]")) return;
    if (event.key === "Delete" || event.key === "Backspace") {
      event.preventDefault();
      this.remove(item);
      return;
    }
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    this.move(item, by, event.shiftKey ? "start" : "end", event.altKey);
  }

  // At the end of what is shown of a huge text, the part that follows is fetched first.
  async move(item, by, side, isByCharacter) {
    let [start, end] = [numberIn(item, "start"), numberIn(item, "end")];
    const from = side === "start" ? start : end;
    const step = () => {
      const edges = edgesOf(isByCharacter ? "character" : side);
      return by > 0 ? edges.find((edge) => edge > from) : edges.findLast((edge) => edge < from);
    };
    let to = step();
    if (await grow(from, to, by)) to = step();
    if (to === undefined || gapBetween(from, to)) return;
    if (side === "start") start = to;
    else end = to;
    if (start >= end) return;
    this.place(item, start, end);
    this.changed();
  }

  async reveal(item) {
    if (!item) return;
    this.draw(item);
    if (gapBetween(numberIn(item, "start"), numberIn(item, "end"))) await reach(numberIn(item, "start"), numberIn(item, "end"));
    const place = rangeOf(numberIn(item, "start"), numberIn(item, "end"));
    const pane = document.querySelector(".text-pane");
    const box = place?.getBoundingClientRect();
    const frame = pane.getBoundingClientRect();
    const head = pane.querySelector(".text-head")?.offsetHeight ?? 0;
    if (box && (box.top < frame.top + head || box.bottom > frame.bottom)) {
      pane.scrollTop += box.top - frame.top - frame.height / 2;
    }
  }

  // Marks of all questions share two highlights: all of them, and the one in focus.
  draw(focused = document.activeElement?.closest?.("[data-span]")) {
    if (!window.Highlight) return;
    const all = [...document.querySelectorAll("[data-spans] [data-span]")].filter((one) => fieldOf(one, "end").value);
    const range = (item) => rangeOf(numberIn(item, "start"), numberIn(item, "end"));
    CSS.highlights.set("marked", new Highlight(...all.map(range).filter(Boolean)));
    const now = focused && all.includes(focused) ? range(focused) : null;
    CSS.highlights.set("marked-now", new Highlight(...(now ? [now] : [])));
  }

  // Offsets in a draft; what has no offsets yet was typed without scripts and is found by the server.
  collect() {
    const text = Number(this.element.querySelector(`[name="span-${CSS.escape(this.code)}-text"]`).value);
    return this.items.map((item) => {
      const choice = fieldOf(item, "choice")?.value;
      const said = choice ? { choice } : {};
      if (!fieldOf(item, "end").value) return { quote: fieldOf(item, "words").value, ...said };
      return { start: numberIn(item, "start"), end: numberIn(item, "end"), ...(text ? { text } : {}), ...said };
    });
  }

  replace(spans) {
    this.list.replaceChildren();
    for (const span of spans) {
      if (Number.isInteger(span?.start) && span.end > span.start) this.add(span.start, span.end, span.choice ?? "", false);
    }
    this.draw();
  }

  renumber() {
    for (const [n, item] of this.items.entries()) {
      for (const field of item.querySelectorAll("[data-field]")) {
        const id = `span-${this.code}-${n}-${field.dataset.field}`;
        const label = field.id && item.querySelector(`label[for="${CSS.escape(field.id)}"]`);
        field.name = id;
        if (label) label.htmlFor = id;
        if (field.id) field.id = id;
      }
    }
    this.draw();
  }
}
