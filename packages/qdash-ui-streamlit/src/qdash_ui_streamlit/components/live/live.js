// One port for each tab, on all pages: another page mounts this component again, and keeps the port.
const tab = (window.__qdash_live ??= { port: null, shown: null, project: null, leaving: null, recent: [] });

export default function ({ data, parentElement: root, setTriggerValue }) {
  report_lost_server();
  const shown = root.querySelector(".live");
  clearTimeout(tab.leaving);
  tab.paint = (state) => show_state(shown, state, data.zone);
  tab.ended = () => setTriggerValue("ended", Date.now());
  if (!tab.port) connect(data.worker);
  if (tab.project !== data.project) {
    tab.project = data.project;
    tab.since = data.since;
    join();
  } else if (tab.state) tab.paint(tab.state);
  return () => {
    tab.leaving = setTimeout(() => {
      tab.port.postMessage({ what: "leave" });
      tab.project = null;
    }, 3000);
  };
}

function connect(script) {
  try {
    const worker = new SharedWorker(script, { name: "qdash-live" });
    tab.port = worker.port;
    worker.onerror = () => open_own_stream();
  } catch {
    open_own_stream();
    return;
  }
  listen();
}

// Without shared workers in the browser, each tab has its own stream.
function open_own_stream() {
  const { port1, port2 } = new MessageChannel();
  serve(port2);
  tab.port = port1;
  listen();
  if (tab.project) join();
}

function join() {
  tab.port.postMessage({ what: "join", project: tab.project, since: tab.since, shown: !document.hidden, loaded_at: performance.timeOrigin });
}

function listen() {
  tab.port.onmessage = ({ data: { what, ...said } }) => {
    if (what === "event") {
      tab.recent = [...recent_events(), { at: Date.now(), event: said.event }];
      document.dispatchEvent(new CustomEvent("qdash:event", { detail: said.event }));
      return;
    }
    tab.state = said;
    tab.paint(said);
    document.dispatchEvent(new CustomEvent("qdash:live", { detail: said }));
    if (said.ended) tab.ended();
  };
  if (tab.watched) return;
  tab.watched = true;
  document.addEventListener("visibilitychange", () => tab.port.postMessage({ what: "shown", shown: !document.hidden }));
  addEventListener("pagehide", () => tab.port.postMessage({ what: "leave" }));
  addEventListener("pageshow", (event) => {
    if (event.persisted && tab.project) join();
  });
  // After a login or logout in another tab, access to the events may have changed.
  new BroadcastChannel("qdash.login").addEventListener("message", () => tab.port.postMessage({ what: "again" }));
}

function show_state(shown, { alive, ended, since }, zone) {
  const time = new Intl.DateTimeFormat([], { timeZone: zone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  shown.dataset.state = alive == null ? "begins" : alive ? "live" : "away";
  const text = ended ? "logged out" : alive == null ? "connecting" : alive ? "live" : `no connection since ${time.format(since)}`;
  if (shown.textContent !== text) shown.textContent = text;
}
