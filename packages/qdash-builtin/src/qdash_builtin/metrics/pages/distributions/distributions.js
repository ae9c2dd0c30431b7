const svg = (name, attributes = {}, ...inside) => {
  const made = svg_el(name, attributes);
  made.append(...inside.filter((one) => one != null));
  return made;
};
const painted = new WeakMap();
export default function ({ data, parentElement: root }) {
  const place = root.querySelector(".panels");
  place.classList.toggle("dark", is_dark(place));
  const told = JSON.stringify(data);
  if (painted.get(root) !== told) {
    painted.set(root, told);
    place.replaceChildren(legend(data), ...groups(data));
  }
  return () => painted.delete(root);
}

function legend(data) {
  const lines = [[svg("path", { class: "now", d: "M1 6H25" }), data.now]];
  if (data.then) lines.push([svg("path", { class: "then", d: "M1 6H25" }), data.then]);
  const specified = data.panels.some((one) => one.specification);
  if (specified) lines.push([svg("path", { class: "limit", d: "M13 0V12" }), "specification"]);
  const patches = (specified ? [["in", "within specification"], ["out", "out of specification"], ["gone", "no value"]] : [])
    .map(([kind, words]) => [svg("g", { class: "yield" }, patch(kind, 0.5, 24, 12)), words]);
  return el("p", { class: "key" }, pattern(), ...[...lines, ...patches].map(([drawn, words]) => el("span", {}, svg("svg", { viewBox: "0 0 26 12", "aria-hidden": "true" }, drawn), words)));
}

