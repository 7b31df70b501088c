// On a phone a unit is a row of screens: the text, one question at a time, and the end with note, flag and submit. Which
// one is shown stands on .panes, where the stylesheet reads it; without this script all of it stands in a row.

import { tell } from "../words.js";

const TEXT = "text";
const END = "end";

export class Screens {
  // `asked` gives the questions that are asked now, `opened` the open one, `show` opens one.
  constructor({ asked, opened, show }) {
    Object.assign(this, { asked, opened, show });
    this.panes = document.querySelector(".panes");
    this.narrow = window.matchMedia("(max-width: 900px)");
    this.back = document.querySelector("[data-screen-back]");
    this.on = document.querySelector("[data-screen-on]");
    this.place = document.querySelector("[data-screen-place]");
    this.share = document.querySelector("[data-screen-share]");
    this.back.addEventListener("click", () => this.step(-1));
    this.on.addEventListener("click", () => this.step(1));
    this.narrow.addEventListener("change", () => this.refresh());
  }

  get isOn() {
    return this.narrow.matches;
  }

  get isAtText() {
    return this.isOn && this.panes.dataset.screen === TEXT;
  }

  get all() {
    return [TEXT, ...this.asked(), END];
  }

  get at() {
    const { screen } = this.panes.dataset;
    return this.all.indexOf(screen === TEXT || screen === END ? screen : this.opened());
  }

  // False where the page is wide: there one steps through the questions alone.
  step(by) {
    if (!this.isOn) return false;
    const to = this.all[this.at + by];
    if (to === TEXT || to === END) this.turn(to);
    else if (to) this.show(to);
    return true;
  }

  // Who goes back to a question from the end, to change it, returns to the end.
  toQuestion() {
    this.isFromEnd = this.isOn && this.panes.dataset.screen === END;
    this.turn("question");
  }

  toEnd() {
    this.turn(END);
  }

  turn(screen) {
    const isOther = this.panes.dataset.screen !== screen;
    this.panes.dataset.screen = screen;
    this.refresh();
    if (!this.isOn || !isOther) return;
    document.querySelector(".text-pane").scrollTop = 0;
    document.querySelector("[data-questions]").scrollTop = 0;
    if (screen === TEXT) document.querySelector(".article mark.focus")?.scrollIntoView({ block: "center" });
  }

  refresh() {
    const { at, all } = this;
    const last = all.length - 1;
    this.panes.dataset.kind = this.opened().kind;
    this.back.disabled = at <= 0;
    this.on.hidden = at === last;
    this.share.value = at / last;
    if (at === last) this.place.textContent = tell("Check and submit");
    else this.place.textContent = at > 0 ? tell("Question {} of {}", at, last - 1) : tell("The text");
  }
}
