const R = 0.36;
const MOST_PX = 96; // largest distance between neighbours
const kept = new WeakMap();

export default function ({ data, parentElement: root }) {
  let map = kept.get(root);
  if (!map) {
    map = { svg: root.querySelector("svg"), list: root.querySelector("ul"), running: new Map() };
    kept.set(root, map);
  }
  const before = map.data;
  map.data = data;
  if (before?.version !== data.version || before?.chip_id !== data.chip_id) draw(map);
  if (before?.progress.join() !== data.progress.join()) read_running(map);
  paint(map);
  return follow(map);
}

const draw = (map) => {
  const { svg, data } = map;
  const [xs, ys] = [1, 2].map((place) => data.qubits.map((one) => one[place]));
  const corner = [Math.min(...xs) - 0.55, Math.min(...ys) - 0.55];
  const size = [Math.max(...xs) + 0.55 - corner[0], Math.max(...ys) + 0.55 - corner[1]];
  svg.setAttribute("viewBox", [...corner, ...size].join(" "));
  svg.style.maxWidth = `${MOST_PX * size[0]}px`;
  svg.style.aspectRatio = `${size[0]} / ${size[1]}`;
  svg.setAttribute("aria-label", `Chip ${data.chip_id}: ${data.qubits.length} qubits, ${data.couplings.length} couplings`);
  map.places = Object.fromEntries(data.qubits.map(([id, x, y]) => [id, [x, y]]));
  map.els = {};
  svg.replaceChildren();
  const stripes = svg_el("pattern", { id: "stripes", patternUnits: "userSpaceOnUse", width: 0.14, height: 0.14, patternTransform: "rotate(45)" }, svg_el("defs", {}, svg));
  svg_el("rect", { class: "ground", width: 0.14, height: 0.14 }, stripes);
  svg_el("rect", { class: "stripe", width: 0.06, height: 0.14 }, stripes);
  for (const id of data.couplings) draw_coupling(map, id);
  for (const [id, x, y] of data.qubits) {
    const link = put_target(map, id, "q");
    svg_el("circle", { class: "halo", cx: x, cy: y, r: R + 0.08 }, link);
    svg_el("circle", { class: "shape", cx: x, cy: y, r: R }, link);
    svg_el("text", { x, y }, link).textContent = id;
  }
  map.current = data.qubits[0][0];
  map.els[map.current].setAttribute("tabindex", 0);
  svg.onkeydown = (event) => move(map, event);
  svg.onclick = (event) => open_target(map, event);
};

const draw_coupling = (map, id) => {
  const [[ax, ay], [bx, by]] = id.split("-").map((qid) => map.places[qid]);
  const length = Math.hypot(bx - ax, by - ay) || 1;
  const [dx, dy] = [((bx - ax) / length) * R, ((by - ay) / length) * R];
  const line = { x1: ax + dx, y1: ay + dy, x2: bx - dx, y2: by - dy };
  const link = put_target(map, id, "c");
  for (const name of ["halo", "shape", "hit"]) svg_el("line", { class: name, ...line }, link);
  map.places[id] = [(ax + bx) / 2, (ay + by) / 2];
};

const put_target = (map, id, kind) => {
  const link = svg_el("a", { class: `t ${kind}`, tabindex: -1, "data-id": id }, map.svg);
  svg_el("title", {}, link);
  map.els[id] = link;
  return link;
};

