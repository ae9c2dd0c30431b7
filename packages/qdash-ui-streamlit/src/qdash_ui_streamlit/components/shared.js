// Functions that all components share; this file is loaded before each of them.
const el = (name, attributes = {}, ...inside) => {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) if (value != null) made.setAttribute(key, value);
  made.append(...inside.filter((one) => one != null));
  return made;
};
const svg_el = (name, attributes = {}, parent = null) => {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) if (value != null) made.setAttribute(key, value);
  parent?.append(made);
  return made;
};
// Return whether the theme of the page is dark, given an element of a component.
const is_dark = (element) => {
  const [r, g, b] = (getComputedStyle(element).getPropertyValue("--st-background-color").match(/^#(..)(..)(..)/) ?? []).slice(1).map((h) => parseInt(h, 16));
  return r + g + b < 384;
};
// Return the JSON document at a URL; throw an error with the message of the host otherwise.
const read_json = async (address, options = {}) => {
  const answer = await fetch(address, options);
  if (answer.ok) return answer.json();
  const said = await answer.json().catch(() => ({}));
  throw new Error(said.detail ?? `the host responded with status ${answer.status}`);
};
// Call a function with each event that the component `live` passes on; return the function that stops it.
const on_event = (callback) => {
  const listener = (event) => callback(event.detail);
  document.addEventListener("qdash:event", listener);
  return () => document.removeEventListener("qdash:event", listener);
};
// Return whether an event has one of these kinds, with `*` at the end as a wildcard, and none of those after a `!`.
const has_kind = (kinds, event) => {
  const is = (kind) => (kind.endsWith("*") ? event.kind.startsWith(kind.slice(0, -1)) : event.kind === kind);
  return kinds.some(is) && !kinds.some((kind) => kind.startsWith("!") && is(kind.slice(1)));
};
// Return the events of the last half minute with the times at which they came, the oldest first. A page is drawn in less time.
const RECENT_MS = 30_000;
const recent_events = () => (window.__qdash_live?.recent ?? []).filter((one) => Date.now() - one.at < RECENT_MS);
// The same for each state of the stream: alive, since, gap (events are lost: load data again), ended.
const on_live = (callback) => {
  const listener = (event) => callback(event.detail);
  document.addEventListener("qdash:live", listener);
  return () => document.removeEventListener("qdash:live", listener);
};
// Return a number with a true minus sign, and a value with its unit: 81.5(13) µs.
const number_text = (text) => String(text).replaceAll("-", "−");
const unit_text = (unit) => (unit === "us" ? "µs" : unit ?? "");
const with_unit = (text, unit) => (unit ? `${text}\u00a0${unit_text(unit)}` : String(text));
// Return a text with the symbol of a unit after each number, and no line break between them.
const use_unit_symbols = (text) =>
  (text ?? "").replace(/(?<=[\d)]) (?=(?:[GMk]?Hz|[mun]?s|µs|a\.u\.|m?rad|%)(?![\w/]))/g, "\u00a0").replace(/(?<=\u00a0)us\b/g, "µs");
// Return the parts of a text between which a line may break: also within names such as CheckReadoutFrequency and qubit_frequency, but not
// within times, which browsers break at their hyphens.
const TIME = /(\b\d{4}-\d\d-\d\d(?:T[\d:.]+Z?)?)/;
const NAME_BREAK = /(?<=[a-z0-9])(?=[A-Z][a-z])|(?<=[a-z0-9]_)(?=[a-z])/;
const break_names = (text) => text.split(NAME_BREAK).flatMap((part, place) => (place ? [el("wbr"), part] : [part]));
const breakable = (text) => text.split(TIME).flatMap((part, place) => (place % 2 ? [el("span", { style: "white-space:nowrap" }, part)] : break_names(part)));
// Return a value with its standard deviation, as the command line does: 81.5(13); six digits without one.
const with_error = (value, error) => {
  if (value == null || !Number.isFinite(value)) return "–";
  if (!(error > 0)) return number_text(Number(value.toPrecision(6)));
  const exponent = Math.floor(Math.log10(error));
  const decimals = Math.max(0, (error < 2 * 10 ** exponent ? 1 : 0) - exponent);
  return number_text(`${value.toFixed(decimals)}(${Math.round(error * 10 ** decimals)})`);
};
// Return a duration as text, as format_duration of display/times.py: 12 ms, 7.3 s, 42 s, 3 min 5 s, 2 h 4 min, 2 d 3 h.
const DURATIONS = [[86400, "d", 3600, "h"], [3600, "h", 60, "min"], [60, "min", 1, "s"]];
const duration = (s) => {
  if (s > 0 && s < 1) return with_unit(Number((1000 * s).toPrecision(2)), "ms");
  if (s < 9.95) return with_unit(Number(s.toPrecision(2)), "s");
  const whole = Math.round(s);
  const [size, unit, part, lesser] = DURATIONS.find(([least]) => whole >= least) ?? [1, "s"];
  const rest = part ? Math.floor((whole % size) / part) : 0;
  return with_unit(Math.floor(whole / size), unit) + (rest ? ` ${with_unit(rest, lesser)}` : "");
};
// Return a duration in seconds as short text: 42 s, 9 h.
const span_text = (s) => {
  const [n, unit] = s < 90 ? [s, "s"] : s < 5400 ? [s / 60, "min"] : s < 172800 ? [s / 3600, "h"] : [s / 86400, "d"];
  return with_unit(Math.round(n), unit);
};
// The simulated time of the home in milliseconds, which the component `simulated_time` sets, or null.
const home = (window.__qdash_home ??= { simulated: null });
// Return the age of a time in milliseconds as text: 9 h ago.
const age = (at) => {
  const s = Math.max(0, ((home.simulated ?? Date.now()) - at) / 1000);
  return `${span_text(s)} ago`;
};
// Return a time in a time zone, with UTC as a tooltip.
const time_text = (moment, zone, timeStyle = "medium") =>
  new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle }).format(new Date(moment));
const time_el = (moment, zone, timeStyle) =>
  el("time", { datetime: moment, title: `${new Date(moment).toISOString().slice(0, 19).replace("T", " ")} UTC` }, time_text(moment, zone, timeStyle));
// Return the mark of a status and its text; `looks` is `STYLE_DATA` of display/statuses.py.
const state_parts = (looks, state, words = state) => {
  const [shape, colour] = looks[state] ?? ["?", "gray"];
  return [el("span", { style: `color:${colour}`, "aria-hidden": "true" }, shape), ` ${words}`];
};
// Navigate within the dashboard without a reload. Streamlit handles it like Back and Forward; a navigation from the script instead
// would overwrite the query parameters of the history entry to which Back returns.
const navigate = (href) => {
  history.pushState({}, "", href);
  dispatchEvent(new PopStateEvent("popstate", { state: {} }));
};
