const kept = new WeakMap();
const LISTS = new Set(["states", "links", "lines"]);
export default function ({ data, parentElement: root, setStateValue, setTriggerValue }) {
  let state = kept.get(root);
  if (!state) kept.set(root, (state = { ...read_order(data), words: data.words.toLowerCase(), chosen: new Set(), shown: data.shown, ...build_table(root, data.words) }));
  Object.assign(state, { data, choose: setStateValue, shown: Math.max(state.shown, data.shown), columns: chosen_columns(data) });
  state.choose_columns = (names) => {
    store_columns(data.choice.place, names);
    state.columns = names;
    paint(state);
    setTriggerValue("columns", names);
  };
  const known = new Set(data.rows.map((row) => row[data.chosen_by]));
  for (const one of state.chosen) if (!known.has(one)) state.chosen.delete(one);
  state.filter.hidden = !data.filtered || (data.rows.length < 8 && !state.words);
  state.filter.setAttribute("aria-label", `Filter ${data.label}`);
  state.filter.oninput = () => { state.words = state.filter.value.toLowerCase(); write_order(state); paint(state); };
  state.file.hidden = !data.file;
  state.file.onclick = () => save_file(new Blob([table_csv(data, state.visible, state.rows)], { type: "text/csv" }), data.file);
  state.choice.hidden = !data.choice;
  state.scroll.classList.toggle("matrix", Boolean(data.opens));
  state.more.onclick = () => { state.shown += state.data.shown; paint(state); };
  paint(state);
  return () => {};
}

// The order and the words of the filter, as the URL has them.
const read_order = ({ sort }) => ({ sort: (sort || "").replace(/^-/, "") || null, up: !(sort || "").startsWith("-") });
function write_order({ data, sort, up, filter }) {
  if (data.sort === false) return;
  const address = new URL(location.href);
  for (const [name, value] of [["sort", sort && (up ? sort : `-${sort}`)], ["words", filter.value.trim()]]) value ? address.searchParams.set(name, value) : address.searchParams.delete(name);
  if (address.href !== location.href) history.replaceState(history.state, "", address);
}
function build_table(root, words) {
  const place = root.querySelector(".place");
  const filter = el("input", { type: "search", placeholder: "Filter", class: "filter" });
  filter.value = words;
  const table = el("table");
  const more = el("button", { class: "more" });
  const scroll = el("div", { class: "scroll", tabindex: "0", role: "region" }, table);
  const note = el("p", { class: "note" });
  const choice = el("details", { class: "columns" });
  const file = el("button", { class: "more", title: "The rows and columns that are shown" }, "CSV");
  place.replaceChildren(el("div", { class: "controls" }, filter, choice, file), scroll, note, more);
  scroll.onscroll = () => mark_edges(scroll);
  new ResizeObserver(() => fit(scroll)).observe(scroll);
  return { filter, table, more, note, choice, file, scroll };
}

// Draw a table that is too wide without columns that have no value, and times in two lines; if that does not suffice, it scrolls.
function fit(scroll) {
  if (!scroll.classList.contains("matrix")) {
    scroll.classList.remove("tight");
    scroll.classList.toggle("tight", scroll.scrollWidth > scroll.clientWidth);
  }
  mark_edges(scroll);
}

// Mark the edges behind which there are further columns.
function mark_edges(scroll) {
  const right = scroll.scrollWidth - scroll.clientWidth - scroll.scrollLeft;
  scroll.classList.toggle("more-left", scroll.scrollLeft > 1);
  scroll.classList.toggle("more-right", right > 1);
}

