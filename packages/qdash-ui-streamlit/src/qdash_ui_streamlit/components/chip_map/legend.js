// Legend of colours and marks, with the summary of a metric over the chip.
const BETTER = { maximize: "higher is better →", minimize: "← lower is better", none: "" };
const KEYS = { failed: "failed", out: "out of specification", stale: "stale", excluded: "excluded", dead: "dead" };
const SELDOM = ["stale", "excluded", "dead"]; // in the legend only if present

const legend = (map) => {
  const box = map.root.querySelector(".legend");
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
  const said = [`${known.filter((one) => one.state === "value").length} of ${known.length} ${many(kind)}`,
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

const key_of = (map) => {
  const shown = map.judgements.filter((one) => one.how);
  const counts = {
    missing: (one) => one.state === "missing" && !one.how.unknown,
    failed: (one) => one.failed && !one.aside,
    out: (one) => one.out && !one.aside,
    stale: (one) => one.stale && !one.aside,
    excluded: (one) => one.aside === "excluded",
    dead: (one) => one.aside === "dead",
  };
  const list = el("ul", { class: "key", "aria-label": "Marks" });
  for (const [name, wanted] of Object.entries(counts)) {
    const by_kind = KINDS_OF_TARGETS.map((kind) => [kind, shown.filter((one) => one.kind === kind && wanted(one)).length]).filter(([, count]) => count);
    const text = by_kind.map(([kind, count]) => `${count} ${count === 1 ? kind : many(kind)}`).join(", ");
    if (!text && SELDOM.includes(name)) continue;
    list.append(el("li", { "data-count": name }, sign_of(name), ` ${KEYS[name] ?? map.data.nothing}: ${text || 0}`));
  }
  return list;
};
const sign_of = (name) => {
  const svg = svg_el("svg", { viewBox: "-.5 -.5 1 1", "aria-hidden": "true" });
  const disc = svg_el("g", { class: "t q", "data-state": name === "out" || name === "stale" ? "value" : name }, svg);
  if (["missing", "failed", "excluded", "dead"].includes(name)) svg_el("circle", { class: "shape", r: R }, disc);
  if (MARKS[name]) MARKS[name](svg_el("g", { class: `mark ${name}`, transform: ["excluded", "dead"].includes(name) ? "" : "scale(2)" }, disc));
  return svg;
};