// The range out of specification is hatched, so that it is recognizable without colour.
const pattern = () => {
  const lines = svg("pattern", { id: "out", width: 5, height: 5, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
    svg("rect", { width: 5, height: 5, class: "hatched" }), svg("path", { class: "hatch", d: "M0 0V5" }));
  return svg("svg", { width: 0, height: 0, style: "position:absolute", "aria-hidden": "true" }, svg("defs", {}, lines));
};
const patch = (kind, x, width, height) => svg("rect", { class: kind, x: x + (kind === "gone" ? 0.5 : 0), y: kind === "gone" ? 0.5 : 0, width: Math.max(0, width - (kind === "gone" ? 1 : 0)), height: height - (kind === "gone" ? 1 : 0) });

function groups(data) {
  const rest = data.panels.some((one) => one.specification) ? "Other metrics" : "Metrics";
  const named = [
    ["Qubits with a specification", (one) => one.kind === "qubit" && one.specification],
    ["Couplings with a specification", (one) => one.kind === "coupling" && one.specification],
    [`${rest} of qubits`, (one) => one.kind === "qubit" && !one.specification],
    [`${rest} of couplings`, (one) => one.kind === "coupling" && !one.specification],
  ];
  return named.flatMap(([title, chosen]) => {
    const found = data.panels.filter(chosen);
    return found.length ? [el("h2", {}, title), el("ul", { class: "grid" }, ...found.map((one) => panel(data, one)))] : [];
  });
}

function panel(data, one) {
  const { now, then } = one;
  const wanted = one.specification ? el("p", { class: "quiet" }, use_unit_symbols(one.specification)) : null;
  const title = el("h3", {}, el("a", { href: one.map }, one.title), el("span", { class: "quiet" }, one.unit ? ` (${unit_text(one.unit)})` : ""));
  return el("li", { class: "panel" }, title, wanted, now.within == null ? null : bar(now), el("p", {}, words(now)),
    now.n ? numbers(one, now) : null,
    then && el("p", { class: "quiet" }, `${data.then}: ${then.n ? `${words(then)}, median ${said(then.median, one.unit)}` : "no value"}`), cdf(one),
    el("p", { class: "quiet" }, el("a", { href: one.details, "aria-label": `Histogram and more of ${one.title}` }, "Histogram and more")));
}

const words = (line) => {
  const gone = line.missing ? `, ${line.missing} without a value` : "";
  if (!line.n) return `no value on any of ${line.targets} targets`;
  if (line.within == null) return `${line.n} of ${line.targets} measured${gone}`;
  return `${line.within} of ${line.n} measured within specification (${share(line.within / line.n)})${gone}`;
};
// Return a fraction in whole percents; 100 % only if all targets are within specification.
const share = (part) => with_unit(part < 1 ? Math.min(99, Math.round(100 * part)) : 100, "%");
// Return a value with 5 significant digits for percentages and frequencies, 3 otherwise.
const said = (value, unit) => (value == null ? "–" : with_unit(number_text(Number(value.toPrecision(["%", "GHz"].includes(unit) ? 5 : 3))), unit));

function numbers(one, line) {
  const best = line.best_target == null ? "" : [" · best ", said(line.best, one.unit), " on ", el("a", { href: one.link }, line.best_target)];
  return el("p", {}, `median ${said(line.median, one.unit)}`, ...best);
}

function bar(line) {
  const wide = 240, of = (n) => (wide * n) / Math.max(1, line.targets);
  const within = of(line.within), out = of(line.n - line.within), gone = of(line.missing);
  return svg("svg", { class: "yield", viewBox: `0 0 ${wide} 14`, preserveAspectRatio: "none", role: "img", "aria-label": words(line) },
    patch("in", 0, within, 14), patch("out", within, out, 14), gone ? patch("gone", within + out, gone, 14) : null);
}

// Draw the cumulative distribution with its threshold.
function cdf(one) {
  const lines = [["then", one.then?.cdf ?? []], ["now", one.now.cdf]].filter(([, points]) => points.length);
  if (!lines.length) return null;
  const to = { linear: (v) => v, log: Math.log10, nines: (v) => -Math.log10(100 - v) }[one.axis];
  const values = lines.flatMap(([, points]) => points.map(([v]) => v));
  const near = one.limits.filter((v) => one.axis === "linear" || (one.axis === "log" ? v > 0 : v < 100));
  let low = Math.min(...values.map(to)), high = Math.max(...values.map(to));
  for (const limit of near.map(to)) [low, high] = [Math.min(low, limit), Math.max(high, limit)];
  const pad = (high - low || Math.abs(high) || 1) * 0.04;
  [low, high] = [low - pad, high + pad];
  const W = 270, H = 136, L = 42, R = 8, T = 8, B = 24;
  const x = (v) => L + ((to(v) - low) / (high - low)) * (W - L - R), y = (share) => T + (1 - share) * (H - T - B);
  const path = (points) => points.reduce((d, [v, share]) => `${d}H${x(v).toFixed(1)}V${y(share).toFixed(1)}`, `M${L} ${y(0)}`) + `H${W - R}`;
  const ticks = marks(low, high, one.axis);
  return svg("svg", { class: "cdf", viewBox: `0 0 ${W} ${H}`, role: "img", "aria-label": `Cumulative distribution of ${one.title}` },
    svg("path", { class: "axis", d: `M${L} ${T}V${H - B}H${W - R}M${L} ${y(0.5)}H${W - R}` }),
    ...[0, 0.5, 1].map((share) => text(L - 4, y(share) + 4, with_unit(100 * share, "%"), "end")),
    ...ticks.map((v) => svg("path", { class: "axis", d: `M${x(v)} ${H - B}v3` })),
    ...ticks.map((v) => text(x(v), H - B + 16, number_text(Number(v.toPrecision(6))), "middle")),
    ...near.map((v) => svg("path", { class: "limit", d: `M${x(v)} ${T}V${H - B}` })),
    ...lines.map(([kind, points]) => svg("path", { class: kind, d: path(points) })));
}

const text = (x, y, words, anchor) => svg("text", { x: Math.min(x, 262), y, "text-anchor": anchor }, words);

// Return a few round values for the ticks of an axis.
function marks(low, high, scale) {
  if (scale === "linear") {
    // Two to five: one would not give the scale.
    const step = [5, 2, 1, 0.5].map((n) => n * 10 ** Math.floor(Math.log10(high - low))).find((one) => (high - low) / one >= 2);
    const first = Math.ceil(low / step);
    return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, n) => Number(((first + n) * step).toPrecision(12)));
  }
  const back = scale === "log" ? (t) => 10 ** t : (t) => 100 - 10 ** -t;
  const found = [];
  for (let power = Math.floor(low); power <= Math.ceil(high); power++)
    for (const n of high - low > 2 ? [1] : [1, 2, 5]) {
      const t = power + (scale === "log" ? Math.log10(n) : 1 - Math.log10(n === 1 ? 10 : n));
      if (t >= low && t <= high) found.push(back(t));
    }
  return [...new Set(found)];
}
