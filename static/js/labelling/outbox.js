// Submissions stay in this browser until the server has acknowledged them. Each carries its own idempotency key, so
// sending one again is harmless.

const PREFIX = "attest.outbox.";

function read(owner) {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + owner)) ?? [];
  } catch {
    return [];
  }
}

function write(owner, letters) {
  try {
    if (letters.length) localStorage.setItem(PREFIX + owner, JSON.stringify(letters));
    else localStorage.removeItem(PREFIX + owner);
    return true;
  } catch {
    return false; // storage is full or forbidden: the page itself still holds the answers
  }
}

// A letter is {url, fields: [[name, value]], key}.
export function keep(owner, letter) {
  return write(owner, [...read(owner).filter((other) => other.key !== letter.key), letter]);
}

export function drop(owner, key) {
  write(owner, read(owner).filter((other) => other.key !== key));
}

export function waiting(owner) {
  return read(owner);
}

function post(letter, token) {
  const body = new URLSearchParams(letter.fields);
  body.set("csrfmiddlewaretoken", token);
  return fetch(letter.url, { method: "POST", body, headers: { Accept: "application/json" } });
}

async function tokenOfToday() {
  const page = await fetch(location.href);
  if (!page.ok || page.redirected) return null;
  const shown = new DOMParser().parseFromString(await page.text(), "text/html");
  return shown.querySelector("[name=csrfmiddlewaretoken]")?.value;
}

// What became of a letter: {kind: "taken" | "refused" | "conflict" | "signed_out" | "unreachable", ...}.
export async function send(letter, token) {
  let response;
  try {
    response = await post(letter, token);
    if (response.status === 403) {
      // Signing in again, in another tab, makes the token of this page an old one.
      const newer = await tokenOfToday();
      if (newer) response = await post(letter, newer);
    }
  } catch {
    return { kind: "unreachable" };
  }
  // Where somebody is not signed in any more, the way leads to the door, which may answer in JSON as well.
  if (response.redirected) return { kind: "signed_out" };
  if (response.status >= 500 || response.status === 429) {
    return { kind: "unreachable", seconds: Number(response.headers.get("Retry-After")) || 0 };
  }
  const isJson = response.headers.get("Content-Type")?.includes("json");
  if (!isJson) return { kind: "lost", status: response.status };
  const answer = await response.json();
  if (response.ok) return { kind: "taken", answer };
  return { kind: response.status === 409 ? "conflict" : "refused", answer };
}
