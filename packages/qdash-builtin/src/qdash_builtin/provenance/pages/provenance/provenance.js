const SCROLL_MS = 500;
const AGAIN_MS = 1000; // delay after a decision until the graph is loaded again
const kept = new WeakMap();

export default function ({ data, parentElement: root, setStateValue }) {
  let state = kept.get(root);
  if (!state) {
    state = { place: root.querySelector(".provenance"), details: root.querySelector("details") };
    kept.set(root, state);
    state.details.open = data.opened;
    state.scrolls = data.scrolls;
    state.end = on_event((event) => {
      if (event.chip_id === state.data.chip_id && has_kind(state.data.kinds, event)) state.timer ??= setTimeout(() => again(state), AGAIN_MS);
    });
  }
  const other = state.data?.version !== data.version || state.data?.source !== data.source;
  Object.assign(state, { data });
  state.place.querySelector("summary").textContent = data.label;
  state.details.ontoggle = () => {
    // The element also reports a change that the page made.
    if (state.details.open !== state.data.opened) setStateValue("opened", state.details.open);
    if (state.details.open && !state.read) load(state);
  };
  if (other) again(state);
  return () => {
    state.end();
    clearTimeout(state.timer);
    kept.delete(root);
  };
}

function again(state) {
  state.timer = null;
  state.read = false;
  if (state.details.open) load(state);
  else state.place.querySelector(".inside").replaceChildren();
}

async function load(state) {
  const { data } = state;
  const place = state.place.querySelector(".inside");
  state.read = true;
  state.titles ??= await read_titles(data.definitions);
  await show_answer(place, `${data.source}depth=1`, (graph) => (state.data.version === data.version ? draw_graph(state, graph) : null));
  // If the URL names an open graph, scroll to it once the page has scrolled to the metric of the URL.
  if (state.scrolls) setTimeout(() => state.details.scrollIntoView({ block: "start" }), SCROLL_MS);
  state.scrolls = false;
}

// Return the titles of parameters by name; none if the host does not define any.
async function read_titles(address) {
  const { qubits, couplings } = await read_json(address).catch(() => ({}));
  return Object.fromEntries(Object.entries({ ...couplings, ...qubits }).map(([name, one]) => [name, one.title]));
}
const name_parameter = (state, name) => el("span", { title: name }, state.titles[name] ?? name);

// Request an answer and draw it; on failure show the reason and a button to try again.
async function show_answer(place, address, draw) {
  place.replaceChildren(el("p", { role: "status" }, "Loading …"));
  try {
    const drawn = draw(await read_json(address));
    if (drawn) place.replaceChildren(...drawn);
  } catch (error) {
    const again = el("button", { type: "button" }, "Try again");
    again.onclick = () => show_answer(place, address, draw);
    place.replaceChildren(el("p", { role: "alert" }, `The graph cannot be loaded: ${error.message}. `, again));
  }
}

function draw_graph(state, graph) {
  const { target } = graph.value ?? graph.activity[graph.root] ?? {};
  const where = { state, control: state.data.control, target };
  return [
    ...(graph.value ? [draw_value(state, graph)] : []),
    draw_direction(where, graph, false),
    draw_direction(where, graph, true),
  ];
}

// Draw the value in use that a graph traces.
function draw_value(state, { root, value, activity }) {
  const parts = [name_parameter(state, value.parameter), ` of ${value.target}: `, el("b", {}, with_unit(with_error(value.value, value.error), value.unit))];
  const result = activity[root];
  if (result?.kind === "result") parts.push(" from ", result_link(state, { ...result, node: root }));
  if (value.username) parts.push(`, put in use by ${value.username}`, value.changed_at ? [" ", age_el(state, value.changed_at)] : "", value.reason ? `: ${value.reason}` : "");
  return el("p", {}, ...parts.flat());
}

