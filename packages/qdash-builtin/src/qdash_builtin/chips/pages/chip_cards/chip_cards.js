const AGAIN_MS = 5000; // shortest interval between two reads of a chip after events
const kept = new WeakMap();

export default function ({ data, parentElement: root }) {
  let cards = kept.get(root);
  if (!cards) {
    cards = new Cards(root.querySelector(".cards"));
    kept.set(root, cards);
  }
  cards.show(data);
  return () => {
    cards.end();
    kept.delete(root);
  };
}

class Cards {
  constructor(place) {
    Object.assign(this, { place, of: new Map(), text: "" });
    const off = [
      on_event((event) => event.chip_id && has_kind(this.data.kinds, event) && this.stale(event.chip_id)),
      on_live((live) => live.gap && [...this.of.keys()].forEach((one) => this.stale(one))),
    ];
    this.end = () => {
      off.forEach((stop) => stop());
      this.of.forEach((card) => clearTimeout(card.due));
      this.of.clear();
    };
  }
  show(data) {
    const text = JSON.stringify(data);
    if (text === this.text) return;
    this.text = text;
    this.data = data;
    const before = this.of;
    this.of = new Map(data.chips.map((chip) => [chip.chip_id, { ...before.get(chip.chip_id), chip }]));
    this.of.forEach((card) => {
      card.node ??= el("div", { class: "card", role: "listitem" });
      this.paint(card);
      if (!card.read_at) this.read(card);
    });
    this.place.replaceChildren(...[...this.of.values()].map((card) => card.node));
  }
  stale(chip_id) {
    const card = this.of.get(chip_id);
    if (card) card.due ??= setTimeout(() => { card.due = null; this.read(card); }, AGAIN_MS);
  }
  async read(card) {
    card.read_at = Date.now();
    card.problem = false;
    await Promise.all(["attention", "last"].map((name) => this.one(card, name)));
  }
  async one(card, name) {
    try {
      const answer = await fetch(card.chip[name], { cache: "no-cache" });
      if (answer.ok) card[name] = await answer.json();
      else card.problem = true;
    } catch {
      card.problem = true;
    }
    if (this.of.has(card.chip.chip_id)) this.paint(card);
  }
  paint(card) {
    const { chip } = card;
    card.node.replaceChildren(
      el("h3", {}, link(chip.href, chip.chip_id)),
      ...list_attention(card, this.data.looks, this.data.mark_words),
      el("p", {}, ...this.last(card)),
      el("p", {}, el("a", { href: chip.compare_href, "aria-label": `Since yesterday: changes of ${chip.chip_id}` }, "Since yesterday"),
        " · ", el("a", { href: chip.fits_href, "aria-label": `Fits of ${chip.chip_id}` }, "Fits")),
      el("p", { class: "quiet" }, `${chip.topology}, backend ${chip.backend}, ${chip.cooldown ? `cool-down ${chip.cooldown}` : "no cool-down"}`),
    );
  }
  last({ chip, last, problem }) {
    if (!last) return [problem ? "some data could not be loaded" : "…"];
    // A waiting run has no outcome yet.
    const run = last.items.find((one) => one.start_at) ?? last.items[0];
    if (!run) return ["no runs yet"];
    const status = run.interrupted ? "interrupted" : run.status;
    const when = run.end_at ?? run.start_at;
    return [
      "last run: ",
      ...state_parts(this.data.looks, status),
      ", ",
      link(chip.execution_href + encodeURIComponent(run.execution_id), run.name),
      ...(when ? [", ", time_el(when, this.data.zone, "short"), ` ${this.data.zone}`] : []),
    ];
  }
}

const KINDS = ["qubit", "coupling"];
const MOST_FAILED = 5; // number of failed and dead targets with reasons on a card
const plural = (count, noun) => `${count} ${noun}${count === 1 ? "" : "s"}`;