function paint(state) {
  const { data, table } = state;
  table.parentElement.setAttribute("aria-label", data.label);
  const words = state.words.split(/\s+/).filter(Boolean);
  let rows = words.length ? data.rows.filter((row) => { const text = textOf(data, row); return words.every((word) => text.includes(word)); }) : [...data.rows];
  if (state.sort) {
    const kind = data.columns.find(([name]) => name === state.sort)?.[2];
    const of = (row) => { const cell = row[state.sort]; return LISTS.has(kind) ? cell?.length ? cellText(data, kind, cell) : null : Array.isArray(cell) ? cell[0] : cell; };
    rows.sort((a, b) => compare(of(a), of(b)) * (state.up || of(a) == null || of(b) == null ? 1 : -1));
  }
  const shown = rows.slice(0, state.shown);
  const absent = find_absent(data);
  state.rows = rows;
  state.visible = visible_columns(data, state.columns);
  if (data.choice) show_choice(state.choice, data, state.columns, state.choose_columns);
  const body = el("tbody", {}, ...shown.map((row) => known_row(state, row, absent)));
  if (!rows.length) body.append(el("tr", {}, el("td", { colspan: state.visible.length + 1, class: "empty" }, words.length ? "No rows match the filter." : data.empty)));
  const heads = state.visible.map(([name, title, kind, , help]) => {
    const zone = kind === "time" && data.clock ? ` (${data.clock})` : "";
    const button = el("button", { title: help || null }, title + zone, el("span", { "aria-hidden": "true" }, state.sort === name ? (state.up ? " ▲" : " ▼") : ""));
    button.onclick = () => { state.up = state.sort === name ? !state.up : true; state.sort = name; write_order(state); paint(state); state.table.querySelectorAll("th button")[state.visible.findIndex((one) => one[0] === name)]?.focus(); };
    const sorted = state.sort === name ? (state.up ? "ascending" : "descending") : null;
    const width = kind === "text" ? text_width(shown.map((row) => cellText(data, kind, row[name]))) : null;
    return el("th", { scope: "col", class: absent.has(name) ? `${kind} absent` : kind, "aria-sort": sorted, style: width && `min-width:${width}ch` }, button);
  });
  if (data.chosen_by) heads.unshift(el("th", { scope: "col" }, allBox(state, rows)));
  table.replaceChildren(el("thead", {}, el("tr", {}, ...heads)), body);
  state.note.textContent = absent.size ? `No row has a value for: ${data.columns.filter(([name]) => absent.has(name)).map(([, title]) => title).join(", ")}.` : "";
  name_parts(state, words.length ? `${rows.length} of ${data.rows.length} rows` : "");
  state.more.hidden = rows.length <= state.shown;
  state.more.textContent = `Show more (${rows.length - shown.length} left)`;
  fit(table.parentElement);
}

// Return the names of the columns in which no row has a value.
const is_missing = (value) => value == null || value === "" || (Array.isArray(value) && !value.some((one) => one != null && one !== ""));
const find_absent = ({ rows, columns }) => new Set(rows.length ? columns.map(([name]) => name).filter((name) => rows.every((row) => is_missing(row[name]))) : []);

// Return the least width of a column of texts in characters: a short text, a word and a date stay in one line, and a long text takes about four.
const SHORT = 18, WIDEST = 40;
function text_width(texts) {
  const longest = Math.max(0, ...texts.map((text) => text.length));
  const word = Math.max(0, ...texts.flatMap((text) => text.split(/[\s_]|(?<!\d)-|(?<=[a-z0-9])(?=[A-Z][a-z])/)).map((part) => part.length + 1));
  return Math.min(WIDEST, Math.max(Math.min(longest, SHORT), word, longest / 4));
}

// For screen readers: the name of the table, the cell that names each row, and the number of rows that a filter leaves.
function name_parts(state, count) {
  const { table, data } = state;
  table.prepend(el("caption", { class: "unseen" }, data.label));
  const first = data.chosen_by ? 2 : 1;
  for (const cell of table.querySelectorAll(`tbody td:not(.empty):nth-child(${first})`)) cell.setAttribute("role", "rowheader");
  if (!state.said) state.filter.after((state.said = el("span", { class: "unseen", role: "status" })));
  if (state.said.textContent !== count) state.said.textContent = count;
}

const compare = (a, b) => (a == null ? (b == null ? 0 : 1) : b == null ? -1 : typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), undefined, { numeric: true }));
const textOf = (data, row) => data.columns.map(([name, , kind]) => cellText(data, kind, row[name])).join(" ").toLowerCase();

// Rows are made once for the same data and columns, as a sort or a filter of hundreds shows the same ones.
function known_row(state, row, absent) {
  const columns = state.visible.map(([name]) => name).join();
  if (state.made?.data !== state.data || state.made.columns !== columns) state.made = { data: state.data, columns, rows: new Map() };
  let made = state.made.rows.get(row);
  if (!made) state.made.rows.set(row, (made = make_row(state, row, absent)));
  for (const one of made.querySelectorAll("input")) one.checked = state.chosen.has(row[state.data.chosen_by]);
  return made;
}

function make_row(state, row, absent) {
  const { data } = state;
  const cells = state.visible.map(([name, , kind, link]) => {
    if (kind === "judged") return judged_cell(data, row[name], link);
    const href = link && row[link];
    const inside = cell(data, kind, row[name], href);
    return el("td", { class: absent.has(name) ? `${kind} absent` : kind }, href ? el("a", { href }, inside) : inside);
  });
  if (data.chosen_by) cells.unshift(el("td", {}, box(state, row[data.chosen_by])));
  const made = el("tr", {}, ...cells);
  if (data.opens) open_by_click(made, row[data.opens]);
  return made;
}

// A click on a row opens its page, with the query parameters of the cell; arrow keys go from the link of a row to those beside it.
function open_by_click(row, href) {
  row.onclick = (event) => {
    if (event.target.closest("a, button, input") || getSelection().toString()) return;
    const more = event.target.closest("td").dataset.more;
    const to = more ? `${href}&${more}` : href;
    event.ctrlKey || event.metaKey ? open(to, "_blank") : navigate(to);
  };
  row.onkeydown = (event) => {
    const other = { ArrowDown: row.nextElementSibling, ArrowUp: row.previousElementSibling }[event.key];
    if (!other) return;
    event.preventDefault();
    other.querySelector("a")?.focus();
  };
}

