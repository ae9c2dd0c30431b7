const kept = new WeakMap();
// Cache for the life of the tab: a user who comes back sees it at once while it is loaded again.
const fetched = (window.__qdash_pictures ??= new Map());
const MOST_KEPT = 24;
const PART = 32;
const KINDS = ["accepted", "completed", "flagged", "failed", "rejected", "cancelled", "skipped", "running", "scheduled", "missing"];
const mark_of = (data, kind) => (kind === "missing" ? ["–", "no result"] : [data.looks[kind]?.[0] ?? "?", kind]);
// Thumbnails fit into the width if they need not be much smaller for it.
const fit = (least, most) => (columns) => `clamp(${least}px, calc((100cqw - 8px) / ${columns}), ${most}px)`;
const SIZE = { S: fit(40, 72), M: fit(88, 104), L: fit(152, 176) };

export default function ({ data, parentElement: root, setStateValue }) {
  let state = kept.get(root);
  if (!state) {
    state = { cells: new Map(), root, box: root.querySelector(".pictures"), sheet: root.querySelector(".sheet") };
    kept.set(root, state);
    state.end = on_event((event) => handle_event(state, event));
    state.sheet.onkeydown = (event) => move_focus(state, event);
  }
  const other = !state.data || of_key(state.data) !== of_key(data);
  if (state.places !== JSON.stringify(data.places)) lay_out(state, data);
  if (other || !state.data) Object.assign(state, { size: data.size, shown: new Set(data.shown) });
  Object.assign(state, { data, look: (value) => setStateValue("look", value) });
  state.box.classList.toggle("dark", is_dark(state.box));
  bars(state);
  arrange(state);
  if (other) {
    state.found = fetched.get(of_key(data));
    state.waits = new Set();
    load(state);
  } else paint(state);
  return () => {
    state.end();
    clearTimeout(state.timer);
    kept.delete(root);
  };
}

const of_key = (data) => `${data.who} ${data.url}`;

// A host that has not drawn them yet is slow: they are loaded in parts, and each part is shown when it arrives.
async function load(state, targets) {
  const { data } = state;
  const key = of_key(data);
  const parts = targets ? [targets] : fetched.has(key) ? [null] : split_targets(data.places.map(([target]) => target));
  if (!targets) say(state, fetched.has(key) ? "" : "Loading the thumbnails …");
  if (!fetched.has(key)) {
    state.waits = new Set(parts.flat());
    state.found = {};
  }
  paint(state);
  try {
    for (const part of parts) {
      const { thumbnails } = await read_json(part ? `${data.url}&targets=${part.join(",")}` : data.url);
      if (of_key(state.data) !== key) return;
      state.found = part ? { ...state.found, ...thumbnails } : thumbnails;
      for (const target of part ?? []) state.waits.delete(target);
      if (part && parts.length > 1) paint(state);
    }
    fetched.set(key, state.found);
    while (fetched.size > MOST_KEPT) fetched.delete(fetched.keys().next().value);
    say(state, "");
    paint(state);
  } catch (error) {
    if (of_key(state.data) === key) say(state, `The thumbnails cannot be loaded: ${error.message}.`, () => load(state));
  }
}

const split_targets = (targets) => Array.from({ length: Math.ceil(targets.length / PART) }, (_, n) => targets.slice(PART * n, PART * (n + 1)));

function say(state, text, again) {
  const place = state.root.querySelector(".say");
  place.replaceChildren(text);
  if (!again) return;
  const button = el("button", { type: "button" }, "Try again");
  button.onclick = again;
  place.append(" ", button);
}

// After a task of the shown name its target is loaded again; after a decision or another change by a user, all.
function handle_event(state, event) {
  const { data } = state;
  if (!has_kind(data.kinds, event) || event.chip_id !== data.chip_id) return;
  const [what, outcome] = event.kind.split(".");
  if (what === "execution") return;
  if (what === "task" && (event.data.name !== data.task || !["completed", "failed"].includes(outcome))) return;
  state.due ??= new Set();
  if (what === "task") state.due.add(event.data.qid);
  else state.all = true;
  state.timer ??= setTimeout(() => {
    const due = state.all ? undefined : [...state.due];
    state.due = state.timer = null;
    state.all = false;
    load(state, due);
  }, 700);
}

// Lay out a cell for each target, as on the chip.
function lay_out(state, data) {
  state.places = JSON.stringify(data.places);
  state.cells = new Map(data.places.map(([target, x, y]) => {
    const cell = el("li", { class: "cell", "data-target": target });
    return [target, { cell, x, y, painted: null }];
  }));
  state.sheet.replaceChildren(...[...state.cells.values()].map(({ cell }) => cell));
}

function arrange(state) {
  let columns = 1, rows = 1;
  for (const { cell, x, y } of state.cells.values()) {
    cell.style.left = `calc(${x} * var(--wide))`;
    cell.style.top = `calc(${y} * var(--high))`;
    columns = Math.max(columns, x + 1);
    rows = Math.max(rows, y + 1);
  }
  const { style } = state.sheet;
  state.sheet.className = `sheet ${state.size}`;
  style.setProperty("--wide", SIZE[state.size](columns));
  style.width = `calc(${columns} * var(--wide))`;
  style.height = `calc(${rows} * var(--high))`;
}

const state_of = (found) => (!found ? "missing" : found.status === "completed" ? found.verdict ?? "completed" : found.verdict === "rejected" ? "rejected" : found.status);

