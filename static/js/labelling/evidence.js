// Pieces of evidence: added from a template, numbered, removed. Fields keep the names that the plain form has.

import { Copies } from "./copies.js";

export class EvidenceList {
  constructor(element, changed) {
    this.element = element;
    this.list = element.querySelector("[data-evidence-list]");
    this.template = element.querySelector("template");
    this.changed = changed;
    for (const spare of element.querySelectorAll("[data-spare]")) spare.remove();
    element.querySelector("[data-add-evidence]").addEventListener("click", () => this.add());
    this.list.addEventListener("click", (event) => {
      const button = event.target.closest("[data-remove]");
      if (button) this.remove(button.closest("[data-evidence]"));
    });
    // A source that others found: taken over as one's own piece, to be read and judged by oneself.
    for (const button of element.querySelectorAll("[data-take]")) {
      button.addEventListener("click", () => {
        const { url, title, outlet, published, quote } = button.closest("[data-found]").dataset;
        this.add({ url, title, outlet, published, quote }).querySelector("[data-field=relation]").focus();
        this.changed();
      });
    }
    this.copies = new Copies(this.list, changed);
    this.renumber();
    for (const item of this.list.children) this.copies.load(item);
  }

  add(values = {}) {
    const item = this.template.content.firstElementChild.cloneNode(true);
    this.list.append(item);
    this.renumber();
    this.fill(item, values);
    if (!Object.keys(values).length) item.querySelector("[data-field=url]").focus();
    return item;
  }

  fill(item, values) {
    for (const field of item.querySelectorAll("[data-field]")) {
      const value = values[field.dataset.field];
      if (value === undefined) continue;
      if (field.type === "radio") field.checked = field.value === value;
      else field.value = value;
    }
    const more = ["outlet", "published", "question", "answer", "source_kind", "independence"];
    item.querySelector("details").open = more.some((name) => values[name]);
    if (values.copy || values.url) this.copies.load(item);
  }

  remove(item) {
    item.remove();
    this.renumber();
    this.changed();
    this.element.querySelector("[data-add-evidence]").focus();
  }

  replace(items) {
    this.list.replaceChildren();
    for (const values of items) this.add(values);
  }

  // Names and labels carry the item's number, so that the form posts what a page without scripts would post.
  renumber() {
    for (const [n, item] of [...this.list.children].entries()) {
      const legend = item.querySelector("legend");
      legend.textContent = `${legend.dataset.word} ${n + 1}`;
      for (const field of item.querySelectorAll("[data-field]")) {
        const id = `evidence-${n}-${field.dataset.field}`;
        const label = field.closest("label") ?? item.querySelector(`label[for="${CSS.escape(field.id)}"]`);
        field.name = id;
        field.id = field.type === "radio" ? `${id}-${field.value}` : id;
        if (label?.htmlFor) label.htmlFor = field.id;
      }
      const picture = item.querySelector("[data-picture]");
      item.querySelector(`label[for="${CSS.escape(picture.id)}"]`).htmlFor = `evidence-${n}-picture`;
      picture.id = `evidence-${n}-picture`;
    }
  }
}
