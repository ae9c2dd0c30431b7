// Sanitized thumbnail of the host: only its shapes and their numeric attributes enter the page.
const TAGS = ["g", "path", "rect", "circle", "line", "polyline", "polygon"];
const SAFE = ["class", "d", "x", "y", "width", "height", "cx", "cy", "r", "x1", "y1", "x2", "y2", "points", "transform"];
const shapes_of = (text) => {
  const read = new DOMParser().parseFromString(text ?? "", "image/svg+xml").documentElement;
  const made = svg_el("svg", { "aria-hidden": "true" });
  if (read.localName !== "svg" || read.namespaceURI !== made.namespaceURI) return null;
  const box = (read.getAttribute("viewBox") ?? "").trim().split(/[\s,]+/).map(Number);
  if (box.length !== 4 || !box.every(Number.isFinite)) return null;
  made.setAttribute("viewBox", box.join(" "));
  const copied = (from, to) => {
    for (const one of from.children) {
      if (one.namespaceURI !== made.namespaceURI || !TAGS.includes(one.localName)) continue;
      const safe = SAFE.filter((name) => one.hasAttribute(name)).map((name) => [name, one.getAttribute(name)]);
      copied(one, svg_el(one.localName, Object.fromEntries(safe), to));
    }
  };
  copied(read, made);
  return made;
};