function draw_direction(where, graph, later) {
  const rows = neighbour_rows(graph, graph.root, later);
  const of_kind = (kind) => rows.filter((row) => row.kind === kind).length;
  const results = of_kind("result");
  const values = new Set(rows.filter((row) => row.kind !== "unrecorded").flatMap((row) => row.values.map((value) => `${row.target} ${value.name}`))).size;
  const users = [["result", results], ["change", of_kind("event")], ["release", of_kind("release")]].filter(([, n]) => n);
  const size = later ? users.map(([word, n]) => count(n, word)).join(", ") : `${count(values, "value")} of ${count(results, "result")}`;
  const title = el("h3", {}, later ? "Used by" : "Came from", el("small", {}, rows.length ? ` ${size}` : ""));
  const section = el("section", { "aria-label": later ? "Used by" : "Came from" }, title);
  if (!rows.length) section.append(el("p", {}, later ? "Nothing has used it." : "No recorded inputs."));
  else section.append(...warnings(rows, later), ...draw_groups(where, rows, later), draw_rest(where, graph, rows, later));
  return section;
}

// Name the results whose values users have rejected since they were used.
function warnings(rows, later) {
  const bad = later ? [] : rows.filter((row) => row.rejected.length);
  if (!bad.length) return [];
  const names = bad.slice(0, 3).map((row) => `${row.name} on ${row.target}`).join(", ");
  const rest = bad.length > 3 ? ` and ${bad.length - 3} more` : "";
  return [el("p", { class: "bad", role: "note" }, `✗ Since they were used, users have rejected values of ${names}${rest}.`)];
}

const draw_groups = (where, rows, later) =>
  group_rows(rows, where.control, where.target).map(({ title, tasks }) =>
    el("div", { class: "group" }, el("h4", {}, title), el("ul", {}, ...tasks.map((list) => (list.length > 1 ? draw_folded(where, list, later) : draw_row(where, list[0], later))))),
  );

// Draw one row for several results of a task, which unfolds to their list.
function draw_folded(where, rows, later) {
  const list = el("ul");
  const bad = rows.filter((row) => row.rejected.length || row.outcome === "rejected").length;
  const flagged = rows.filter((row) => row.outcome === "flagged").length;
  const failed = rows.filter((row) => row.outcome === "failed").length;
  const looks = where.state.data.looks;
  const marks = [[bad, "rejected"], [flagged, "flagged"], [failed, "failed"]].filter(([n]) => n);
  const head = el(
    "div", { class: "line" },
    unfold_button(`${rows.length} results of ${rows[0].name} on ${rows[0].target}`, list, () => list.replaceChildren(...rows.map((row) => draw_row(where, row, later)))),
    el("span", { class: "task" }, ...breakable(rows[0].name)),
    el("span", { class: "values" }, count(rows.length, later ? "later result" : "earlier result")),
    el("span", { class: "verdict" }, ...marks.map(([n, word]) => el("span", { class: word === "rejected" ? "bad" : null }, ...state_parts(looks, word, `${n} ${word}`), " "))),
    el("span", { class: "age" }, "newest ", age_el(where.state, rows[0].at)),
  );
  return el("li", {}, head, list);
}

function draw_row(where, row, later) {
  const { state } = where;
  const below = el("div", { class: "below" });
  const open = () => {
    const address = `${state.data.results}${encodeURIComponent(row.task_id)}/provenance?direction=${later ? "forward" : "back"}&depth=1`;
    show_answer(below, address, (graph) => draw_neighbours({ ...where, target: row.target, control: row.target === where.target ? where.control : null }, graph, later));
  };
  const label = `${later ? "Uses" : "Inputs"} of ${row.name} on ${row.target}`;
  const head = el(
    "div", { class: row.rejected.length ? "line rejected" : "line" },
    row.unfolds ? unfold_button(label, below, open) : el("span", { class: "fold" }),
    el("span", { class: "task" }, ...draw_name(state, row)),
    el("span", { class: "values" }, ...draw_uses(state, row), ...draw_values(state, row.values)),
    el("span", { class: "verdict" }, ...draw_verdict(state, row)),
    el("span", { class: "age" }, row.at ? age_el(state, row.at) : ""),
  );
  return el("li", {}, head, below);
}

function draw_neighbours(where, graph, later) {
  const rows = neighbour_rows(graph, graph.root, later);
  if (!rows.length) return [el("p", {}, later ? "Nothing has used it." : "No recorded inputs.")];
  return [...warnings(rows, later), ...draw_groups(where, rows, later)];
}

