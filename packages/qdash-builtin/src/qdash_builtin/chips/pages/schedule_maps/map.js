// Map of one schedule: each target has the number of its group as text, and as colour.
const RADIUS = 0.38;
const LEAST_PX = 48; // between neighbours, so that ids can be read: a wider map is scrolled
const kind_word = (kind, count) => (count === 1 ? kind : `${kind}s`);

const make_map = (state, schedule) => {
  const map = { schedule, els: {}, places: {}, group_of: new Map() };
  schedule.groups.forEach((group, place) => group.forEach((id) => map.group_of.set(id, place + 1)));
  const svg = svg_el("svg", { class: "map", role: "group", preserveAspectRatio: "xMidYMid meet", "data-testid": `schedule-${schedule.title}` });
  map.svg = svg;
  map.rest = keep_legible(svg);
  const { qubits, couplings, kind } = state.data;
  for (const [id, x, y] of qubits) map.places[id] = [x, y];
  fit(svg, Object.values(map.places));
  for (const id of couplings) draw_coupling(map, svg, id, kind === "coupling");
  for (const [id, x, y] of qubits) draw_qubit(map, svg, id, x, y, kind === "qubit");
  // Arrow keys move among scheduled targets only.
  map.places = Object.fromEntries(Object.keys(map.els).map((id) => [id, map.places[id]]));
  map.heading = el("h2", {}, schedule.title);
  map.facts = el("p", { class: "facts" }, facts_of(schedule, kind));
  map.now = el("p", { class: "now", role: "status" });
  map.box = el("section", { "aria-label": `Strategy ${schedule.title}` }, map.heading, map.facts, el("div", { class: "frame" }, svg), map.now);
  svg.setAttribute("aria-label", `Groups of strategy ${schedule.title}`);
  map.current = Object.keys(map.els)[0];
  if (map.current) map.els[map.current].setAttribute("tabindex", 0);
  bind_map(state, map);
  return map;
};

const fit = (svg, places) => {
  const [xs, ys] = [0, 1].map((axis) => places.map((place) => place[axis]));
  const box = [Math.min(...xs) - 0.6, Math.min(...ys) - 0.6];
  box.push(Math.max(...xs) + 0.6 - box[0], Math.max(...ys) + 0.6 - box[1]);
  svg.setAttribute("viewBox", box.join(" "));
  svg.style.aspectRatio = `${box[2]} / ${box[3]}`;
  svg.style.minWidth = `${LEAST_PX * box[2]}px`;
  svg.style.maxWidth = `${90 * box[2]}px`;
};

const draw_qubit = (map, svg, id, x, y, scheduled) => {
  const known = scheduled && map.group_of.has(id);
  const g = svg_el("g", known ? { class: "t q", role: "button", tabindex: -1, "data-id": id } : { class: "q plain" }, svg);
  if (known) svg_el("circle", { class: "halo", cx: x, cy: y, r: RADIUS + 0.07 }, g);
  svg_el("circle", { class: "shape", cx: x, cy: y, r: known ? RADIUS : scheduled ? 0.3 : 0.25 }, g);
  svg_el("text", { class: "id", x, y: known ? y - 0.18 : y }, g).textContent = id;
  if (!known) return;
  svg_el("text", { class: "group", x, y: y + 0.11 }, g).textContent = map.group_of.get(id);
  map.els[id] = g;
};

const draw_coupling = (map, svg, id, scheduled) => {
  const [a, b] = id.split("-").map((qid) => map.places[qid]);
  const line = { x1: a[0], y1: a[1], x2: b[0], y2: b[1] };
  const known = scheduled && map.group_of.has(id);
  const g = svg_el("g", known ? { class: "t c", role: "button", tabindex: -1, "data-id": id } : { class: "c plain" }, svg);
  if (known) svg_el("line", { class: "halo", ...line }, g);
  svg_el("line", { class: "shape", ...line }, g);
  if (!known) return;
  map.places[id] = [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
  svg_el("text", { class: "group", x: map.places[id][0], y: map.places[id][1] }, g).textContent = map.group_of.get(id);
  map.els[id] = g;
};

const facts_of = ({ groups, lower_bound, limited_by, proved_optimal, makespan_s, makespan_lower_bound_s }, kind) => {
  const targets = groups.flat().length;
  const fewest = proved_optimal && groups.length === lower_bound;
  const why = limited_by ? `: ${limited_by}` : "";
  return `${targets} ${kind_word(kind, targets)} in ${groups.length} ${kind_word("group", groups.length)} ` +
    `(${fewest ? "the fewest possible" : `at least ${lower_bound}`}${why}); ` +
    `${duration(makespan_s)} of laboratory time (at least ${duration(makespan_lower_bound_s)})`;
};

// Paint all groups (step 0), or the targets before, in and after a step.
const paint_map = (state, map, step) => {
  const { groups, durations_s, barriers } = map.schedule;
  const ended = step > groups.length;
  for (const [id, g] of Object.entries(map.els)) {
    const number = map.group_of.get(id);
    const when = step === 0 ? "all" : number < step ? "before" : number === step ? "now" : "after";
    if (g.dataset.when === when) continue;
    g.dataset.when = when;
    const rgb = colour_at(STOPS.qubit, groups.length < 2 ? 0.5 : (number - 1) / (groups.length - 1));
    const filled = when === "all" || when === "now";
    const shape = g.querySelector(".shape");
    shape.style[state.data.kind === "qubit" ? "fill" : "stroke"] = filled ? `rgb(${rgb})` : "";
    for (const text of g.querySelectorAll("text")) text.style.fill = filled && state.data.kind === "qubit" ? ink_on(rgb) : "";
    const words = { all: "", before: ", measured before this step", now: ", measured in this step", after: ", measured later" }[when];
    g.setAttribute("aria-label", `${state.data.kind === "qubit" ? "Qubit" : "Coupling"} ${id}: group ${number} of ${groups.length}${words}`);
  }
  const group = groups[step - 1];
  map.now.textContent = step === 0 ? "All groups: a number is the group of a target."
    : ended ? `All ${groups.length} ${kind_word("group", groups.length)} are measured.`
    : `Group ${step} of ${groups.length}${barriers.includes(step) ? ", after the end of all earlier groups" : ""}, ` +
      `${duration(durations_s[step - 1] ?? 0)}: ${group.length} ${kind_word(state.data.kind, group.length)}: ${group.join(", ")}`;
};

const bind_map = (state, map) => {
  const target_of = (event) => event.target.closest?.("[data-id]")?.dataset.id;
  map.svg.onclick = (event) => {
    const id = target_of(event);
    if (id) state.select(state.selected === id ? null : id);
  };
  map.svg.onkeydown = (event) => {
    const id = target_of(event);
    if (!id) return;
    const wanted = event.key in ARROWS ? neighbour(map, id, ARROWS[event.key]) : null;
    if (wanted) {
      map.els[map.current].setAttribute("tabindex", -1);
      map.current = wanted;
      map.els[wanted].setAttribute("tabindex", 0);
      map.els[wanted].focus();
    } else if (event.key === "Enter" || event.key === " ") state.select(state.selected === id ? null : id);
    else if (event.key === "Escape") state.select(null);
    else if (!(event.key in ARROWS)) return;
    event.preventDefault();
  };
};
