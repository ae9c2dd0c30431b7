// Event stream of the host, received once for all tabs of a browser by a shared worker, or by each tab without shared workers.
const HEARD_WITHIN_MS = 40_000; // silence after which the stream counts as lost; the host sends a heartbeat every 15 s
const FORGOTTEN_MS = 60_000; // outage after which missed events are not requested: components load their data again
const UNSEEN_MS = 5_000; // delay after the last tab was hidden until the stream is closed
const FIRST_PAUSE_MS = 1_000;
const MOST_PAUSE_MS = 15_000;
const DRAWN_MS = 60_000; // a tab is drawn in less time: so long the events are kept that it may miss
const MEANS_LOGIN = [401, 403];

const streams = new Map(); // by project

// Serve the port of a tab: join, leave, and report whether the tab is visible.
const serve = (port) => {
  let stream = null;
  port.onmessage = ({ data: said }) => {
    if (said.what === "join") {
      stream?.leave(port);
      stream = streams.get(said.project) ?? new EventStream(said.project);
      streams.set(said.project, stream);
      stream.join(port, said.shown, said.loaded_at, said.since);
    } else if (said.what === "shown") stream?.show(port, said.shown);
    else if (said.what === "leave") stream?.leave(port);
    else if (said.what === "again") for (const one of streams.values()) one.again();
  };
};

class EventStream {
  constructor(project) {
    Object.assign(this, { project, ports: new Map(), last: null, received_at: Date.now(), recent: [], abort: null, unseen: null });
    this.state = { alive: null, since: Date.now() };
  }
  // The tab may have read its data before events that came while it was drawn, also before the first tab has a stream:
  // `newest` is the number of the newest event before it was drawn.
  join(port, shown, loaded_at, newest) {
    this.last ??= newest;
    this.ports.set(port, { shown, missed: false });
    port.postMessage({ what: "state", ...this.state, ended: false });
    const since = Math.max(loaded_at, Date.now() - DRAWN_MS);
    for (const { at, event } of this.recent) if (at >= since) port.postMessage({ what: "event", event });
    if (this.state.ended) this.state = { alive: null, since: Date.now() };
    this.settle();
  }
  leave(port) {
    this.ports.delete(port);
    this.settle();
  }
  show(port, shown) {
    const kept = this.ports.get(port);
    if (!kept) return;
    kept.shown = shown;
    if (shown && kept.missed) {
      kept.missed = false;
      port.postMessage({ what: "state", ...this.state, gap: true });
    }
    this.settle();
  }
  again() {
    this.abort?.abort();
    this.abort = null;
    this.recent = []; // of the user of before
    this.state = { alive: null, since: Date.now() };
    this.settle();
  }
  // Receive events while a tab is visible, and a little longer.
  settle() {
    const seen = [...this.ports.values()].some((one) => one.shown);
    clearTimeout(this.unseen);
    if (seen && !this.abort && !this.state.ended) this.run();
    else if (!seen && this.abort) this.unseen = setTimeout(() => { this.abort?.abort(); this.abort = null; }, UNSEEN_MS);
  }
  say(message) {
    for (const [port, kept] of this.ports) {
      if (kept.shown || message.ended) port.postMessage(message);
      else kept.missed ||= message.what === "event" || message.gap === true;
    }
  }
  set_state(state) {
    const { gap, ...kept } = state;
    this.state = kept;
    this.say({ what: "state", ...state });
  }
  async run() {
    const abort = (this.abort = new AbortController());
    let pause = FIRST_PAUSE_MS;
    while (!abort.signal.aborted) {
      let wait = 0;
      try {
        wait = await this.receive(abort.signal, () => { pause = FIRST_PAUSE_MS; });
      } catch {
        // unavailable: reported below
      }
      if (abort.signal.aborted) return;
      if (this.state.ended) break;
      if (this.state.alive !== false) this.set_state({ alive: false, since: this.received_at });
      await new Promise((done) => setTimeout(done, Math.max(wait, pause)));
      pause = Math.min(2 * pause, MOST_PAUSE_MS);
    }
    if (this.abort === abort) this.abort = null;
  }
  // Receive one response of the host to its end; return the delay that it asks for, in ms.
  async receive(signal, on_start) {
    const own = new AbortController();
    const stop = () => own.abort();
    signal.addEventListener("abort", stop);
    let silent = setTimeout(stop, HEARD_WITHIN_MS);
    try {
      const forgotten = this.last != null && Date.now() - this.received_at > FORGOTTEN_MS;
      if (forgotten) this.last = null;
      const behind = this.last == null ? "" : `&last-event-id=${this.last}`;
      const answer = await fetch(`/live/events?project=${encodeURIComponent(this.project)}${behind}`, {
        cache: "no-store", signal: own.signal, headers: { accept: "text/event-stream" },
      });
      if (MEANS_LOGIN.includes(answer.status)) return this.recent = [], this.set_state({ alive: false, ended: true, since: Date.now() }), 0;
      if (!answer.ok) return 1000 * Number(answer.headers.get("retry-after") ?? 0);
      on_start();
      this.received_at = Date.now();
      this.set_state({ alive: true, since: this.received_at, gap: forgotten });
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      let text = "";
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return 0;
        clearTimeout(silent);
        silent = setTimeout(stop, HEARD_WITHIN_MS);
        this.received_at = Date.now();
        const parts = (text + value).split("\n\n");
        text = parts.pop();
        parts.forEach((part) => this.take(part));
      }
    } finally {
      clearTimeout(silent);
      signal.removeEventListener("abort", stop);
      own.abort();
    }
  }
  take(part) {
    const said = {};
    for (const line of part.split("\n")) {
      const at = line.indexOf(":");
      if (at > 0) said[line.slice(0, at)] = line.slice(at + 1).replace(/^ /, "");
    }
    if (said.id) this.last = said.id;
    if (said.event === "gap") this.set_state({ alive: true, since: this.received_at, gap: true });
    else if (said.data && said.event !== "end") {
      const event = JSON.parse(said.data);
      const at = Date.now();
      this.recent = [...this.recent.filter((one) => at - one.at < DRAWN_MS), { at, event }];
      this.say({ what: "event", event });
    }
  }
}
