// On a narrow screen a row of a table is shown as a short list, each cell beside the heading of its column.
// The style sheet does that to tables of the class "stacks"; here cells are told what their column is called.
// A table of the class "matrix" is read across and down, so it stays as it is.

function nameCells(table) {
  // A heading for the ear alone stands over buttons, which say themselves what they do.
  const seen = (head) => (head.querySelector(".unseen") ? "" : head.textContent.trim());
  const heads = [...table.querySelectorAll("thead th")].map(seen);
  const rows = [...table.tBodies].flatMap((body) => [...body.rows]);
  if (heads.length < 3 || rows.some((row) => row.cells.length !== heads.length)) return;
  for (const row of rows) [...row.cells].forEach((cell, at) => (cell.dataset.column = heads[at]));
  table.classList.add("stacks");
}

export function nameCellsIn(part) {
  const around = part.closest("table");
  const inside = part.querySelectorAll("table:not(.matrix)");
  for (const table of around && !around.matches(".matrix") ? [around] : inside) nameCells(table);
}

nameCellsIn(document.documentElement);
document.addEventListener("htmx:load", (event) => nameCellsIn(event.detail.elt));
