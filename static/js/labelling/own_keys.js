// Keys of one's own: a field for each thing the page has a key for, kept in this browser, shown where the key stands.

import { keepOwnKeys, ownKeys } from "../hotkeys.js";
import { tell } from "../words.js";

const list = document.querySelector("[data-own-key-list]");
const said = document.querySelector("[data-own-keys-said]");
const WALKS = { j: tell("next question"), k: tell("previous question") };
const onPage = [...document.querySelectorAll("[data-key]")].filter((one) => !one.closest(".question-body, .menu-body, dialog"));
const deeds = new Map(onPage.map((one) => [one.dataset.key, nameOf(one)]));
for (const [key, name] of Object.entries(WALKS)) deeds.set(key, name);
const inQuestions = [...document.querySelectorAll(".question-body [data-key]")];
for (const one of inQuestions.filter((one) => one.matches("[data-add-evidence], [data-mark-here]"))) deeds.set(one.dataset.key, nameOf(one));
// A key stands for its place: the same one in every question that has it.
for (const key of [...new Set(inQuestions.map((one) => one.dataset.key))].sort()) {
  if (!deeds.has(key)) deeds.set(key, tell("the choice with the key {}", key));
}

function nameOf(element) {
  const copy = element.cloneNode(true);
  for (const kbd of copy.querySelectorAll("kbd")) kbd.remove();
  return copy.textContent.trim().replace(/\s+/g, " ") || element.title;
}

function show() {
  const own = ownKeys();
  for (const element of document.querySelectorAll("[data-key]")) {
    const label = element.matches("input") ? element.closest("label") : element;
    const kbd = label?.querySelector(":scope > kbd, .question-title > kbd");
    if (kbd) kbd.textContent = own[element.dataset.key] ?? element.dataset.key;
  }
  for (const field of list.querySelectorAll("input")) field.value = own[field.dataset.deed] ?? field.dataset.deed;
}

function change(field) {
  const own = ownKeys();
  const { deed } = field.dataset;
  const key = field.value.trim().toLowerCase();
  const others = [...deeds.keys()].filter((one) => one !== deed).map((one) => own[one] ?? one);
  if (!key || others.includes(key)) {
    said.textContent = key ? tell("“{}” is the key of something else on this page.", key) : tell("Type one character.");
    field.setAttribute("aria-invalid", "true");
    return;
  }
  field.removeAttribute("aria-invalid");
  if (key === deed) delete own[deed];
  else own[deed] = key;
  keepOwnKeys(own);
  said.textContent = `${deeds.get(deed)}: ${key}`;
  show();
}

for (const [deed, name] of deeds) {
  const label = document.createElement("label");
  const field = document.createElement("input");
  field.className = "input";
  field.maxLength = 1;
  field.dataset.deed = deed;
  field.autocomplete = "off";
  field.addEventListener("change", () => change(field));
  label.append(field, ` ${name}`);
  list.append(label);
}
document.querySelector("[data-own-keys-reset]").addEventListener("click", () => {
  keepOwnKeys({});
  said.textContent = tell("These are the shipped keys again.");
  show();
});
show();