// The component `links` sees HTML links only. With a modifier key, the browser opens the link.
const open_target = (map, event) => {
  const link = event.target.closest("[data-id]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  navigate(map.data.hrefs[link.dataset.id]);
};

// Arrow keys move to the next qubit or coupling; the map is one tab stop.
const move = (map, event) => {
  const id = event.target.closest("[data-id]")?.dataset.id;
  const next = id && event.key in ARROWS ? neighbour(map, id, ARROWS[event.key]) : null;
  if (!next) return;
  event.preventDefault();
  map.els[map.current].setAttribute("tabindex", -1);
  map.current = next;
  map.els[next].setAttribute("tabindex", 0);
  map.els[next].focus();
};

const SIGNS = {
  failed: [[-0.26, -0.26], (g) => {
    svg_el("circle", { class: "paper", r: 0.16 }, g);
    svg_el("path", { class: "pen", d: "M-.07 -.07 L.07 .07 M.07 -.07 L-.07 .07" }, g);
  }],
  changed: [[0.28, 0.26], (g) => svg_el("path", { class: "paper", d: "M0 -.17 L.17 0 L0 .17 L-.17 0 Z" }, g)],
  flagged: [[0.28, -0.24], (g) => {
    svg_el("path", { class: "paper", d: "M-.1 -.17 L.16 -.08 L-.1 .02 Z" }, g);
    svg_el("path", { class: "pen", d: "M-.1 -.17 V.18" }, g);
  }],
};
const WORDS = { fit: "may be used", degraded: "may be used, degraded", unfit: "unfit", excluded: "excluded", dead: "dead", unknown: "never calibrated" };

const paint = (map) => {
  const { data } = map;
  for (const [id, link] of Object.entries(map.els)) {
    const news = data.targets[id] ?? { fitness: "fit", signs: [], text: "" };
    const running = map.running.get(id);
    link.setAttribute("href", data.hrefs[id]);
    link.dataset.fitness = news.fitness;
    link.dataset.signs = news.signs.join();
    link.classList.toggle("running", Boolean(running));
    const text = [WORDS[news.fitness], news.text, running && `${running.name} is running`].filter(Boolean).join("; ");
    const label = `${id.includes("-") ? "Coupling" : "Qubit"} ${id}: ${text}`;
    link.setAttribute("aria-label", label);
    link.querySelector("title").textContent = label;
    for (const old of link.querySelectorAll(".sign")) old.remove();
    news.signs.forEach((name, number) => put_sign(map, link, id, name, number - (news.signs.length - 1) / 2));
  }
  show_legend(map);
};

// Around a disc each sign has its place; those of a coupling are in a row on its middle.
const put_sign = (map, link, id, name, offset) => {
  const [x, y] = map.places[id];
  const [place, draw_sign] = SIGNS[name];
  const [dx, dy] = id.includes("-") ? [0.22 * offset, 0] : place;
  const scale = id.includes("-") ? 0.75 : 1;
  draw_sign(svg_el("g", { class: `sign ${name}`, transform: `translate(${x + dx} ${y + dy}) scale(${scale})` }, link));
};

// The numbers of targets with each mark.
const show_legend = (map) => {
  const { data } = map;
  const all = Object.values(data.targets);
  const count = (test) => all.filter(test).length;
  const rows = [
    ["failed", "failed", count((one) => one.signs.includes("failed"))],
    ["unfit", "unfit before", count((one) => one.fitness === "unfit" && !one.signs.includes("failed"))],
    ["changed", "changed", count((one) => one.signs.includes("changed"))],
    ["flagged", "flagged", count((one) => one.signs.includes("flagged"))],
    ["running", "measured now", map.running.size],
  ].filter(([name, , number]) => (name === "unfit" ? number : name !== "running" || data.live));
  map.list.replaceChildren(...rows.map(([name, words, number]) => el("li", { "data-mark": name }, key_of(name), `${number} ${words}`)));
};
const key_of = (name) => {
  const svg = svg_el("svg", { viewBox: "-.5 -.5 1 1", "aria-hidden": "true" });
  if (SIGNS[name]) SIGNS[name][1](svg_el("g", { class: `sign ${name}`, transform: "scale(2.4)" }, svg));
  else {
    const disc = svg_el("g", { class: `t q ${name}`, "data-fitness": name === "unfit" ? "unfit" : "fit" }, svg);
    svg_el("circle", { class: "halo", r: R + 0.08 }, disc);
    svg_el("circle", { class: "shape", r: R }, disc);
  }
  return svg;
};

// What is measured now: of running executions at first, then by events.
const read_running = (map) => {
  for (const address of map.data.progress) {
    read_json(address).then((found) => {
      for (const { task, target } of found.measuring) if (map.els[target]) map.running.set(target, { name: task, execution_id: found.execution_id });
      paint(map);
    }, () => {}); // the list of running runs shows the error
  }
};
const follow = (map) => {
  const forget = (test) => {
    for (const [target, one] of map.running) if (test(one)) map.running.delete(target);
  };
  const heard = (event) => {
    const { chip_id, data } = event;
    if (chip_id !== map.data.chip_id || !map.data.live) return;
    const [what, state] = event.kind.split(".");
    if (what === "task" && map.els[data?.qid]) {
      if (state === "running") map.running.set(data.qid, { name: data.name, execution_id: event.execution_id });
      else if (map.running.get(data.qid)?.name === data.name) map.running.delete(data.qid);
    } else if (what === "execution" && ["completed", "failed", "cancelled"].includes(state)) forget((one) => one.execution_id === event.execution_id);
    else return;
    map.frame ??= requestAnimationFrame(() => {
      map.frame = null;
      paint(map);
    });
  };
  const connection = ({ alive, gap }) => {
    if (!gap && alive) return;
    map.running.clear();
    paint(map);
    if (gap) read_running(map);
  };
  const ends = [on_event(heard), on_live(connection), keep_legible(map.svg)];
  return () => ends.forEach((end) => end());
};
