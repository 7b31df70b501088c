// Keys are written once, as data-key on what they press. They never fire while a person types.

const TEXT_INPUTS = new Set(["text", "search", "url", "email", "number", "password", "tel", "date", "file"]);

export function isTyping(event) {
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return true;
  const target = event.target;
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable) return true;
  if (target instanceof HTMLInputElement) return TEXT_INPUTS.has(target.type);
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}

// What a key press can mean: the character it makes, and what is printed on the key for other keyboard layouts.
export function meanings(event) {
  const found = [event.key.toLowerCase()];
  const place = /^(?:Key([A-Z])|(?:Digit|Numpad)([0-9]))$/.exec(event.code);
  if (place && !/^[a-z0-9?/]$/.test(found[0])) found.push((place[1] ?? place[2]).toLowerCase());
  return found.flatMap(ownMeaning);
}

// Keys of one's own, kept in this browser: {what the page calls it: the key that is pressed for it}.
const STORE = "attest.keys";

export function ownKeys() {
  try {
    return JSON.parse(localStorage.getItem(STORE)) ?? {};
  } catch {
    return {};
  }
}

export function keepOwnKeys(keys) {
  localStorage.setItem(STORE, JSON.stringify(keys));
}

function ownMeaning(key) {
  const own = ownKeys();
  const meant = Object.keys(own).find((meaning) => own[meaning] === key);
  if (meant) return [meant];
  return own[key] ? [] : [key];
}

export function findByKey(scope, key) {
  // The choices of a question that is not open are not pressed from afar; what opens a question is.
  const isAway = (one) =>
    one.closest(".question[data-open=no] .question-body") && !one.matches("[data-add-evidence], [data-mark-here]");
  const isShut = (one) => one.closest("details.menu:not([open]) > .menu-body");
  const usable = (one) => !one.disabled && !one.closest("[hidden], [inert], :disabled") && !isAway(one) && !isShut(one);
  return [...scope.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)].find(usable);
}

// `scopes` gives the elements to look in, the nearest first; `press` does it.
export function listen(scopes, press) {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.repeat || isTyping(event) || document.querySelector("dialog[open]")) return;
    for (const key of meanings(event)) {
      for (const scope of scopes()) {
        const found = scope && findByKey(scope, key);
        if (found) {
          event.preventDefault();
          press(found, event);
          return;
        }
      }
    }
  });
}
