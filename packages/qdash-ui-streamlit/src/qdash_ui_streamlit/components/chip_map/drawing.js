// Drawing of the chip: discs and bars, their colours and marks.
const R = 0.34;
const MOST_PX = 110; // largest distance between neighbours

const draw = (map) => {
  const { svg, data } = map;
  const places = data.qubits.map(([, x, y]) => [x, y]);
  const [xs, ys] = [0, 1].map((axis) => places.map((place) => place[axis]));
  const corner = [Math.min(...xs) - 0.62, Math.min(...ys) - 0.62];
  map.home = [...corner, Math.max(...xs) + 0.62 - corner[0], Math.max(...ys) + 0.62 - corner[1]];
  map.places = Object.fromEntries(data.qubits.map(([id, x, y]) => [id, [x, y]]));
  map.els = {};
  svg.replaceChildren();
  const [bars, discs] = [svg_el("g", {}, svg), svg_el("g", {}, svg)];
  for (const id of data.couplings) draw_bar(map, bars, id);
  for (const [id, x, y] of data.qubits) {
    const g = svg_el("g", { class: "t q", role: "button", tabindex: -1, "data-id": id, "data-testid": `target-${id}` }, discs);
    svg_el("circle", { class: "halo", cx: x, cy: y, r: R + 0.09 }, g);
    svg_el("circle", { class: "shape", cx: x, cy: y, r: R }, g);
    svg_el("text", { class: "number", x, y }, g).textContent = id;
    svg_el("text", { class: "value", x, y: y + 0.15 }, g);
    map.els[id] = g;
  }
  svg.setAttribute("aria-label", `Chip ${data.chip_id}: ${data.qubits.length} qubits, ${data.couplings.length} couplings`);
  svg.style.maxWidth = `${MOST_PX * map.home[2]}px`;
  svg.style.aspectRatio = `${map.home[2]} / ${map.home[3]}`;
  map.current = map.els[data.target] ? data.target : data.qubits[0][0];
  map.els[map.current].setAttribute("tabindex", 0);
};

const draw_bar = (map, parent, id) => {
  const [a, b] = id.split("-").map((qid) => map.places[qid]);
  const length = Math.hypot(b[0] - a[0], b[1] - a[1]) || 1;
  const [dx, dy] = [((b[0] - a[0]) / length) * R, ((b[1] - a[1]) / length) * R];
  const line = { x1: a[0] + dx, y1: a[1] + dy, x2: b[0] - dx, y2: b[1] - dy };
  const g = svg_el("g", { class: "t c", role: "button", tabindex: -1, "data-id": id, "data-testid": `target-${id}` }, parent);
  svg_el("line", { class: "halo", ...line }, g);
  svg_el("line", { class: "shape", ...line }, g);
  svg_el("line", { class: "hit", ...line }, g);
  map.places[id] = [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
  map.els[id] = g;
};

// Marks around the origin, about half a unit in size, so that problems are not shown by colour alone.
const MARKS = {
  out: (g) => {
    svg_el("path", { class: "paper", d: "M0 -.17 L.17 .13 L-.17 .13 Z" }, g);
    svg_el("path", { class: "pen", d: "M0 -.07 V.03 M0 .08 V.085" }, g);
  },
  failed: (g) => {
    svg_el("circle", { class: "paper", r: 0.13 }, g);
    svg_el("path", { class: "pen", d: "M-.06 -.06 L.06 .06 M.06 -.06 L-.06 .06" }, g);
  },
  stale: (g) => {
    svg_el("circle", { class: "paper", r: 0.12 }, g);
    svg_el("path", { class: "pen", d: "M0 -.07 V0 L.05 .03" }, g);
  },
  excluded: (g) => svg_el("path", { class: "cross", d: "M-.3 .3 L.3 -.3" }, g),
  dead: (g) => svg_el("path", { class: "cross", d: "M-.3 .3 L.3 -.3 M-.3 -.3 L.3 .3" }, g),
};
const CORNERS = { out: [0.29, -0.27], failed: [-0.29, -0.27], stale: [0.29, 0.28], excluded: [0, 0], dead: [0, 0] };

const marks_of = (one) => [one.aside, one.failed && !one.aside && "failed", one.out && !one.aside && "out", one.stale && !one.aside && "stale"].filter(Boolean);

const paint = (map) => {
  map.judgements = Object.keys(map.els).map((id) => judge(map, id));
  map.scales = {};
  for (const kind of KINDS_OF_TARGETS) {
    map.scales[kind] = scale_of(kind, map.judgements.filter((one) => one.kind === kind), map.definitions?.colors);
  }
  for (const one of map.judgements) paint_target(map, one);
};

const paint_target = (map, one) => {
  const g = map.els[one.id];
  const [, shape] = g.children;
  const rgb = one.state === "value" ? map.scales[one.kind].colour(one.value) : null;
  const colour = rgb ? `rgb(${rgb})` : "";
  g.dataset.state = one.state;
  g.classList.toggle("out", Boolean(one.out && !one.aside));
  shape.style[one.kind === "qubit" ? "fill" : "stroke"] = colour;
  if (one.kind === "qubit") {
    const [, , number, value] = g.children;
    number.style.fill = value.style.fill = rgb ? ink_on(rgb) : "";
    value.textContent = one.value != null && map.scales.qubit ? map.scales.qubit.short(one.value) : one.how ? "–" : "";
  }
  const marks = marks_of(one);
  const wanted = marks.join();
  if ((g.dataset.marks ?? "") !== wanted) {
    g.dataset.marks = wanted;
    for (const old of g.querySelectorAll(".mark")) old.remove();
    for (const name of marks) put_mark(map, g, one, name, marks.length);
  }
  g.setAttribute("aria-label", describe(one));
};

const put_mark = (map, g, one, name, count) => {
  const [x, y] = map.places[one.id];
  const [dx, dy] = one.kind === "qubit" ? CORNERS[name] : count > 1 ? CORNERS[name].map((part) => part / 3) : [0, 0];
  const size = one.kind === "coupling" ? 0.6 : 1;
  MARKS[name](svg_el("g", { class: `mark ${name}`, transform: `translate(${x + dx} ${y + dy}) scale(${size})` }, g));
};
