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
      on_event((event) => event.chip_id && /^(chip|task|execution)\./.test(event.kind) && this.stale(event.chip_id)),
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
      card.node ??= el("article", { role: "listitem" });
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
    await Promise.all(["whole", "summary", "last"].map((name) => this.one(card, name)));
  }
  async one(card, name) {
    try {
      const answer = await fetch(card.chip[name]);
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
      el("p", {}, `${chip.size} qubits, ${chip.topology}, backend ${chip.backend}`),
      el("p", {}, chip.cooldown ? `cool-down ${chip.cooldown}` : "no cool-down"),
      ...make_status_bar(card, this.data.looks),
      el("p", {}, ...list_violations(card)),
      el("p", {}, ...this.last(card)),
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
      ...(when ? [", ", time_el(when, this.data.zone, "short")] : []),
    ];
  }
}

// Draw the number of qubits by state as a bar, with a description.
function make_status_bar({ whole, chip }, looks) {
  const bar = el("div", { class: "bar", "aria-hidden": "true" });
  if (!whole) return [bar, el("p", {}, "…")];
  const counts = {};
  for (const { status } of Object.values(whole.qubits)) counts[status] = (counts[status] ?? 0) + 1;
  const order = ["calibrated", ...Object.keys(counts).filter((one) => one !== "calibrated").sort()];
  for (const status of order) {
    if (counts[status]) bar.append(el("span", { style: `width:${(100 * counts[status]) / chip.size}%;background:${looks[status]?.[1] ?? "gray"}` }));
  }
  const done = counts.calibrated ?? 0;
  const others = order.slice(1).map((one) => `${counts[one]} ${one}`);
  return [bar, el("p", {}, `${done} of ${chip.size} qubits calibrated (${with_unit(Math.round((100 * done) / chip.size), "%")})${others.length ? `; ${others.join(", ")}` : ""}`)];
}

// List the values out of specification, the worst metrics first, each linked to the map.
function list_violations({ summary, chip, problem }) {
  if (!summary) return [problem ? "" : "…"];
  const bad = [];
  let measured = 0;
  for (const kind of ["qubits", "couplings"]) {
    for (const [name, one] of Object.entries(summary[kind])) {
      if (one.within == null) continue;
      measured += one.n;
      if (one.n > one.within) bad.push({ name, title: one.title ?? name, out: one.n - one.within });
    }
  }
  if (!measured) return ["no values with a specification yet"];
  if (!bad.length) return ["✓ all values within specification"];
  bad.sort((a, b) => b.out - a.out);
  const said = bad.slice(0, 3).flatMap(({ name, title, out }, place) => [
    place ? ", " : "",
    link(chip.metric_href + encodeURIComponent(name), `${title}: ${out}`),
  ]);
  const all = bad.reduce((sum, { out }) => sum + out, 0);
  return [el("strong", {}, `◆ ${all} values out of specification: `), ...said, bad.length > 3 ? ` and ${bad.length - 3} more metrics` : ""];
}

const link = (href, text) => el("a", { href }, text);