function paint(state) {
  const { found, waits } = state;
  const counts = {};
  let stop = null;
  for (const [target, one] of state.cells) {
    const waiting = !found || waits.has(target);
    const result = found?.[target];
    const kind = waiting ? "waits" : state_of(result);
    if (!waiting) counts[kind] = (counts[kind] ?? 0) + 1;
    const change = waiting ? null : find_change(state.data, target, result, kind);
    const now = `${kind} ${result?.task_id} ${result?.svg?.length} ${change}`;
    if (one.painted !== now) {
      one.cell.className = `cell ${kind}${change ? " changed" : ""}`;
      one.cell.replaceChildren(waiting ? el("div", { class: "none" }, caption(target, "", "")) : make_link(state.data, target, result, kind, change));
      one.painted = now;
    }
    one.cell.classList.toggle("faded", target in state.data.excluded);
    one.cell.hidden = !waiting && state.shown.size > 0 && !state.shown.has(kind);
    const link = one.cell.hidden ? null : one.cell.querySelector("a");
    stop ??= link;
    if (link) link.tabIndex = link === stop ? 0 : -1;
  }
  state.counts = counts;
  bars(state);
  state.sheet.setAttribute("aria-busy", String(!found || waits.size > 0));
  if (!found || waits.size) return;
  if (!Object.keys(found).length) say(state, `${state.data.task} has no result on chip ${state.data.chip_id} yet.`);
  else if (![...state.cells.values()].some((one) => !one.cell.hidden)) say(state, "No result has a selected status.");
}

// The sign, short text and words of a change: a value of this result moved, or the target is newly failed.
function find_change({ moved, newly_failed }, target, result, kind) {
  if (result && moved[result.task_id]) return moved[result.task_id];
  return ["failed", "rejected"].includes(kind) && newly_failed.includes(target) ? ["!", "new", "newly failed"] : null;
}

function caption(target, mark, word, change) {
  const said = el("span", {}, mark, mark && word ? " " : "", el("span", { class: "word" }, word));
  const sign = change ? el("em", {}, change[0], el("span", { class: "word" }, ` ${change[1]}`)) : "";
  return el("div", { class: "cap" }, el("b", {}, target), sign, said);
}

function make_link(data, target, result, kind, change) {
  const [mark, word] = mark_of(data, kind);
  const what = `${target}: ${word}${result?.refit_of ? ", refit" : ""}${target in data.excluded ? `, ${data.excluded[target]}` : ""}${change ? `, ${change[2]}` : ""}`;
  if (!result) {
    const why = data.excluded[target] ?? "";
    return el("div", { class: "none", title: what }, caption(target, mark, ""), el("div", { class: "draw" }, why || word));
  }
  const link = el("a", { href: data.result + encodeURIComponent(result.task_id), "aria-label": what, title: what });
  const place = el("div", { class: "draw" });
  const shapes = shapes_of(result.svg);
  shapes?.setAttribute("preserveAspectRatio", "none");
  place.append(shapes ?? "no picture");
  link.append(caption(target, mark, result.refit_of ? `${word}, refit` : word, change), place);
  return link;
}

function bars(state) {
  const there = KINDS.filter((kind) => state.counts?.[kind] || state.shown.has(kind));
  const told = `${there.map((kind) => `${kind}${state.counts?.[kind]}`)} ${[...state.shown]} ${state.size}`;
  if (state.told === told) return;
  state.told = told;
  const states = there.map((kind) => {
    const [mark, word] = mark_of(state.data, kind);
    const button = el("button", { type: "button", class: kind, "aria-pressed": state.shown.has(kind), "data-state": kind },
      el("i", { "aria-hidden": "true" }, mark), `${word} ${state.counts?.[kind] ?? 0}`);
    button.onclick = () => {
      if (!state.shown.delete(kind)) state.shown.add(kind);
      save_look(state, `[data-state="${kind}"]`);
    };
    return button;
  });
  const sizes = Object.keys(SIZE).map((size) => {
    const button = el("button", { type: "button", "aria-pressed": state.size === size, "data-size": size, "aria-label": `Size ${size}` }, size);
    button.onclick = () => {
      state.size = size;
      arrange(state);
      save_look(state, `[data-size="${size}"]`);
    };
    return button;
  });
  state.root.querySelector(".states").replaceChildren(...states);
  state.root.querySelector(".sizes").replaceChildren(...sizes);
}

function save_look(state, button) {
  say(state, "");
  paint(state);
  bars(state);
  state.root.querySelector(button)?.focus();
  state.look({ size: state.size, shown: [...state.shown] });
}

// Arrow keys move to the next thumbnail in their direction; only one thumbnail is a tab stop.
function move_focus(state, event) {
  const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
  const here = state.cells.get(event.target.closest(".cell")?.dataset.target);
  if (!way || !here) return;
  event.preventDefault();
  let best = null, least = Infinity;
  for (const one of state.cells.values()) {
    const dx = one.x - here.x, dy = one.y - here.y;
    const along = dx * way[0] + dy * way[1], aside = Math.abs(dx * way[1]) + Math.abs(dy * way[0]);
    if (along > 0.01 && along + 3 * aside < least && !one.cell.hidden && one.cell.querySelector("a")) [best, least] = [one, along + 3 * aside];
  }
  if (!best) return;
  event.target.closest("a").tabIndex = -1;
  const link = best.cell.querySelector("a");
  link.tabIndex = 0;
  link.focus();
}
