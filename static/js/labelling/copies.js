// The copy of a page brought as evidence: asked for when its address is there, read beside the form, quoted from.

import { tell } from "../words.js";

const POLL_EVERY = 1000;
const POLLS = 90;

function squeezed(words) {
  return words.trim().replace(/\s+/gu, " ");
}

export class Copies {
  constructor(list, changed) {
    this.list = list;
    this.changed = changed;
    this.known = new WeakMap(); // item -> what the server said of its copy
    this.token = list.closest("form").elements.csrfmiddlewaretoken.value;
    list.addEventListener("change", (event) => this.onChange(event));
    list.addEventListener("input", (event) => {
      if (event.target.matches("[data-field=quote], [data-field=published]")) this.check(event.target.closest("[data-evidence]"));
    });
    list.addEventListener("click", (event) => this.onClick(event));
  }

  onChange(event) {
    const item = event.target.closest("[data-evidence]");
    if (event.target.matches("[data-field=url]")) this.ask(item);
    if (event.target.matches("[data-picture]")) this.upload(item, event.target);
  }

  onClick(event) {
    const item = event.target.closest("[data-evidence]");
    if (event.target.closest("[data-show-copy]")) this.toggle(item);
    if (event.target.closest("[data-ask-again]")) this.ask(item);
    if (event.target.closest("[data-use-quote]")) this.quote(item);
  }

  field(item, name) {
    return item.querySelector(`[data-field=${name}]`);
  }

  async send(body) {
    const headers = { Accept: "application/json", "X-CSRFToken": this.token };
    const answer = await fetch(this.list.dataset.copies, { method: "POST", body, headers });
    const said = answer.headers.get("Content-Type")?.startsWith("application/json") ? await answer.json() : null;
    if (!answer.ok) throw new Error(said?.sentence ?? tell("The server answered {}.", answer.status));
    return said;
  }

  async ask(item) {
    const url = this.field(item, "url").value.trim();
    this.field(item, "copy").value = "";
    this.show(item, null);
    if (!/^https?:\/\/[^/\s]+\.[^/\s]/i.test(url)) return;
    this.say(item, tell("Fetching a copy of the page…"));
    try {
      const copy = await this.send(new URLSearchParams({ url }));
      this.field(item, "copy").value = copy.key;
      this.changed();
      await this.follow(item, copy);
    } catch (fault) {
      this.say(item, tell("No copy: {}", fault.message), "attention", true);
    }
  }

  // A draft or a stored answer names its copy by key.
  async load(item) {
    const key = this.field(item, "copy").value;
    if (this.known.has(item)) return;
    if (!key) {
      // Why it was not kept is known no more; that there is none is, and that one may ask again.
      if (this.field(item, "url").value) this.say(item, tell("No copy of this page is kept."), "attention", true);
      return;
    }
    await this.follow(item, { key, state: "waiting" });
  }

  async follow(item, copy) {
    for (let n = 0; copy.state === "waiting" && n < POLLS; n += 1) {
      if (n) await new Promise((done) => setTimeout(done, POLL_EVERY));
      if (!item.isConnected || this.field(item, "copy").value !== copy.key) return;
      try {
        const answer = await fetch(this.list.dataset.copy.replace("KEY", copy.key), { headers: { Accept: "application/json" } });
        if (answer.status === 404) return;
        if (answer.ok) copy = await answer.json();
      } catch {
        // offline for a moment: the next round asks again
      }
    }
    this.show(item, copy);
  }

  show(item, copy) {
    const panel = item.querySelector("[data-copy-panel]");
    if (!copy) {
      this.known.delete(item);
      panel.hidden = true;
      item.querySelector("[data-copy-state]").hidden = true;
      return;
    }
    this.known.set(item, copy);
    if (copy.state === "waiting") this.say(item, tell("The page is still being fetched. It is kept even if you go on."));
    else if (copy.state === "failed") this.say(item, tell("No copy: {}", copy.sentence), "attention", true);
    else this.showKept(item, copy);
    this.check(item);
  }

  showKept(item, copy) {
    for (const name of ["title", "outlet", "published"]) {
      const field = this.field(item, name);
      if (!field.value && copy[name]) field.value = copy[name];
    }
    item.querySelector("[data-copy-text]").textContent = copy.text;
    this.say(item, copy.text ? tell("Copy kept, {} characters.", copy.characters.toLocaleString("en-GB")) : `${tell("Copy kept.")} ${copy.sentence}`, "good");
    if (copy.text) this.button(item, tell("Show the copy"), "showCopy");
    this.changed();
  }

  say(item, sentence, kind = "", mayAskAgain = false) {
    const line = item.querySelector("[data-copy-state]");
    line.hidden = false;
    line.textContent = `${sentence} `;
    line.dataset.kind = kind;
    if (mayAskAgain) this.button(item, tell("Try again"), "askAgain");
  }

  button(item, words, does) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button small";
    button.dataset[does] = "";
    button.textContent = words;
    item.querySelector("[data-copy-state]").append(button);
  }

  toggle(item) {
    const panel = item.querySelector("[data-copy-panel]");
    panel.hidden = !panel.hidden;
    item.querySelector("[data-show-copy]").textContent = panel.hidden ? tell("Show the copy") : tell("Hide the copy");
    if (!panel.hidden) panel.querySelector("[data-copy-text]").focus();
  }

  quote(item) {
    const selection = window.getSelection();
    const text = item.querySelector("[data-copy-text]");
    const isInside = selection.rangeCount && text.contains(selection.anchorNode) && text.contains(selection.focusNode);
    const words = isInside ? selection.toString().trim() : "";
    if (!words) return;
    this.field(item, "quote").value = words;
    this.changed();
    this.check(item);
    this.field(item, "quote").focus();
  }

  // Whether the quote stands in the copy, and whether the source is later than the claim.
  check(item) {
    const copy = this.known.get(item);
    const quote = squeezed(this.field(item, "quote").value);
    const line = item.querySelector("[data-quote-state]");
    line.hidden = !(quote && copy?.text);
    if (!line.hidden) {
      const stands = squeezed(copy.text).includes(quote);
      line.textContent = stands
        ? tell("These words stand in the copy.")
        : tell("These words do not stand in the copy as they are.");
    }
    const day = this.list.dataset.claimDay;
    const published = this.field(item, "published").value;
    item.querySelector("[data-late]").hidden = !(day && published && published > day);
  }

  async upload(item, input) {
    const [file] = input.files;
    if (!file) return;
    const line = item.querySelector("[data-picture-state]");
    line.hidden = false;
    line.textContent = tell("Sending the screenshot…");
    const body = new FormData();
    body.set("picture", file);
    try {
      const copy = await this.send(body);
      this.field(item, "screenshot").value = copy.key;
      line.textContent = tell("The screenshot is kept.");
      this.changed();
    } catch (fault) {
      line.textContent = tell("Not kept: {}", fault.message);
    }
  }
}
