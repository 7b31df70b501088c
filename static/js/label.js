// The labelling page. The form works without this; here it becomes one decision at a time, keeps drafts, and does not
// move on before the server has acknowledged.

import { Question, applyConditions, collect } from "./labelling/answers.js";
import { Draft } from "./labelling/draft.js";
import { EvidenceList } from "./labelling/evidence.js";
import { isTyping, listen, meanings } from "./hotkeys.js";
import { Screens } from "./labelling/screens.js";
import { SpanList } from "./labelling/spans.js";
import * as outbox from "./labelling/outbox.js";
import "./labelling/parts.js";
import "./labelling/reading.js";
import { seconds } from "./labelling/stopwatch.js";
import { Past } from "./labelling/undo.js";
import "./veil.js";
import { tell } from "./words.js";

const form = document.querySelector("#label-form");
const note = form.querySelector("[name=note]");
const discuss = form.querySelector("[name=discuss]");
const submitButton = form.querySelector("[data-submit]");
const stateLine = document.querySelector("#save-state");
const problemLine = document.querySelector("[data-problem]");
const questions = [...form.querySelectorAll("[data-code]")].map((element) => new Question(element));
const evidenceLists = questions
  .filter((question) => question.kind === "evidence")
  .map((question) => new EvidenceList(question.element, changed));
for (const question of questions) if (question.kind === "span") question.spans = new SpanList(question, changed);
const owner = form.dataset.reviewer;
const RETRY_SECONDS = [1, 2, 5, 10, 20, 30];
let isSending = false;
let isLeaving = false;

// --- one question at a time ---------------------------------------------------------------------------------------

let open = questions.find((question) => question.element.dataset.open === "yes") ?? questions[0];

function asked() {
  return questions.filter((question) => question.isAsked);
}

const screens = new Screens({ asked, opened: () => open, show });

function show(question, takesFocus = true) {
  if (!question) return;
  open = question;
  for (const one of questions) one.element.dataset.open = one === question ? "yes" : "no";
  if (!takesFocus) return;
  screens.toQuestion();
  const target = question.inputs.find((input) => input.checked) ?? question.words ?? question.hops ?? question.inputs[0];
  // Never a button: Enter is to go on, not to press it.
  (target ?? question.element).focus({ preventScroll: true });
  question.element.scrollIntoView({ block: "nearest" });
}

function step(by) {
  if (screens.step(by)) return;
  const all = asked();
  const at = all.indexOf(open) + by;
  if (at >= 0 && at < all.length) show(all[at]);
  else if (at >= all.length) finish();
}

function advance() {
  if (screens.isFromEnd && !firstUnanswered()) return finish();
  const all = asked();
  const later = all.slice(all.indexOf(open) + 1);
  const next = later.find((question) => !question.isAnswered);
  if (next) show(next);
  else if (firstUnanswered()) show(firstUnanswered());
  else finish();
  return undefined;
}

function finish() {
  screens.toEnd();
  submitButton.focus();
}

function firstUnanswered() {
  return asked().find((question) => question.isRequired && !question.isAnswered);
}

function refresh() {
  applyConditions(questions);
  for (const [n, question] of asked().entries()) {
    question.element.querySelector("[data-number]").textContent = String(n + 1);
  }
  for (const question of questions) question.element.querySelector("[data-summary]").textContent = question.summary;
  if (!open.isAsked) show(asked()[0], false);
  screens.refresh();
}

// --- choosing ------------------------------------------------------------------------------------------------------

function press(control) {
  if (screens.isAtText && control.closest("[data-questions]")) screens.step(1); // a question is read before it is answered
  else if (control.matches("input[type=radio], input[type=checkbox]")) {
    const isSame = control.checked && (control.type === "checkbox" || !open.isRequired);
    control.checked = !isSame;
    control.focus({ preventScroll: true });
    chose(control, true);
  } else if (control.matches("summary")) {
    control.parentElement.open = true;
    control.parentElement.querySelector("textarea, input:not([type=hidden]), button")?.focus();
  } else {
    const home = questions.find((question) => question.element.contains(control));
    if (home && home !== open) show(home, false);
    if (home) screens.toQuestion();
    control.click();
  }
}