// Draw what needs attention, the most urgent first: failed targets, flagged results, marked values, values out of specification.
function list_attention({ attention, chip, problem }, looks, words_by_mark) {
  if (!attention) return [el("p", {}, problem ? "" : "…")];
  const of = (kind) => attention[`${kind}s`];
  const failed = KINDS.flatMap((kind) => of(kind).failed.map((one) => [kind, one]));
  return [
    ...failed.slice(0, MOST_FAILED).map(([kind, one]) => describe_failed(chip, looks, kind, one)),
    failed.length > MOST_FAILED ? el("p", {}, `and ${failed.length - MOST_FAILED} more failed or dead targets`) : null,
    make_status_bar(of("qubit"), chip, looks),
    ...KINDS.filter((kind) => kind === "qubit" || has_results(of(kind))).map((kind) => count_statuses(chip, looks, kind, of(kind))),
    list_flagged(chip, looks, KINDS.map((kind) => [kind, of(kind)])),
    list_values(chip, looks, words_by_mark, KINDS.map((kind) => [kind, of(kind)])),
  ].filter(Boolean);
}

const has_results = ({ statuses }) => Object.keys(statuses).some((status) => status !== "pending");

function describe_failed(chip, looks, kind, { id, status, status_reason, note }) {
  const href = `${chip[`${kind}_href`]}&${kind}=${encodeURIComponent(id)}`;
  const reason = use_unit_symbols(status_reason?.text ?? note ?? "");
  return el("p", { class: "failed" }, el("strong", {}, ...state_parts(looks, status, ""), link(href, `${kind} ${id} ${status}`)),
    reason ? `: ${reason}` : "", ...(status_reason?.task_id ? [" ", link(chip.result_href + encodeURIComponent(status_reason.task_id), "result")] : []));
}

// Draw the number of qubits by status as a bar; the text below it says the same.
function make_status_bar({ statuses }, chip, looks) {
  const bar = el("div", { class: "bar", "aria-hidden": "true" });
  for (const status of in_order(statuses)) {
    bar.append(el("span", { class: status, style: `width:${(100 * statuses[status]) / chip.size}%;background:${looks[status]?.[1] ?? "gray"}` }));
  }
  return bar;
}

const ORDER = ["dead", "failed", "calibrated", "pending", "excluded"];
const in_order = (statuses) => ORDER.filter((status) => statuses[status]);

function count_statuses(chip, looks, kind, { statuses }) {
  const all = Object.values(statuses).reduce((sum, count) => sum + count, 0);
  const parts = in_order(statuses).map((status) => counted(looks, status, statuses[status], ` ${status}`, `${chip[`${kind}_href`]}&status=${status}`));
  return el("p", {}, `${plural(all, kind)}: `, ...joined(parts.map((part) => [part])));
}

function list_flagged(chip, looks, kinds) {
  const flagged = kinds.reduce((total, [, kind]) => total + kind.flagged, 0);
  return flagged ? el("p", {}, counted(looks, "flagged", flagged, ` flagged ${flagged === 1 ? "result awaits" : "results await"} a decision`, chip.review_href)) : null;
}

// The numbers of values by mark, and of those out of specification with the worst metrics.
function list_values(chip, looks, words_by_mark, kinds) {
  const parts = [];
  for (const [mark, words] of Object.entries(words_by_mark)) {
    const count = kinds.reduce((total, [, { marks }]) => total + (marks[mark] ?? 0), 0);
    if (count) parts.push([counted(looks, mark, count, ` ${words}`, `${chip.values_href}&show=${mark}`)]);
  }
  const bad = kinds.flatMap(([kind, { out_of_spec }]) => out_of_spec.map((one) => ({ ...one, kind }))).sort((a, b) => b.n - a.n);
  if (bad.length) {
    const list = `${chip.values_href}&show=out-of-spec`;
    const worst = bad.slice(0, 3).map(({ kind, metric, title, n }) => [count_link(`${list}&kind=${kind}&metric=${encodeURIComponent(metric)}`, n, `${title} ${n}`)]);
    const all = counted(looks, "outside", bad.reduce((sum, { n }) => sum + n, 0), " out of specification", list);
    parts.push([all, " (", ...joined(worst), bad.length > 3 ? ` and ${bad.length - 3} more metrics)` : ")"]);
  }
  return el("p", { class: "quiet" }, "Values: ", ...(parts.length ? joined(parts) : ["none needs attention"]));
}

// A number with words and the symbol of a state; it opens the list of what it counts.
const counted = (looks, state, count, words, href) => el("span", { class: "counted" }, ...state_parts(looks, state, ""), count_link(href, count, `${count}${words}`));
const count_link = (href, count, text) => el("a", { href, "data-count": count }, text);
const joined = (parts) => parts.flatMap((part, place) => (place ? [", ", ...part] : part));
const link = (href, text) => el("a", { href }, text);
