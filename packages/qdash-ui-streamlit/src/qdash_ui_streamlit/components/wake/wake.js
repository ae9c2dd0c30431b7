const AGAIN_MS = 200;
const kept = new WeakMap();
export default function ({ data, parentElement: root, setTriggerValue }) {
  let state = kept.get(root);
  if (!state) {
    state = { timer: null, last: 0 };
    kept.set(root, state);
    const soon = (what) => {
      state.timer ??= setTimeout(() => wake(what), Math.max(100, state.last + state.data.every_ms - Date.now()));
    };
    // While the script runs it may be about to change the address, which a wish for another run would bring back as it was.
    const wake = (what) => {
      const runs = document.querySelector("[data-testid=stApp]")?.dataset.testScriptState !== "notRunning";
      state.timer = runs ? setTimeout(() => wake(what), AGAIN_MS) : null;
      if (runs) return;
      state.last = Date.now();
      state.wake("happened", what);
    };
    const no_events = on_event((event) => meant(state.data, event) && soon(event.seq));
    const no_gaps = on_live((live) => live.gap && soon(live.since));
    state.end = () => { no_events(); no_gaps(); };
  }
  state.data = data;
  state.wake = setTriggerValue;
  return () => {
    state.end();
    clearTimeout(state.timer);
    kept.delete(root);
  };
}
const meant = (wanted, event) =>
  (wanted.chip_id == null || wanted.chip_id === event.chip_id) &&
  (wanted.execution_id == null || wanted.execution_id === event.execution_id) &&
  wanted.kinds.some((kind) => (kind.endsWith("*") ? event.kind.startsWith(kind.slice(0, -1)) : event.kind === kind));