function chose(input, movesOn) {
  if (input.type === "checkbox" && input.checked) keepMissingApart(input);
  else if (input.type === "checkbox") open.bringBack();
  changed();
  // At once, not after a pause: the next key belongs to the next question however quickly it comes.
  if (movesOn && input.type === "radio" && input.checked && input.name.startsWith("answer-")) advance();
}

// A missing reason is never mixed with values.
function keepMissingApart(input) {
  const stands = (one) => one.value.startsWith("missing:") || one.value === "nowhere";
  for (const other of open.inputs) {
    if (other !== input && (stands(input) || stands(other))) other.checked = false;
  }
  if (stands(input)) open.setAside();
}

form.addEventListener("click", (event) => {
  const header = event.target.closest("[data-show]");
  if (header) show(questions.find((question) => question.element.contains(header)));
  // Arrow keys inside a group of radios click too: with them one only looks around.
  const input = event.target.closest("input[type=radio], input[type=checkbox]");
  if (input && input.name.startsWith("answer-")) chose(input, isByPointer);
});
let isByPointer = false;
document.addEventListener("pointerdown", () => (isByPointer = true), { capture: true });
document.addEventListener("keydown", () => (isByPointer = false), { capture: true });
form.addEventListener("input", (event) => {
  const chain = questions.find((question) => question.hops === event.target);
  if (chain?.sources.length) for (const reason of chain.inputs) reason.checked = false;
  if (!event.target.matches("input[type=radio], input[type=checkbox]") || event.target.dataset.field) changed();
});

listen(() => [document.querySelector("details.menu[open] .menu-body"), open.element, document], press);

// Out of a text field to the question that is open, so that keys are keys again.
form.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !isTyping(event)) return;
  event.preventDefault();
  open.element.focus({ preventScroll: true });
});

document.addEventListener("keydown", (event) => {
  if (isTyping(event) || document.querySelector("dialog[open]")) return;
  const [key] = meanings(event).slice(-1);
  if (key === "j") step(1);
  if (key === "k") step(-1);
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.repeat || event.defaultPrevented) return;
  const isOnControl = event.target instanceof HTMLElement && event.target.closest("button, a, summary, textarea, dialog");
  const isField = event.target instanceof HTMLInputElement && isTyping(event);
  if (isOnControl && !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  if (screens.isAtText && !event.ctrlKey && !event.metaKey) screens.step(1);
  else if (event.ctrlKey || event.metaKey || !firstUnanswered()) submit();
  else if (isField || open.isAnswered || !open.isRequired) advance();
  else say(tell("“{}” has no answer yet.", open.title), "problem");
});

// --- saying how it stands --------------------------------------------------------------------------------------------

/** The bar holds two lines; what keeps a label from being sent stands in full beside the button, each fault on its own;
 * what is read out is the bar. */
function say(sentence, kind = "", each = [sentence]) {
  stateLine.textContent = sentence;
  stateLine.dataset.kind = kind;
  problemLine.replaceChildren(...(kind === "problem" ? each.map(inLine) : []));
  problemLine.hidden = kind !== "problem";
}

function inLine(sentence) {
  const line = document.createElement("span");
  line.textContent = sentence;
  return line;
}

// --- drafts -----------------------------------------------------------------------------------------------------------

const past = new Past(questions);
const draft = new Draft(form, () => collect(questions, note, discuss), say);

function changed() {
  past.note();
  refresh();
  draft.changed();
}

document.querySelector("[data-undo]").addEventListener("click", () => {
  const undone = past.undo();
  if (!undone) return document.querySelector("[data-previous]")?.click();
  refresh();
  show(undone);
  draft.changed();
});

function restoreDraft() {
  const kept = draft.newer();
  if (!kept) return;
  for (const question of questions) question.restore(kept.answers?.[question.code], kept.notes?.[question.code]);
  for (const list of evidenceLists) list.replace(kept.evidence ?? []);
  note.value = kept.notes?.note ?? note.value;
  discuss.value = kept.notes?.discuss ?? discuss.value;
  past.begin();
  refresh();
  show(firstUnanswered() ?? open, false);
  say(tell("Restored what was not sent yet."), "good");
  draft.save();
}

