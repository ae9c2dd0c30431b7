const kept = new WeakMap();
export default function ({ data, parentElement: root, setTriggerValue }) {
  let map = kept.get(root);
  if (!map) {
    map = create_map(root, data);
    kept.set(root, map);
  }
  map.send = setTriggerValue;
  const before = map.data;
  map.data = data;
  map.metric = { qubit: data.metric, coupling: data.coupling_metric };
  map.target = data.target;
  if (before.version !== data.version) {
    draw(map);
    set_view(map, [...map.home]);
  }
  if (before.addresses.values !== data.addresses.values) recall(map);
  if (before.list.number !== data.list.number) map.show_list(data);
  map.show_chosen(data);
  map.listen();
  map.repaint();
  const moved = before.addresses.values !== data.addresses.values;
  // A newly loaded page may run twice in a row.
  if (moved || !map.read_at || (before.run !== data.run && Date.now() - map.read_at > 1000)) read(map);
  return map.rest;
}

const create_map = (root, data) => {
  const map = { root, data, svg: root.querySelector("svg.map"), chosen: new Set(data.chosen), shown: data.chosen.join(), running: new Map() };
  recall(map);
  map.judgements = [];
  map.metric = { qubit: data.metric, coupling: data.coupling_metric };
  draw(map);
  map.target = data.target;
  bind_selection(map);
  bind_gestures(map);
  set_view(map, views.get(data.chip_id) ?? [...map.home]);
  map.repaint = () => {
    default_metrics(map);
    paint(map);
    fill_selectors(map);
    legend(map);
    map.count_states();
    map.mark();
    map.svg.setAttribute("aria-busy", String(!map.definitions));
    map.svg.dataset.metric = map.metric.qubit ?? "";
    map.svg.dataset.couplingMetric = map.metric.coupling ?? "";
  };
  map.repaint_soon = () => {
    map.frame ??= requestAnimationFrame(() => {
      map.frame = null;
      map.repaint();
    });
  };
  map.open = (id) => {
    map.target = id;
    map.els[map.current].setAttribute("tabindex", -1);
    map.current = id;
    map.els[id].setAttribute("tabindex", 0);
    map.mark();
    map.send("opened", { target: id });
  };
  map.escape = () => {
    if (map.chosen.size) map.choose([]);
    else if (map.target) {
      map.target = null;
      map.mark();
      map.send("opened", { target: null });
    }
  };
  bind_texts(map);
  bind_controls(map);
  const rest_news = bind_news(map);
  let ends = [];
  map.listen = () => {
    if (ends.length) return;
    ends = [follow_events(map), bind_shortcut(map), keep_legible(map.svg, measure), rest_news];
  };
  map.rest = () => {
    for (const end of ends) end();
    ends = [];
  };
  return map;
};

// Select default metrics if the URL has none: the first table metric with values, for qubits and for couplings. The metric in the URL
// may be one of couplings.
const default_metrics = (map) => {
  const asked = map.metric.qubit;
  if (map.definitions?.couplings[asked] && !map.definitions.qubits[asked]) map.metric = { qubit: null, coupling: asked };
  for (const kind of KINDS_OF_TARGETS) {
    if (map.metric[kind] === "none") map.metric[kind] = null;
    else if (!map.metric[kind] && map.definitions) {
      const measured = measured_of(map, kind);
      const table = map.definitions[`${kind}_table`];
      map.metric[kind] = table.find((name) => measured.has(name)) ?? [...measured][0] ?? (kind === "qubit" ? table[0] : null) ?? null;
    }
  }
};
const measured_of = (map, kind) => new Set(Object.values(map.known[many(kind)] ?? {}).flatMap((values) => Object.keys(values)));

