// Numbers of the insertions that were made, by place: a page that is drawn again does not insert them again.
const inserted = (window.__qdash_inserted_files ??= {});
export default function ({ data }) {
  const { place, text, uploader, inserts, number } = data;
  const field = () => document.querySelector(`.${CSS.escape(text)} textarea`);
  const input = () => document.querySelector(`.${CSS.escape(uploader)} input[type=file]`);
  const is_over = (event) => event.target === field() && input();
  const paste = (event) => {
    // A copied table is a text, and a picture too: it is pasted as a text.
    const { files, types } = event.clipboardData ?? {};
    if (!is_over(event) || !files?.length || types.includes("text/plain")) return;
    event.preventDefault();
    upload(input(), files);
  };
  const dragover = (event) => {
    if (is_over(event) && event.dataTransfer?.types.includes("Files")) event.preventDefault();
  };
  const drop = (event) => {
    if (!is_over(event) || !event.dataTransfer?.files.length) return;
    event.preventDefault();
    upload(input(), event.dataTransfer.files);
  };
  // Phones offer their camera for `image/*`, and not for a list of suffixes.
  const offer_camera = (event) => {
    const chosen = event.target.closest?.(`.${CSS.escape(uploader)}`) && input();
    if (chosen && !chosen.accept.startsWith("image/*")) chosen.accept = `image/*,${chosen.accept}`;
  };
  const listeners = { paste, dragover, drop, click: offer_camera };
  for (const [name, listener] of Object.entries(listeners)) document.addEventListener(name, listener, true);
  if (inserts.length && inserted[place] !== number && field()) {
    inserted[place] = number;
    insert(field(), inserts.join("\n"));
  }
  return () => {
    for (const [name, listener] of Object.entries(listeners)) document.removeEventListener(name, listener, true);
  };
}

const upload = (input, files) => {
  const box = new DataTransfer();
  for (const file of files) box.items.add(file);
  input.files = box.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
};

// Insert lines at the cursor as if they were typed, so that the form keeps them; after a quotation a paragraph of their own.
const insert = (field, lines) => {
  const before = field.value.slice(0, field.selectionStart), after = field.value.slice(field.selectionEnd);
  const is_quoted = /^>.*\n?$/.test(before.slice(before.lastIndexOf("\n", before.length - 2) + 1));
  const gap = is_quoted ? "\n\n" : before && !before.endsWith("\n") ? "\n" : "";
  const made = `${gap}${lines}${after.startsWith("\n") ? "" : "\n"}`;
  field.setRangeText(made, field.selectionStart, field.selectionEnd, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
};
