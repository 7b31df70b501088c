// Trying an operation of the API from its description: as the person who is signed in, with their rights.

const csrf = document.querySelector("[data-own] [name=csrfmiddlewaretoken]")?.value ?? "";
const READING = new Set(["GET", "HEAD"]);
const SHOWN = 20000; // characters of an answer

function addressOf(form) {
  const query = new URLSearchParams();
  let address = form.dataset.address;
  for (const field of form.querySelectorAll("[data-in]")) {
    if (field.dataset.in === "path") address = address.replace(`{${field.name}}`, encodeURIComponent(field.value));
    if (field.dataset.in === "query" && field.value) query.set(field.name, field.value);
  }
  return query.size ? `${address}?${query}` : address;
}

function headersOf(form) {
  const headers = {};
  for (const field of form.querySelectorAll("[data-in=header]")) {
    const isKey = field.name === "Idempotency-Key";
    if (field.value || isKey) headers[field.name] = field.value || crypto.randomUUID();
  }
  if (!READING.has(form.dataset.method)) Object.assign(headers, { "X-CSRFToken": csrf, "Content-Type": "application/json" });
  return headers;
}

async function told(response) {
  const kind = response.headers.get("Content-Type") ?? "";
  if (!kind.includes("json")) return `${kind}, ${(await response.blob()).size} bytes`;
  const body = JSON.stringify(await response.json(), null, 2);
  return body.length > SHOWN ? `${body.slice(0, SHOWN)}\n…` : body;
}

async function send(form) {
  const shown = form.querySelector("pre");
  const body = READING.has(form.dataset.method) ? undefined : (form.elements.body?.value ?? "{}");
  try {
    const response = await fetch(addressOf(form), { method: form.dataset.method, headers: headersOf(form), body });
    shown.textContent = `${response.status} ${response.statusText}\n\n${response.status === 204 ? "" : await told(response)}`;
  } catch (fault) {
    shown.textContent = `Nothing was answered: ${fault.message}`;
  }
  shown.hidden = false;
}

for (const form of document.querySelectorAll("form.try")) {
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(form);
  });
}
