// Legend of colours and signs, with the summary of a metric over the chip. Each count opens the list of what it counts.
const BETTER = { maximize: "higher is better →", minimize: "← lower is better", none: "" };
const KEYS = { dead: "dead", failed: "failed", flagged: "flagged, awaiting a decision", issue: "with open issues", excluded: "excluded", missing: null, out: "out of specification" };
const ALWAYS = ["failed", "flagged"]; // in the legend even if there are none

const legend = (map) => {
  const box = map.root.querySelector(".legend");
  if (!map.definitions) return box.replaceChildren(map.failed ? "" : "Loading the values …");
  const parts = KINDS_OF_TARGETS.filter((kind) => map.metric[kind]).map((kind) => legend_of(map, kind));
  box.replaceChildren(el("div", { class: "scales" }, ...parts), key_of(map));
};

const legend_of = (map, kind) => {
  const known = map.judgements.filter((one) => one.kind === kind);
  const how = shown_as(map, kind, map.metric[kind]);
  const scale = map.scales[kind];
  const unit = how.unit;
  const title = el("div", { class: "legend-title" }, el("b", {}, how.title), how.magnitude ? ", magnitude" : "", unit ? ` (${unit_text(unit)})` : "",
    scale?.logarithmic ? ", logarithmic" : "", el("span", { class: "better" }, BETTER[how.better]));
  if (!scale) return el("section", { "data-kind": kind, "aria-label": `Legend of ${many(kind)}` }, title, el("div", {}, how.unknown ? `Unknown metric "${how.title}": select another one.` : `No ${kind} has a value.`));
  const ramp = el("div", { class: `ramp ${kind}` }, threshold_of(map, how, scale));
  ramp.style.setProperty("--stops", scale.stops.join());
  const low = `${scale.below ? "◂ " : ""}${scale.short(scale.low)}`;
  const high = `${scale.short(scale.high)}${scale.above ? " ▸" : ""}`;
  const ends = el("div", { class: "ends" }, el("span", {}, low), el("span", {}, high));
  const beyond = scale.below + scale.above;
  const said = [`${known.filter((one) => one.has).length} of ${known.length} ${many(kind)}`,
    `median ${with_unit(scale.short(scale.median), unit)}`,
    how.specification && `specification ${use_unit_symbols(how.specification)}`,
    beyond && `${beyond} outside the scale (2nd to 98th percentile)`];
  return el("section", { "data-kind": kind, "aria-label": `Legend of ${many(kind)}` }, title, ramp, ends, el("div", { class: "said" }, said.filter(Boolean).join(" · ")));
};

// Return the position of the specification limit on the scale, if it is within it.
const threshold_of = (map, how, scale) => {
  if (how.threshold == null) return null;
  const place = scale.fraction(how.threshold * how.scale);
  if (!(place > 0 && place < 1)) return null;
  const tick = el("span", { class: "tick" });
  tick.style.left = `${100 * place}%`;
  return tick;
};

// What is counted, and the list of it: of targets with a status, of flagged results, or of values of the shown metric.
const COUNTED = {
  failed: [(one) => (one.status === "failed" ? 1 : 0), (map, kind) => make_list_url(map.data.lists[kind], { status: "failed" })],
  dead: [(one) => (one.aside === "dead" ? 1 : 0), (map, kind) => make_list_url(map.data.lists[kind], { status: "dead" })],
  flagged: [(one) => one.flagged.length, (map, kind) => make_list_url(map.data.lists.values, { show: "flagged", kind })],
  issue: [(one) => Number(one.issues.length > 0), (map, kind) => make_list_url(map.data.lists[kind], { issues: "on" })],
  "last-failed": [(one) => Number(has_mark(one, "last-failed"))],
  "inputs-moved": [(one) => Number(has_mark(one, "inputs-moved"))],
  "too-old": [(one) => Number(has_mark(one, "too-old"))],
  "no-signal": [(one) => Number(has_mark(one, "no-signal"))],
  "other-cooldown": [(one) => Number(has_mark(one, "other-cooldown"))],
  "set-broken": [(one) => Number(has_mark(one, "set-broken"))],
  "setting-changed": [(one) => Number(has_mark(one, "setting-changed"))],
  "trusted-by-user": [(one) => Number(has_mark(one, "trusted-by-user"))],
  contradicted: [(one) => Number(has_mark(one, "contradicted"))],
  out: [(one) => Number(Boolean(one.out)), (map, kind) => list_values_url(map, kind, "out-of-spec")],
  missing: [(one) => Number(Boolean(one.how && !one.how.unknown && !one.has && !one.aside)), (map, kind) => list_values_url(map, kind, "missing")],
  excluded: [(one) => (one.aside === "excluded" ? 1 : 0), (map, kind) => make_list_url(map.data.lists[kind], { status: "excluded" })],
};
const make_list_url = (address, params) => {
  const url = make_url(address, "", []);
  for (const [name, value] of Object.entries(params)) url.searchParams.set(name, value);
  return url.pathname + url.search;
};
// Lists show the values in use: values of a period are counted only.
const list_values_url = (map, kind, show) =>
  map.data.in_use ? make_list_url(map.data.lists.values, { show, kind, metric: map.metric[kind] }) : null;

const count_text = (name, kind, count) => {
  const noun = name === "flagged" ? "result" : kind;
  return `${count} ${count === 1 ? noun : many(noun)}`;
};
const key_of = (map) => {
  const list = el("ul", { class: "key", "aria-label": "Signs" });
  for (const [name, [count_one, list_url = (which, kind) => list_values_url(which, kind, name)]] of Object.entries(COUNTED)) {
    const counts = KINDS_OF_TARGETS.map((kind) => [kind, map.judgements.filter((one) => one.kind === kind).reduce((sum, one) => sum + count_one(one), 0)]).filter(([, count]) => count);
    if (!counts.length && !ALWAYS.includes(name)) continue;
    const parts = counts.flatMap(([kind, count], place) => {
      const href = list_url(map, kind);
      const text = name === "flagged" && counts.length > 1 ? `${count} of ${many(kind)}` : count_text(name, kind, count);
      return [place ? ", " : "", href ? el("a", { href, "data-count": count }, text) : text];
    });
    list.append(el("li", { "data-sign": name }, sign_of(name), el("span", {}, `${KEYS[name] ?? map.data.mark_words[name] ?? map.data.nothing}: `, ...(parts.length ? parts : ["none"]))));
  }
  return list;
};
const FILLED = ["missing", "failed", "excluded", "dead"];
const sign_of = (name) => {
  const svg = svg_el("svg", { viewBox: "-.5 -.5 1 1", "aria-hidden": "true" });
  const disc = svg_el("g", { class: "t q", "data-state": FILLED.includes(name) ? name : "value" }, svg);
  if (FILLED.includes(name)) svg_el("circle", { class: "shape", r: R }, disc);
  const place = name === "failed" ? `translate(${PLACES.failed})` : FILLED.includes(name) ? "" : "scale(2.2)";
  if (SIGNS[name]) SIGNS[name](svg_el("g", { class: `sign ${name}`, transform: place }, disc));
  return svg;
};
