const kept = new WeakMap();
// Streamlit merges triggers of several fragments into one until a run has begun: the next one waits for the run of the one before.
const APART_MS = 150;
let free = 0;
let asked = 0; // time of a trigger whose run has not begun
new MutationObserver(() => runs() && (asked = 0)).observe(document.documentElement, { subtree: true, attributeFilter: ["data-test-script-state"] });
// A request of a fragment that overtakes the first message of another page leaves that page blank: Streamlit then draws the fragment of
// the old one. Nothing in the document shows that a link was followed, until the server answers.
const ANSWERED_MS = 3000;
let followed = 0;
const follow = () => (followed = Date.now());
addEventListener("click", (event) => event.composedPath().some((one) => one instanceof HTMLAnchorElement) && follow(), true);
addEventListener("popstate", follow);
const runs = () => document.querySelector("[data-testid=stApp]")?.dataset.testScriptState !== "notRunning";
export default function ({ data, parentElement: root, setTriggerValue }) {
  let state = kept.get(root);
  if (!state) {
    state = { timer: null, last: 0, data };
    kept.set(root, state);
    const soon = (what) => {
      state.timer ??= setTimeout(() => wake(what), Math.max(100, state.last + state.data.every_ms - Date.now()));
    };
    // A running script may be about to change the URL; a rerun requested meanwhile would restore the old one.
    const wake = (what) => {
      const waits = runs() || is_below_dialog(root) || Date.now() < Math.max(free, Math.max(followed, asked) + ANSWERED_MS);
      state.timer = waits ? setTimeout(() => wake(what), APART_MS) : null;
      if (waits) return;
      state.last = asked = Date.now();
      free = state.last + APART_MS;
      state.wake("happened", what);
    };
    // The script may have read its data before an event that came before this component.
    const missed = recent_events().findLast(({ event }) => meant(data, event));
    if (missed) soon(missed.event.seq);
    const no_events = on_event((event) => meant(state.data, event) && soon(event.seq));
    const no_gaps = on_live((live) => live.gap && soon(live.since));
    const tick = () => is_below_dialog(root) || soon("time");
    const ticks = data.again_ms && setInterval(tick, data.again_ms);
    state.end = () => { no_events(); no_gaps(); clearInterval(ticks); };
  }
  state.data = data;
  state.wake = setTriggerValue;
  return () => {
    state.end();
    clearTimeout(state.timer);
    kept.delete(root);
  };
}
// A rerun of the page or of the fragment that opened a dialog closes it, with what was typed: the page behind it is drawn afterwards.
const is_below_dialog = (root) => {
  const dialog = document.querySelector("[data-testid=stDialog]");
  return dialog !== null && !dialog.contains(root.host ?? root);
};
const meant = (wanted, event) =>
  has_kind(wanted.kinds, event) &&
  concerns(wanted.chip_id, event.chip_id) &&
  concerns(wanted.execution_id, event.execution_id) &&
  concerns(wanted.target, event.data.qid) &&
  concerns(wanted.issue_id, event.data.issue_id);
// An event that names none concerns all: an exclusion has no execution, a cool-down no chip.
const concerns = (wanted, named) => wanted == null || !named || wanted === named;
