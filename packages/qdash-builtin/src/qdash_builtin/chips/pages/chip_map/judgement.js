// State of each target for a metric: its value or why there is none, and its problems.
const KINDS_OF_TARGETS = ["qubit", "coupling"];
const many = (kind) => `${kind}s`;
const kind_of = (id) => (id.includes("-") ? "coupling" : "qubit");
const SET_ASIDE = ["excluded", "dead"];
const NO_SUCH_METRIC = "unknown metric";

// Return the display settings of a metric; for one without a definition, those of its values.
const shown_as = (map, kind, name) => {
  const known = map.definitions?.[many(kind)][name];
  if (known) return known;
  const first = Object.values(map.known[many(kind)] ?? {}).find((values) => values[name]?.unit != null);
  const unknown = map.definitions != null && !first;
  return { title: name, unit: first?.[name].unit ?? "", scale: 1, better: "none", magnitude: false, unknown };
};

// A failed, excluded or dead target has no colour, even if it has a value.
const judge = (map, id) => {
  const kind = kind_of(id);
  const name = map.metric[kind];
  const told = map.statuses[many(kind)]?.[id];
  const status = told?.status ?? "pending";
  const aside = SET_ASIDE.includes(status) ? status : null;
  const state_of = (otherwise) => aside ?? (status === "failed" ? "failed" : otherwise);
  const fitness = { word: told?.fitness ?? null, reasons: told?.fitness_reasons ?? [] };
  const target = { id, kind, status, aside, fitness, why: told?.status_reason?.text ?? null, flagged: (!aside && told?.flagged) || [], issues: map.issues?.[id] ?? [], words: map.data.mark_words };
  if (!name) return { ...target, state: state_of("plain"), marks: [] };
  const how = shown_as(map, kind, name);
  const value = map.known[many(kind)]?.[id]?.[name];
  const has = value?.value != null;
  return {
    ...target, how,
    nothing: how.unknown ? NO_SUCH_METRIC : map.data.nothing,
    state: state_of(has ? "value" : "missing"),
    has,
    value: has ? value.value * how.scale : null,
    error: has && value.error != null ? value.error * how.scale : null,
    at: has && value.calibrated_at ? Date.parse(value.calibrated_at) : null,
    out: has && !aside && value.out_of_spec === true,
    marks: (!aside && value?.mark_reasons) || [],
  };
};

const value_text = (one) => with_unit(with_error(one.value, one.error), one.how.unit);
const has_mark = (one, mark) => one.marks.some((known) => known.mark === mark);

// Return the limit that a value out of specification misses, in the display unit.
const missed_limit = ({ how, value }) => {
  if (how.threshold != null && how.better !== "none") return how.threshold * how.scale;
  const [least, most] = [how.range?.min, how.range?.max].map((limit) => (limit == null ? null : limit * how.scale));
  return least != null && value < least ? least : most;
};
// Return by how much a value misses its limit.
const miss_text = (one) => {
  const limit = missed_limit(one);
  if (limit == null) return "";
  const beyond = (one.how.magnitude && one.how.better !== "none" ? Math.abs(one.value) : one.value) - limit;
  return ` (${with_unit(number_text(Number(Math.abs(beyond).toPrecision(2))), one.how.unit)} ${beyond < 0 ? "below" : "above"})`;
};

// Return the status of the target and the problems of the value in words; none if there are none.
const remarks = (one) => [
  one.aside,
  one.status === "failed" && (one.why ? `failed: ${use_unit_symbols(one.why)}` : "failed"),
  one.status === "calibrated" && one.fitness.reasons.length > 0 && `${one.fitness.word}: ${use_unit_symbols(one.fitness.reasons.join("; "))}`,
  one.how && !one.has && !one.aside && one.nothing,
  ...one.flagged.map((flag) => `flagged result awaits a decision: ${use_unit_symbols(flag.text)}`),
  ...one.issues.map(({ issue_id, title }) => `open issue #${issue_id}: ${title}`),
  ...one.marks.filter(({ mark }) => mark !== "disputed").map(({ mark, reason }) => `${one.words[mark]}: ${use_unit_symbols(reason)}`),
  one.out && `out of specification: ${use_unit_symbols(one.how.specification)}${miss_text(one)}`,
].filter(Boolean);

const name_target = ({ kind, id }) => `${kind[0].toUpperCase()}${kind.slice(1)} ${id}`;
const describe = (one) => {
  const said = one.how ? `${one.how.title} ${one.value == null ? "" : value_text(one)}`.trim() : "";
  const status = one.status === "failed" || one.aside ? null : one.status; // those are among the remarks
  return `${name_target(one)}: ${[said, status, ...remarks(one)].filter(Boolean).join(", ")}`;
};
