const kept = new WeakMap();
export default function ({ data, parentElement: root, setTriggerValue }) {
  let state = kept.get(root);
  if (!state) {
    state = { timer: null, last: 0 };
    kept.set(root, state);
    state.end = on_event((event) => {
      if (!meant(state.data, event) || state.timer) return;
      const pause = Math.max(100, state.last + state.data.every_ms - Date.now());
      state.timer = setTimeout(() => {
        state.timer = null;
        state.last = Date.now();
        state.wake("happened", event.seq);
      }, pause);
    });
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
  (wanted.target == null || wanted.target === event.data.qid) &&
  wanted.kinds.some((kind) => (kind.endsWith("*") ? event.kind.startsWith(kind.slice(0, -1)) : event.kind === kind));