window.addEventListener("beforeunload", (event) => {
  if (isLeaving || !(isSending || draft.isUnsaved)) return;
  draft.save();
  event.preventDefault();
});

// --- submitting ----------------------------------------------------------------------------------------------------

function submit() {
  if (isSending) return;
  const waiting = firstUnanswered();
  if (waiting) {
    show(waiting);
    say(tell("“{}” has no answer yet.", waiting.title), "problem");
    return;
  }
  isSending = true;
  draft.stop();
  form.elements.seconds.value = String(seconds());
  const fields = [...new FormData(form).entries()].filter(([name]) => name !== "csrfmiddlewaretoken");
  const letter = { url: form.action, fields, key: form.elements.idempotency_key.value };
  outbox.keep(owner, letter);
  lock(true);
  deliver(letter, 0);
}

function lock(isLocked) {
  form.querySelector("[data-questions]").inert = isLocked;
  submitButton.setAttribute("aria-busy", String(isLocked));
  submitButton.setAttribute("aria-disabled", String(isLocked));
}

async function deliver(letter, attempt) {
  say(tell("Sending…"));
  const token = form.elements.csrfmiddlewaretoken.value;
  const became = await outbox.send(letter, token);
  if (became.kind === "unreachable") return tryLater(letter, attempt, became.seconds);
  if (became.kind === "signed_out") return waitForSignIn();
  outbox.drop(owner, letter.key);
  if (became.kind === "taken") return leaveFor(became.answer.next);
  if (became.kind === "conflict") return showConflict();
  isSending = false;
  draft.resume();
  lock(false);
  refuse(became);
}

function tryLater(letter, attempt, pause) {
  const wait = pause || RETRY_SECONDS[Math.min(attempt, RETRY_SECONDS.length - 1)];
  say(tell("Not sent yet: kept in this browser, trying again in {} s.", wait), "attention");
  const again = () => {
    clearTimeout(retry);
    window.removeEventListener("online", again);
    deliver(letter, attempt + 1);
  };
  const retry = setTimeout(again, wait * 1000);
  window.addEventListener("online", again);
}

function waitForSignIn() {
  isSending = false;
  draft.resume();
  lock(false);
  say(tell("You are signed out. Your answers are kept here: sign in in another tab, then submit again."), "problem");
}

function leaveFor(address) {
  isLeaving = true;
  draft.forget();
  location.assign(address);
}

// The server's page shows both versions; nothing was stored, so sending the form again is safe.
function showConflict() {
  isLeaving = true;
  HTMLFormElement.prototype.submit.call(form);
}

function refuse({ answer, status }) {
  if (!answer) {
    say(tell("The server did not take it ({}). Your answers are kept in this browser.", status), "problem");
    return;
  }
  const faulty = questions.find((question) => answer.problems?.some((problem) => problem.field === question.code));
  if (faulty) show(faulty);
  const each = answer.problems?.map((problem) => problem.sentence) ?? [];
  say(answer.sentence, "problem", each.length ? each : undefined);
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  submit();
});

// What an earlier visit could not send goes out now.
async function sendWaiting() {
  for (const letter of outbox.waiting(owner)) {
    const became = await outbox.send(letter, form.elements.csrfmiddlewaretoken.value);
    if (became.kind === "unreachable" || became.kind === "signed_out") return;
    outbox.drop(owner, letter.key);
    if (became.kind === "taken" && letter.url === form.action) leaveFor(became.answer.next);
    else if (became.kind === "taken") say(tell("A label from an earlier visit was sent."), "good");
    else say(became.answer?.sentence ?? tell("A label from an earlier visit was not taken."), "problem");
  }
}

// Back from the next page: what the browser kept of this one is out of date.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

refresh();
show(open, false);
restoreDraft();
sendWaiting();
form.dataset.ready = "yes";