function draw_name(state, row) {
  const { links } = state.data;
  if (row.kind === "unrecorded") return ["default or laboratory"];
  if (row.kind === "release") return [el("a", { href: links.releases }, `release ${row.name}`)];
  if (row.kind === "event") {
    const from = row.source ? ` (${row.source})` : "";
    return [el("a", { href: links.changes }, `${row.name ?? "change"}${from}`), ` by ${row.by ?? "an unknown user"}`, row.message ? el("q", {}, row.message) : ""];
  }
  return [result_link(state, row), row.by_hand ? ` by ${row.by}` : "", row.by_hand && row.message ? el("q", {}, row.message) : ""];
}

const result_link = (state, row) =>
  el("a", { href: state.data.links.result + encodeURIComponent(row.task_id) }, ...(row.name ? breakable(row.name) : ["unknown result"]));

// Name the values that a later result used, each with its number if that differs from the recorded one.
const draw_uses = (state, { uses, kind }) =>
  uses.map((value) =>
    el(
      "span", { class: value.undeclared ? "value undeclared" : "value" },
      kind === "release" ? "contains " : "uses ", name_parameter(state, value.name), value.recorded == null ? "" : ` as ${with_unit(with_error(value.value), value.unit)}`, value.undeclared ? " undeclared" : "",
    ),
  );

const draw_values = (state, values) =>
  values.map((value) =>
    el(
      "span", { class: value.undeclared ? "value undeclared" : "value" },
      name_parameter(state, value.name), " ", el("b", {}, with_unit(with_error(value.value, value.error), value.unit)),
      value.recorded == null ? "" : ` (recorded: ${with_error(value.recorded)})`,
      value.rejected ? el("span", { class: "bad" }, " ✗ rejected since") : "",
      value.undeclared ? " undeclared" : "",
      value.from_laboratory ? " of the laboratory" : "",
      value.in_use ? el("span", { class: "use", title: "The chip uses this value now" }, "in use") : "",
    ),
  );

function draw_verdict(state, row) {
  if (row.kind !== "result") return [];
  const unnamed = row.rejected.filter((name) => !row.values.some((value) => value.rejected && value.name === name));
  const parts = unnamed.length
    ? [el("span", { class: "bad" }, ...state_parts(state.data.looks, "rejected", `rejected: ${unnamed.join(", ")}`))]
    : state_parts(state.data.looks, row.outcome ?? "unknown");
  return [...parts, ...row.remarks.map((remark) => `, ${remark}`)];
}

// Draw a button that shows all steps, by target and task.
function draw_rest(where, graph, rows, later) {
  const { state } = where;
  const place = el("div", { class: "rest" });
  if (!rows.some((row) => row.unfolds)) return place;
  const button = el("button", { type: "button" }, later ? "All later results" : "All earlier results");
  const address = `${state.data.source}direction=${later ? "forward" : "back"}`;
  button.onclick = () =>
    show_answer(place, address, (whole) => {
      const all = all_rows(whole, later);
      const title = el("h4", { tabindex: "-1" }, `${later ? "All later results, changes and releases" : "All earlier results and changes"}: ${all.length}${whole.complete ? "" : ", and more"}`);
      setTimeout(() => title.focus());
      return [title, ...warnings(all, later), ...draw_groups(where, all, later)];
    });
  place.append(button);
  return place;
}

function unfold_button(label, inside, open) {
  const button = el("button", { type: "button", class: "fold", "aria-expanded": "false", "aria-label": label }, "▸");
  inside.hidden = true;
  let opened = false;
  button.onclick = () => {
    inside.hidden = !inside.hidden;
    button.setAttribute("aria-expanded", String(!inside.hidden));
    button.textContent = inside.hidden ? "▸" : "▾";
    if (!opened) open();
    opened = true;
  };
  return button;
}

const count = (n, word) => `${n} ${word}${n === 1 ? "" : "s"}`;
const age_el = (state, at) =>
  at ? el("time", { datetime: at, title: `${time_text(at, state.data.zone)} ${state.data.zone}` }, age(new Date(at))) : "–";