// Fill the metric selectors by group; metrics without values come last.
const fill_selectors = (map) => {
  if (!map.definitions) return;
  for (const kind of KINDS_OF_TARGETS) {
    const select = map.root.querySelector(`select.${kind}`);
    const measured = measured_of(map, kind);
    const defined = Object.keys(map.definitions[many(kind)]);
    const groups = map.definitions[`${kind}_groups`].filter((group) => group.metrics.length > 1).map((group) => [group.title, group.metrics]);
    const grouped = new Set(groups.flatMap(([, names]) => names));
    const chosen = map.metric[kind];
    const rest = [...measured].filter((name) => !defined.includes(name)).sort();
    const others = defined.filter((name) => !grouped.has(name));
    const sections = [...groups, ["More metrics", others.filter((name) => measured.has(name))], ["Other parameters", rest], ["No value yet", others.filter((name) => !measured.has(name))]];
    const wanted = JSON.stringify([sections, chosen]);
    if (select.dataset.offered === wanted) continue;
    select.dataset.offered = wanted;
    const option = (name) => new Option(`${shown_as(map, kind, name).title}${measured.has(name) ? "" : " –"}`, name, false, name === chosen);
    const none = kind === "coupling" ? [new Option("None", "none", false, !chosen)] : [];
    const lists = sections.filter(([, names]) => names.length).map(([label, names]) => el("optgroup", { label }, ...names.map(option)));
    select.replaceChildren(...none, ...lists);
    if (chosen && select.value !== chosen) select.append(new Option(chosen, chosen, true, true));
  }
};

const bind_controls = (map) => {
  const find = (what) => map.root.querySelector(what);
  for (const kind of KINDS_OF_TARGETS) {
    find(`select.${kind}`).onchange = (event) => {
      map.metric[kind] = event.target.value;
      map.repaint();
      map.send("measured", { [kind]: event.target.value });
    };
  }
  find(".in").onclick = () => zoom(map, 1 / STEP);
  find(".away").onclick = () => zoom(map, STEP);
  find(".home").onclick = () => set_view(map, [...map.home]);
  find(".line").onclick = (event) => {
    map.lasso = !map.lasso;
    event.currentTarget.setAttribute("aria-pressed", map.lasso);
    map.svg.classList.toggle("drawing", map.lasso);
  };
  find(".again").onclick = () => read(map);
};

// Texts beside the map: tooltip of the target under the pointer, running tasks, errors.
const bind_texts = (map) => {
  const tip = map.root.querySelector(".tip");
  const problem = map.root.querySelector(".problem");
  const running = map.root.querySelector(".running");
  map.hint = (id, event) => {
    const one = id && map.judgements.find((known) => known.id === id);
    tip.hidden = !one;
    if (!one) return;
    const lines = [one.at && `measured ${age(one.at)}`, ["calibrated", "pending"].includes(one.status) && one.status, map.running.has(id) && `${map.running.get(id).name} running`];
    const said = one.how ? `${one.how.title} ${one.value == null ? "–" : value_text(one)}` : "";
    const name = `${one.kind[0].toUpperCase()}${one.kind.slice(1)} ${id}`;
    tip.replaceChildren(el("b", {}, said ? `${name}: ${said}` : name), ...remarks(one).map((line) => el("div", {}, line)), el("div", {}, lines.filter(Boolean).join(" · ")));
    const stage = map.root.querySelector(".stage").getBoundingClientRect();
    const at = event.clientX - stage.left;
    tip.style.left = at > stage.width / 2 ? "" : `${at + 14}px`;
    tip.style.right = at > stage.width / 2 ? `${stage.width - at + 14}px` : "";
    tip.style.top = `${event.clientY - stage.top + 16}px`;
  };
  map.say_problem = (text) => {
    problem.hidden = !text;
    problem.querySelector("span").textContent = text ? `The values cannot be loaded: ${text}` : "";
  };
  map.show_running = () => {
    for (const id in map.els) map.els[id].classList.toggle("running", map.running.has(id));
    const names = new Map();
    for (const { name } of map.running.values()) names.set(name, (names.get(name) ?? 0) + 1);
    const said = [...names].map(([name, count]) => `${name} on ${count}`).join(", ");
    running.textContent = map.away ? "No connection: values may be outdated." : said ? `Running: ${said}` : "";
  };
  map.flash = (id) => {
    const classes = map.els[id].classList;
    classes.remove("flash");
    void map.svg.getBoundingClientRect();
    classes.add("flash");
    setTimeout(() => classes.remove("flash"), 1600);
  };
};
