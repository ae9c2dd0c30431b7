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

// An excluded or dead target has no colour, even if it has a value.
const judge = (map, id) => {
  const kind = kind_of(id);
  const name = map.metric[kind];
  const status = map.statuses[many(kind)]?.[id]?.status ?? "pending";
  const aside = SET_ASIDE.includes(status) ? status : null;
  if (!name) return { id, kind, status, aside, state: aside ?? "plain" };
  const how = shown_as(map, kind, name);
  const value = map.known[many(kind)]?.[id]?.[name];
  const failed = map.failed[many(kind)]?.[id]?.[name]?.failed ?? null;
  const has = value?.value != null;
  const at = has && value.calibrated_at ? Date.parse(value.calibrated_at) : null;
  return {
    id, kind, status, aside, how, failed,
    nothing: how.unknown ? NO_SUCH_METRIC : map.data.nothing,
    state: aside ?? (has ? "value" : failed ? "failed" : "missing"),
    value: has ? value.value * how.scale : null,
    error: has && value.error != null ? value.error * how.scale : null,
    at,
    out: has && map.out[many(kind)]?.[id]?.[name] != null,
    stale: at != null && how.age_limit_s != null && Date.now() - at > 1000 * how.age_limit_s,
  };
};

const value_text = (one) => with_unit(with_error(one.value, one.error), one.how.unit);

// Return the problems and missing values in words; none if there are none.
const remarks = (one) => [
  one.aside,
  one.state === "missing" && one.nothing,
  one.failed && `${one.failed.task} failed`,
  one.out && `out of specification: ${use_unit_symbols(one.how.specification)}`,
  one.stale && "stale",
].filter(Boolean);

const describe = (one) => {
  const said = one.how ? `${one.how.title} ${one.value == null ? "" : value_text(one)}`.trim() : "";
  return [`${one.kind[0].toUpperCase()}${one.kind.slice(1)} ${one.id}`, [said, ...remarks(one)].filter(Boolean).join(", ")].filter(Boolean).join(": ");
};
