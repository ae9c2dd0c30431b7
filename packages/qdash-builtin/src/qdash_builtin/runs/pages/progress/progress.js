const LOOK_EVERY_MS = 3000; // interval between requests of the exact progress; between them, events are counted
const LOOK_WITHOUT_EVENT_MS = 15_000; // the end of a run whose process is gone is no event
const ORDER = ["accepted", "flagged", "completed", "failed", "skipped", "cancelled", "running"];
const CHARACTER_PX = 7; // width of a character in the bar
const TROUBLES = ["flagged", "failed"]; // told in words, since their parts of the bar are often too narrow for a text
const kept = new WeakMap();

export default function ({ data, parentElement: root, setTriggerValue }) {
  let run = kept.get(root);
  if (run && run.data.source !== data.source) {
    run.end();
    run = null;
  }
  if (!run) {
    run = new Run(root, data);
    kept.set(root, run);
  }
  run.data = data;
  root.querySelector("button").onclick = () => setTriggerValue("cancel", Date.now());
  run.paint();
  return () => {
    run.end();
    kept.delete(root);
  };
}

class Run {
  constructor(root, data) {
    Object.assign(this, { root, data, far: null, at: 0, seen: new Set(), asking: false, due: null, problem: "" });
    const off = [
      on_event((event) => event.execution_id === data.execution_id && this.heard(event)),
      on_live((live) => (live.alive && !this.far) || live.gap ? this.look_in(0) : null),
    ];
    const clock = setInterval(() => {
      if (!this.goes_on()) return;
      if (Date.now() - this.asked_at > LOOK_WITHOUT_EVENT_MS) this.look_in(0);
      this.paint_clocks();
    }, 1000);
    this.end = () => {
      off.forEach((stop) => stop());
      clearInterval(clock);
      clearTimeout(this.due);
      this.ended = true;
    };
    this.look();
  }
  goes_on() {
    return this.far?.status === "running" && !this.far.interrupted;
  }
  look_in(ms) {
    this.due ??= setTimeout(() => this.look(), ms);
  }
  async look() {
    clearTimeout(this.due);
    this.due = null;
    if (this.asking) return this.look_in(100); // its answer may be older than the event that asks
    this.asking = true;
    this.asked_at = Date.now();
    try {
      const answer = await fetch(this.data.source);
      const said = await answer.json();
      this.problem = answer.ok ? "" : begin_sentence(said.detail);
      if (answer.ok) {
        this.far = said;
        this.at = Date.now();
        this.seen.clear();
      }
    } catch {
      this.problem = "The progress cannot be loaded.";
    }
    this.asking = false;
    if (!this.ended) this.paint();
  }
  // Count an event at once; the next response of the host corrects double counts.
  heard(event) {
    const [what, state] = event.kind.split(".");
    if (what !== "task" || !this.far) return this.look_in(100);
    const { name, qid } = event.data;
    const node = `${name} ${qid}`;
    if (!this.seen.has(node) && this.far.done < this.far.total) {
      this.seen.add(node);
      const { outcomes, stage } = this.far;
      const outcome = (state === "completed" && event.data.verdict) || state;
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      if (outcomes.running > 0) outcomes.running -= 1;
      this.far.measuring = this.far.measuring.filter((one) => one.task !== name || one.target !== qid);
      if (state !== "cancelled") {
        this.far.done += 1;
        if (stage && stage.done < stage.total) stage.done += 1;
      }
      this.paint();
    }
    return this.look_in(LOOK_EVERY_MS);
  }
  paint() {
    const part = (name) => this.root.querySelector(name);
    const { far, data } = this;
    const link = part("a");
    link.href = data.href;
    link.textContent = far ? `${far.name} on ${far.chip_id || "no chip"}, ${data.execution_id}` : data.execution_id;
    if (!far) {
      part(".now").textContent = this.problem || "…";
      return;
    }
    const status = far.interrupted ? "interrupted" : far.status;
    const said = far.cancel_requested ? `${status}, cancellation requested` : status;
    part(".state").replaceChildren(...state_parts(data.looks, status, said));
    part("button").hidden = !data.cancel || !["running", "scheduled"].includes(far.status) || far.cancel_requested || far.interrupted;
    part("button").setAttribute("aria-label", `Cancel ${far.execution_id}`);
    this.paint_bar(part(".bar"));
    this.paint_clocks();
    part(".now").textContent = this.problem || (this.goes_on() ? measuring(far) : begin_sentence(far.message));
  }
  paint_bar(bar) {
    const { total, done, outcomes, execution_id } = this.far;
    const all = Math.max(total, ORDER.reduce((sum, state) => sum + (outcomes[state] ?? 0), 0));
    bar.setAttribute("aria-valuemax", total);
    bar.setAttribute("aria-valuenow", done);
    bar.setAttribute("aria-label", `Progress of ${execution_id}`);
    bar.hidden = !all;
    bar.replaceChildren(...ORDER.filter((state) => outcomes[state]).map((state) => {
      const [shape, colour] = this.data.looks[state];
      const text = `${outcomes[state]} ${state}`;
      const made = el("span", { class: state, style: `width:${(100 * outcomes[state]) / all}%;--colour:${colour}`, title: text });
      if ((outcomes[state] / all) * bar.clientWidth > CHARACTER_PX * (text.length + 4)) made.append(`${shape} ${text}`);
      return made;
    }));
  }
  paint_clocks() {
    const { far } = this;
    // Simulated time does not pass by itself.
    const since = this.goes_on() && home.simulated == null ? (Date.now() - this.at) / 1000 : 0;
    const words = far.total ? [`${far.done} of ${far.total} results`, ...TROUBLES.filter((state) => far.outcomes[state]).map((state) => `${far.outcomes[state]} ${state}`)] : [];
    const [first, ...others] = far.stage?.tasks ?? [];
    if (this.goes_on() && far.stage) words.push(`stage ${far.stage.number}: ${first}${others.length ? ` and ${others.length} more` : ""}, ${far.stage.done} of ${far.stage.total}`);
    const left_s = this.goes_on() && far.left_s != null ? Math.round(far.left_s - since) : 0;
    if (left_s > 0) words.push(`${duration(left_s)} left in this stage`);
    if (far.running_s) words.push(this.goes_on() ? `running for ${duration(Math.round(far.running_s + since))}` : `took ${duration(far.running_s)}`);
    this.root.querySelector(".far").textContent = words.join(" · ");
  }
}

const measuring = ({ measuring: [first, ...others] }) =>
  first ? `${spoken(first.target)}: ${first.task}${others.length ? ` (+${others.length})` : ""}` : "";
const spoken = (target) => (target ? `${target.includes("-") ? "coupling" : "qubit"} ${target}` : "chip");
