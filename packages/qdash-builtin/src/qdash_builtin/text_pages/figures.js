"use strict";
const dialog = document.querySelector("dialog");
const [caption, place] = dialog.children;
let shown = null;
// With scripts, the contents of a `noscript` element are text, which costs nothing until it is shown.
function fill(details) {
  const source = details.querySelector("noscript");
  if (!source) return;
  source.remove();
  details.insertAdjacentHTML("beforeend", source.textContent);
}
const near = new IntersectionObserver((entries) => {
  for (const entry of entries) if (entry.isIntersecting) { near.unobserve(entry.target); fill(entry.target); }
}, { rootMargin: "600px" });
const folded = document.querySelectorAll("details");
for (const details of folded) {
  details.addEventListener("toggle", () => { if (details.open) near.observe(details); });
  if (details.open) near.observe(details);
}
addEventListener("beforeprint", () => { for (const details of folded) if (details.open) fill(details); });
function show(tile) {
  shown = tile;
  caption.textContent = tile.title;
  place.replaceChildren(...[...tile.children].slice(1).map((one) => one.cloneNode(true)));
  if (!dialog.open) dialog.showModal();
}
function step(by) {
  const tiles = [...shown.closest("section").querySelectorAll("details[open] .g, section > .tiles .g")];
  const next = tiles[(tiles.indexOf(shown) + by + tiles.length) % tiles.length];
  if (next) show(next);
}
document.addEventListener("click", (event) => {
  const tile = event.target.closest(".g");
  if (tile) show(tile);
});
dialog.addEventListener("click", (event) => {
  if (event.target.value) step(Number(event.target.value));
});
dialog.addEventListener("keydown", (event) => {
  const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (by) { event.preventDefault(); step(by); }
});
dialog.addEventListener("close", () => shown.focus());