// A value in the unit of its heading, with the mark and the colour of its specification, and its marks as symbols.
function judged_cell(data, value, more) {
  if (!value) return el("td", { class: "judged", "data-more": more || null }, "–");
  const [number, error, state, marks, at, unit, limit] = value;
  const parts = [with_unit(with_error(number, error), unit)];
  if (state) parts.unshift(state_symbol(data, state, `${state} specification${limit ? `: ${limit}` : ""}`), "\u00a0");
  for (const one of marks ?? []) parts.push(" ", state_symbol(data, one.state, one.title ? `${one.text}: ${one.title}` : one.text));
  const title = at && `measured ${time_text(at, data.zone)}`;
  return el("td", { class: `judged ${state ?? ""}`, "data-more": more || null, title }, ...parts);
}

function state_symbol(data, state, words) {
  const [shape, colour] = data.looks[state] ?? ["?", "gray"];
  return el("span", { role: "img", "aria-label": words, title: words, style: `color:${colour}` }, shape);
}

function box(state, id) {
  const made = el("input", { type: "checkbox", "aria-label": `select ${id}` });
  made.checked = state.chosen.has(id);
  made.onchange = () => { made.checked ? state.chosen.add(id) : state.chosen.delete(id); state.choose("chosen", [...state.chosen]); };
  return made;
}

function allBox(state, rows) {
  const made = el("input", { type: "checkbox", "aria-label": "select all" });
  made.checked = rows.length > 0 && rows.every((row) => state.chosen.has(row[state.data.chosen_by]));
  made.onchange = () => {
    for (const row of rows) made.checked ? state.chosen.add(row[state.data.chosen_by]) : state.chosen.delete(row[state.data.chosen_by]);
    state.choose("chosen", [...state.chosen]);
    paint(state);
  };
  return made;
}

// Whether a cell of a column of times says in words why there is none.
const is_words = (value) => !/^\d{4}-/.test(value);

function cell(data, kind, value, href) {
  if (value == null || value === "") return "–";
  if (kind === "status") return el("span", {}, ...state_parts(data.looks, value));
  if (kind === "time" && !is_words(value)) return time_el(value, data.zone);
  if (kind === "code") return el("code", {}, String(value));
  if ((kind === "states" || kind === "links") && value.length) return el("ul", {}, ...value.map((one) => state_item(data, one)));
  if (kind === "lines" && value.length) return el("ul", {}, ...value.map((one) => el("li", {}, one)));
  if (kind === "text") return el("span", {}, ...text_parts(cellText(data, kind, value), data, href));
  return cellText(data, kind, value);
}

// A text with commands between backticks as code, and with links from ids of executions unless it is a link.
const text_parts = (text, data, href) =>
  text.split(/(`[^`\n]+`)/).flatMap((part, place) => (place % 2 ? [el("code", {}, part.slice(1, -1))] : (href ? breakable : linked_text)(part, data)));
const EXECUTION = /\b(\d{8}-\d{3,})\b/;
const linked_text = (text, data) => text.split(EXECUTION).flatMap((part, place) => (place % 2 && data.execution ? [el("a", { href: data.execution + part, style: "white-space:nowrap" }, part)] : breakable(part)));
// A link, or a state with its symbol; what the title says is in the text for screen readers, too.
function state_item(data, { state, text, href, title }) {
  const words = use_unit_symbols(text);
  const said = [...(state ? [state_parts(data.looks, state)[0], `\u00a0${words}`] : [words]), title ? el("span", { class: "unseen" }, `: ${title}`) : null].filter(Boolean);
  return el("li", { title: title || null }, ...(href ? [el("a", { href }, ...said)] : said));
}

function cellText(data, kind, value) {
  if (value == null || value === "") return "–";
  if (kind === "states" || kind === "links") return value.map((one) => one.text).join(", ") || "–";
  if (kind === "lines") return value.join(", ") || "–";
  if (kind === "time") return is_words(value) ? value : time_text(value, data.zone);
  if (kind === "judged") return [with_unit(with_error(value[0], value[1]), value[5]), value[2], ...(value[3] ?? []).map((one) => one.text)].filter(Boolean).join(" ");
  if (kind === "quantity") return with_unit(with_error(value[0], value[1]), value[2]);
  if (kind === "seconds") return duration(value);
  if (kind === "age") return span_text(value);
  if (kind === "number") return typeof value === "number" ? number_text(value.toLocaleString("en", { maximumSignificantDigits: 6 })) : String(value);
  return use_unit_symbols(String(value));
}
