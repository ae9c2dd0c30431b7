const kept = new WeakMap();
export default function ({ data, parentElement: root }) {
  let state = kept.get(root);
  if (!state || state.project !== data.project) {
    state?.end();
    state = begun(root.querySelector(".live"), data);
    kept.set(root, state);
  }
  return () => {
    state.end();
    kept.delete(root);
  };
}

function begun(shown, data) {
  let source = null;
  let last = null;
  const say = (text, alive) => {
    shown.textContent = text;
    shown.classList.toggle("away", !alive);
    document.dispatchEvent(new CustomEvent("qdash:live", { detail: { alive } }));
  };
  const time = () => new Date().toLocaleTimeString([], { timeZone: data.zone, hour12: false });
  const open = () => {
    if (source || document.hidden) return;
    const after = last == null ? "" : `&after=${last}`;
    source = new EventSource(`/live/events?project=${encodeURIComponent(data.project)}${after}`);
    source.onopen = () => say("live", true);
    source.onerror = () => say(`no connection since ${time()}`, false);
    source.onmessage = heard;
    for (const kind of KINDS) source.addEventListener(kind, heard);
  };
  const heard = (event) => {
    if (event.lastEventId) last = event.lastEventId;
    document.dispatchEvent(new CustomEvent("qdash:event", { detail: JSON.parse(event.data) }));
  };
  const close = () => {
    source?.close();
    source = null;
  };
  const seen = () => (document.hidden ? close() : open());
  document.addEventListener("visibilitychange", seen);
  open();
  return { project: data.project, end: () => { document.removeEventListener("visibilitychange", seen); close(); } };
}
const KINDS = ["scheduled", "running", "resumed", "cancel_requested", "completed", "failed", "cancelled", "skipped"]
  .flatMap((state) => [`execution.${state}`, `task.${state}`]);
