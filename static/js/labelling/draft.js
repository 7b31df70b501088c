// What is typed so far: in this browser at once, on the server soon after. The newest number wins, here and there.

import { tell } from "../words.js";

const SAVE_AFTER = 700;
const RETRY_AFTER = 5000;

export function clock(when) {
  return when.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
}

export class Draft {
  constructor(form, collect, say) {
    const { reviewer, round, unit, draftUrl, draftSeq } = form.dataset;
    this.name = `attest.draft.${reviewer}.${round}.${unit}`;
    this.url = draftUrl;
    this.token = form.elements.csrfmiddlewaretoken.value;
    this.collect = collect;
    this.say = say;
    this.seq = Number(draftSeq) || 0;
    this.savedSeq = this.seq;
    this.timer = 0;
    this.isStopped = false;
  }

  get isUnsaved() {
    return this.savedSeq < this.seq;
  }

  changed() {
    this.seq = Math.max(Date.now(), this.seq + 1);
    try {
      localStorage.setItem(this.name, JSON.stringify({ seq: this.seq, payload: this.collect() }));
    } catch {
      // storage is full or forbidden: the server keeps the draft
    }
    this.say(tell("Saving…"));
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), SAVE_AFTER);
  }

  // What this browser kept, if it is newer than what the server rendered.
  newer() {
    let kept = null;
    try {
      kept = JSON.parse(localStorage.getItem(this.name));
    } catch {
      return null;
    }
    if (!kept?.payload || !(kept.seq > this.seq)) return null;
    this.seq = kept.seq;
    return kept.payload;
  }

  async save() {
    clearTimeout(this.timer);
    if (this.isStopped || !this.isUnsaved) return;
    const seq = this.seq;
    const body = new URLSearchParams({
      payload: JSON.stringify(this.collect()),
      client_seq: String(seq),
      csrfmiddlewaretoken: this.token,
    });
    try {
      const response = await fetch(this.url, { method: "POST", body, keepalive: true });
      if (!this.isStopped) await this.read(response, seq);
    } catch {
      if (this.isStopped) return;
      this.say(tell("Offline: kept in this browser."), "attention");
      this.timer = setTimeout(() => this.save(), RETRY_AFTER);
    }
  }

  async read(response, seq) {
    if (response.redirected) {
      this.say(tell("You are signed out. Your answers are kept in this browser."), "problem");
    } else if (response.ok) {
      this.savedSeq = seq;
      this.say(this.isUnsaved ? tell("Saving…") : tell("Draft saved {}", clock(new Date())), "good");
    } else {
      const isJson = response.headers.get("Content-Type")?.includes("json");
      const answer = isJson ? await response.json() : {};
      this.say(answer.sentence ?? tell("The draft was not taken; it is kept in this browser."), "problem");
    }
  }

  // While a submission is under way nothing is saved beside it.
  stop() {
    this.isStopped = true;
    clearTimeout(this.timer);
  }

  resume() {
    this.isStopped = false;
  }

  forget() {
    localStorage.removeItem(this.name);
  }
}
