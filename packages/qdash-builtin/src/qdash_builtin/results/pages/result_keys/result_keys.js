// Controls that use arrow keys themselves.
const CONTROLS = "input, textarea, select, summary, [contenteditable=true], [role=dialog], [role=listbox], [role=combobox], [role=slider], [role=tab], [role=menu], .qdash-cursors";
let addresses = {};
export default function ({ data }) {
  addresses = data.addresses;
  document.addEventListener("keydown", pressed);
  return () => document.removeEventListener("keydown", pressed);
}

const pressed = (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  const address = addresses[event.key];
  if (!address || event.composedPath().some((one) => one.matches?.(CONTROLS)) || document.querySelector("[role=dialog]")) return;
  event.preventDefault();
  navigate(address);
};
