// The drop zone: names what was chosen before anything is sent.

const zone = document.querySelector("[data-drop]");
const input = zone.querySelector("input[type=file]");
const list = document.querySelector("[data-files]");

function show() {
  list.replaceChildren(
    ...[...input.files].map((file) => {
      const line = document.createElement("li");
      line.textContent = `${file.name} · ${(file.size / 1024).toFixed(0)} KB`;
      return line;
    }),
  );
}

for (const name of ["dragenter", "dragover"]) {
  zone.addEventListener(name, (event) => {
    event.preventDefault();
    zone.classList.add("is-over");
  });
}
for (const name of ["dragleave", "drop"]) zone.addEventListener(name, () => zone.classList.remove("is-over"));
zone.addEventListener("drop", (event) => {
  event.preventDefault();
  input.files = event.dataTransfer.files;
  show();
});
input.addEventListener("change", show);
show(); // what was chosen before this ran, or is still chosen when one comes back
