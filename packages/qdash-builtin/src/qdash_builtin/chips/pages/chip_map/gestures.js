// Navigation on the map: zoom and pan, arrow keys between neighbours, lasso.
const STEP = 1.25;
const JITTER_PX = { touch: 12, pen: 8, mouse: 4 }; // a shorter movement is a tap or click
const NEAREST = 0.12; // smallest visible fraction of the map
const views = new Map(); // by chip, for the life of the tab

const target_of = (event) => event.target.closest?.("[data-id]")?.dataset.id;
const point_of = (map, x, y) => {
  const point = new DOMPoint(x, y).matrixTransform(map.svg.getScreenCTM().inverse());
  return [point.x, point.y];
};

const set_view = (map, box) => {
  map.box = box;
  views.set(map.data.chip_id, box);
  map.svg.setAttribute("viewBox", box.join(" "));
  map.svg.style.touchAction = box[2] < map.home[2] ? "none" : "pan-x pan-y";
  measure(map.svg);
};
// Show values if there is room for them.
const measure = (svg) => svg.classList.toggle("roomy", measure_px(svg) > 54);
const zoom = (map, factor, at) => {
  const [x, y, width, height] = map.box;
  const least = (NEAREST * map.home[2]) / width;
  const by = Math.max(least, Math.min(factor, map.home[2] / width));
  const [px, py] = at ?? [x + width / 2, y + height / 2];
  const box = [px - (px - x) * by, py - (py - y) * by, width * by, height * by];
  set_view(map, by * width >= map.home[2] - 1e-9 ? [...map.home] : box);
};
const pan = (map, dx, dy) => set_view(map, [map.box[0] - dx, map.box[1] - dy, map.box[2], map.box[3]]);

const focus_on = (map, id) => {
  map.els[map.current].setAttribute("tabindex", -1);
  map.current = id;
  map.els[id].setAttribute("tabindex", 0);
  const [x, y] = map.places[id];
  const [left, top, width, height] = map.box;
  if (x < left || y < top || x > left + width || y > top + height) set_view(map, [x - width / 2, y - height / 2, width, height]);
  map.els[id].focus({ preventScroll: false });
};

const within = (line, [x, y]) => {
  let inside = false;
  for (let i = 0, j = line.length - 1; i < line.length; j = i++) {
    const [[ax, ay], [bx, by]] = [line[i], line[j]];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
  }
  return inside;
};

const keys = (map) => (event) => {
  const id = target_of(event);
  if (!id) return;
  const wanted = event.key in ARROWS ? neighbour(map, id, ARROWS[event.key]) : null;
  if (wanted) focus_on(map, wanted);
  else if (event.key === "Enter") map.open(id);
  else if (event.key === " ") map.toggle(id);
  else if (event.key === "Escape") map.escape();
  else if (event.key === "+" || event.key === "=") zoom(map, 1 / STEP, map.places[id]);
  else if (event.key === "-") zoom(map, STEP, map.places[id]);
  else if (event.key === "0") set_view(map, [...map.home]);
  else if (!(event.key in ARROWS)) return;
  event.preventDefault();
};

const bind_gestures = (map) => {
  const { svg } = map;
  const fingers = new Map();
  let drag = null;
  const apart = () => {
    const [a, b] = [...fingers.values()];
    return Math.hypot(a[0] - b[0], a[1] - b[1]);
  };
  svg.onpointerdown = (event) => {
    if (event.button) return;
    map.moved = false;
    fingers.set(event.pointerId, [event.clientX, event.clientY]);
    if (fingers.size === 2) drag = { apart: apart() };
    else if (map.lasso || event.shiftKey) drag = { line: [point_of(map, event.clientX, event.clientY)], shape: svg_el("polygon", { class: "lasso" }, svg) };
    else drag = { at: point_of(map, event.clientX, event.clientY), x: event.clientX, y: event.clientY };
  };
  svg.onpointermove = (event) => {
    if (!drag) return map.hint(target_of(event), event);
    fingers.set(event.pointerId, [event.clientX, event.clientY]);
    const here = point_of(map, event.clientX, event.clientY);
    if (drag.apart && fingers.size === 2) {
      const [a, b] = [...fingers.values()];
      zoom(map, drag.apart / apart(), point_of(map, (a[0] + b[0]) / 2, (a[1] + b[1]) / 2));
      drag.apart = apart();
      map.moved = true;
    } else if (drag.line) {
      drag.line.push(here);
      drag.shape.setAttribute("points", drag.line.join(" "));
      map.moved ||= drag.line.length > 3;
    } else if (drag.at && (map.moved || Math.hypot(event.clientX - drag.x, event.clientY - drag.y) > (JITTER_PX[event.pointerType] ?? 4))) {
      if (!map.moved) svg.setPointerCapture(event.pointerId);
      map.moved = true;
      pan(map, here[0] - drag.at[0], here[1] - drag.at[1]);
    }
  };
  svg.onpointerup = svg.onpointercancel = (event) => {
    fingers.delete(event.pointerId);
    if (drag?.line) {
      drag.shape.remove();
      if (map.moved) map.choose(map.targets().filter((id) => within(drag.line, map.places[id])));
    }
    drag = null;
  };
  svg.onpointerleave = () => map.hint(null);
  svg.onclick = (event) => {
    const id = target_of(event);
    if (map.moved || !id) return;
    if (event.ctrlKey || event.metaKey || event.shiftKey) map.toggle(id);
    else map.open(id);
  };
  svg.onkeydown = keys(map);
  const focused = ({ target }) => {
    const { left, right, bottom } = target.getBoundingClientRect();
    if (target.matches(":focus-visible")) map.hint(target_of({ target }), { clientX: (left + right) / 2, clientY: bottom });
  };
  svg.addEventListener("focusin", focused);
  svg.addEventListener("focusout", () => map.hint(null));
  const wheel = (event) => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    zoom(map, Math.exp(Math.max(-60, Math.min(60, event.deltaY)) / 240), point_of(map, event.clientX, event.clientY));
  };
  svg.addEventListener("wheel", wheel, { passive: false });
};

// The map is many tab stops from the top: the key `m`, and a link at the first tab stop, lead to it.
const bind_shortcut = (map) => {
  const go = () => {
    focus_on(map, map.current);
    map.root.querySelector(".map").scrollIntoView({ block: "nearest" });
  };
  const pressed = (event) => {
    const at = event.composedPath()[0];
    const writing = at.closest?.("input, textarea, select, [contenteditable], [role=combobox], [role=dialog]");
    if (event.key === "m" && !writing && !event.ctrlKey && !event.metaKey && !event.altKey) go();
  };
  const link = el("a", { href: "#", class: "qdash-skip", "data-testid": "skip-to-map" }, "Skip to the map (m)");
  link.style.cssText = "position:fixed;top:.5rem;left:-100rem;z-index:1000000;padding:.5rem 1rem;background:#0b4f6c;color:#fff;border-radius:.5rem";
  link.onfocus = () => (link.style.left = ".5rem");
  link.onblur = () => (link.style.left = "-100rem");
  link.onclick = (event) => {
    event.preventDefault();
    go();
  };
  const place = el("nav", { "aria-label": "Shortcuts" }, link);
  document.body.prepend(place);
  document.addEventListener("keydown", pressed);
  return () => {
    document.removeEventListener("keydown", pressed);
    place.remove();
  };
};
