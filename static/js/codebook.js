// The editor works without this; here the preview and the faults follow as one types.

const form = document.querySelector("#codebook-form");
const WAIT = 400;
let timer = 0;
let asked = 0;

async function preview() {
  const turn = ++asked;
  const body = new FormData(form);
  body.set("do", "preview");
  const answer = await fetch(location.href, { method: "POST", body: new URLSearchParams(body) }).catch(() => null);
  if (!answer || turn !== asked || answer.redirected) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  const shown = fresh.querySelector("#preview");
  if (answer.ok && shown) document.querySelector("#preview").replaceWith(document.adoptNode(shown));
  document.querySelector("#refusal")?.remove();
  const refusal = fresh.querySelector("#refusal");
  if (refusal) form.before(document.adoptNode(refusal));
  form.dataset.previewed = String(turn);
}

form.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(preview, WAIT);
});
document.addEventListener("submit", (event) => {
  if (event.target.matches("[data-preview-form]")) event.preventDefault();
});
