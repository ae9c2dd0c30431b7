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
  draw_hatching(svg);
  const named = (number, kind) => svg_el("g", { role: "group", "aria-label": `${number} ${number === 1 ? kind : many(kind)}` }, svg);
  const [bars, discs] = [named(data.couplings.length, "coupling"), named(data.qubits.length, "qubit")];
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

// Stripes that fill failed qubits.
const draw_hatching = (svg) => {
  const pattern = svg_el("pattern", { id: "hatching", patternUnits: "userSpaceOnUse", width: 0.14, height: 0.14, patternTransform: "rotate(45)" }, svg_el("defs", {}, svg));
  svg_el("rect", { class: "ground", width: 0.14, height: 0.14 }, pattern);
  svg_el("rect", { class: "stripe", width: 0.06, height: 0.14 }, pattern);
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

// Signs around the origin, about half a unit in size, so that nothing is shown by colour alone.
const SIGNS = {
  failed: (g) => {
    svg_el("circle", { class: "paper", r: 0.15 }, g);
    svg_el("path", { class: "pen", d: "M-.065 -.065 L.065 .065 M.065 -.065 L-.065 .065" }, g);
  },
  dead: (g) => svg_el("path", { class: "cross", d: "M-.24 .24 L.24 -.24 M-.24 -.24 L.24 .24" }, g),
  excluded: (g) => svg_el("path", { class: "cross", d: "M-.24 .24 L.24 -.24" }, g),
  flagged: (g) => {
    svg_el("path", { class: "paper", d: "M-.1 -.17 L.16 -.08 L-.1 .02 Z" }, g);
    svg_el("path", { class: "pen", d: "M-.1 -.17 V.18" }, g);
  },
  issue: (g) => {
    svg_el("path", { class: "paper", d: "M-.15 -.11 H.15 V.07 H.02 L-.06 .15 V.07 H-.15 Z" }, g);
    svg_el("path", { class: "pen", d: "M0 -.07 V-.01 M0 .03 V.032" }, g);
  },
  "last-failed": (g) => svg_el("path", { class: "pen", d: "M-.07 -.07 L.07 .07 M.07 -.07 L-.07 .07" }, g),
  "inputs-moved": (g) => {
    svg_el("circle", { class: "paper", r: 0.1 }, g);
    svg_el("path", { class: "pen", d: "M-.05 0 H.05 M.01 -.04 L.05 0 L.01 .04" }, g);
  },
  "too-old": (g) => {
    svg_el("circle", { class: "paper", r: 0.1 }, g);
    svg_el("path", { class: "pen", d: "M0 -.06 V0 L.05 .03" }, g);
  },
  "other-cooldown": (g) => svg_el("path", { class: "pen", d: "M-.08 0 H.08 M-.04 -.07 L.04 .07 M.04 -.07 L-.04 .07" }, g),
  contradicted: (g) => svg_el("path", { class: "pen", d: "M-.07 -.03 H.07 M-.07 .03 H.07 M.05 -.08 L-.05 .08" }, g),
  "no-signal": (g) => {
    svg_el("circle", { class: "paper", r: 0.08 }, g);
    svg_el("path", { class: "pen", d: "M-.08 .08 L.08 -.08" }, g);
  },
  "set-broken": (g) => svg_el("path", { class: "pen", d: "M-.07 0 A.07 .07 0 0 1 0 -.07 M.07 0 A.07 .07 0 0 1 0 .07 M-.05 .05 L.05 -.05" }, g),
  "setting-changed": (g) => {
    svg_el("circle", { class: "paper", r: 0.1 }, g);
    svg_el("path", { class: "pen", d: "M0 0 L.05 -.05" }, g);
  },
  "trusted-by-user": (g) => svg_el("path", { class: "pen", d: "M-.07 0 L-.02 .06 L.08 -.06" }, g),
  out: (g) => svg_el("path", { class: "paper", d: "M-.09 -.06 H.09 L0 .1 Z" }, g),
};
const PLACES = {
  failed: [-0.27, -0.27], flagged: [0.3, -0.25], issue: [0, -0.37], "last-failed": [-0.27, -0.27], dead: [0, 0], excluded: [0, 0],
  "inputs-moved": [0.29, 0.29], "too-old": [0, 0.38], out: [-0.29, 0.29],
  "other-cooldown": [0.4, 0.02], contradicted: [0.16, 0.38], "no-signal": [-0.4, 0.02],
  "set-broken": [-0.16, 0.38], "setting-changed": [-0.16, -0.38], "trusted-by-user": [0.16, -0.38],
};

// The sign of a failed target stands for its failed values, too.
const signs_of = (one) => [
  one.aside,
  one.status === "failed" && "failed",
  one.flagged.length && "flagged",
  one.issues.length && "issue",
  ...one.marks.map(({ mark }) => mark).filter((mark) => mark !== "disputed" && !(mark === "last-failed" && one.status === "failed")),
  one.out && "out",
].filter(Boolean);

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
  shape.style[one.kind === "qubit" ? "fill" : "stroke"] = colour;
  if (one.kind === "qubit") {
    const [number, value] = g.querySelectorAll("text");
    number.style.fill = value.style.fill = rgb ? ink_on(rgb) : "";
    value.textContent = one.value != null && map.scales.qubit ? map.scales.qubit.brief(one.value) : one.how ? "–" : "";
  }
  const signs = signs_of(one);
  const wanted = signs.join();
  if ((g.dataset.signs ?? "") !== wanted) {
    g.dataset.signs = wanted;
    for (const old of g.querySelectorAll(".sign")) old.remove();
    signs.forEach((name, number) => put_sign(map, g, one, name, number - (signs.length - 1) / 2));
  }
  g.setAttribute("aria-label", describe(one));
};

// Around a disc each sign has its place, beside the middle of a bar those of a coupling are in a row.
const put_sign = (map, g, one, name, offset) => {
  const [x, y] = map.places[one.id];
  const [dx, dy] = one.kind === "qubit" ? PLACES[name] : [0.2 * offset, 0];
  const size = one.kind === "coupling" ? 0.65 : 1;
  const sign = svg_el("g", { class: `sign ${name}`, transform: `translate(${x + dx} ${y + dy}) scale(${size})` }, g);
  SIGNS[name](sign);
  if (one.kind === "qubit" && one.aside) g.insertBefore(sign, g.querySelector(".number"));
};
