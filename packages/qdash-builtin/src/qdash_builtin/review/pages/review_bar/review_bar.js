const kept = new WeakMap();
const ALIASES = { ArrowRight: "later", ArrowLeft: "back", "?": "help" };
const ASKED = { reject: "Reason for the rejection", exclude: "Reason for the exclusion", note: "Note on the result" };
const ONCE = new Set(["accept", "measure", "undo"]);
// A key that is pressed twice within this time is one press, even if the next result is shown sooner.
const TWICE_MS = 300;
// An action without an answer is sent once more; the dashboard performs it once.
const RESEND_MS = 4000;
const TYPING = "input, textarea, select, [contenteditable=true], [role=radio], [role=tab], [role=combobox], [role=option], [role=slider], [role=spinbutton]";

export default function ({ data, parentElement: root, setTriggerValue }) {
  let state = kept.get(root);
  if (!state) {
    state = find_parts(root);
    kept.set(root, state);
    const pressed = (event) => press(state, event);
    addEventListener("keydown", pressed, true);
    state.end = () => removeEventListener("keydown", pressed, true);
    state.field.onsubmit = (event) => { event.preventDefault(); send_text(state); };
    state.field.querySelector(".cancel").onclick = () => close_field(state);
  }
  const turned = state.data && state.data.turn !== data.turn;
  Object.assign(state, { data, trigger: (value) => setTriggerValue("act", value) });
  if (turned && state.pending) settle(state);
  paint(state);
  if (data.refit && turned) focus_refit(20);
  return () => {
    state.end();
    clearTimeout(state.pending?.timer);
    kept.delete(root);
  };
}

function find_parts(root) {
  const [bar, field, help] = [".bar", ".field", ".help"].map((name) => root.querySelector(name));
  const [text, label] = [field.querySelector("textarea"), field.querySelector(".label")];
  return { root, bar, field, help, text, label, say: root.querySelector(".message"), next: root.querySelector(".next"), buttons: new Map() };
}

function paint(state) {
  const { data, bar } = state;
  const names = data.acts.map(([, act]) => act).join();
  if (state.names !== names) {
    state.names = names;
    state.buttons = new Map(data.acts.map(([key, act, label]) => [act, make_button(state, key, act, label)]));
    bar.replaceChildren(...state.buttons.values(), make_button(state, "?", "help", "Keys"));
    state.help.replaceChildren(...data.acts.flatMap(([key, , label, help]) => [el("dt", {}, el("kbd", {}, key)), el("dd", {}, `${label}: ${help}`)]));
  }
  for (const [act, button] of state.buttons) {
    const why = data.disabled[act];
    button.setAttribute("aria-disabled", String(why != null));
    button.title = why ?? "";
  }
  bar.parentElement.dataset.task = data.task_id;
  bar.parentElement.dataset.turn = data.turn;
  bar.parentElement.classList.toggle("busy", Boolean(state.pending));
  const told = `${data.turn} ${data.message}`;
  if (state.told !== told) tell(state, data.message, data.failed);
  state.told = told;
  if (state.next.textContent !== data.next) state.next.textContent = data.next;
}

function make_button(state, key, act, label) {
  const shown = el("button", { type: "button", "data-act": act, "aria-keyshortcuts": key === "←" ? "ArrowLeft" : key }, el("kbd", { "aria-hidden": "true" }, key), label);
  shown.onclick = () => begin(state, act);
  return shown;
}

function tell(state, message, failed = false) {
  state.say.textContent = message;
  state.say.className = failed ? "message failed" : "message";
}

function press(state, event) {
  const at = event.composedPath()[0];
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  const is_element = at instanceof Element;
  if (event.key === "Escape" && is_element && at.matches(TYPING)) {
    if (at === state.text) close_field(state);
    else at.blur();
    return;
  }
  if (at === state.text && event.key === "Enter" && !event.shiftKey) {
    event.preventDefault();
    send_text(state);
    return;
  }
  if (is_element && (at.matches(TYPING) || at.closest("[role=dialog]"))) return;
  if (document.querySelector("[role=dialog]")) return;
  if (event.key.startsWith("Arrow") && is_element && at.matches("[role=region]")) return; // it scrolls
  const known = state.data.acts.find(([key]) => key === event.key);
  const act = ALIASES[event.key] ?? known?.[1];
  if (!act) return;
  // Streamlit has a key r of its own.
  event.preventDefault();
  event.stopImmediatePropagation();
  if (!event.repeat) begin(state, act);
}

function begin(state, act) {
  if (act === "help") return toggle_help(state);
  if (!state.buttons.has(act) || state.pending) return;
  const why = state.data.disabled[act];
  if (why != null) tell(state, why, true);
  else if (ASKED[act]) open_field(state, act);
  else send(state, act, state.data.task_id);
}

function send(state, act, task_id, text = "") {
  const { turn } = state.data;
  const value = { act, task_id, turn, text };
  const again = () => {
    state.trigger(value);
    state.pending.timer = setTimeout(() => { settle(state); tell(state, "The dashboard does not respond: wait until it is live again, or reload the page", true); }, RESEND_MS);
  };
  state.pending = { until: ONCE.has(act) ? Date.now() + TWICE_MS : 0, timer: setTimeout(again, RESEND_MS) };
  state.bar.parentElement.classList.add("busy");
  state.trigger(value);
}

function settle(state) {
  const { timer, until } = state.pending;
  clearTimeout(timer);
  const left = until - Date.now();
  if (left > 0) {
    state.pending.timer = setTimeout(() => settle(state), left);
    return;
  }
  state.pending = null;
  state.bar.parentElement.classList.remove("busy");
}

function open_field(state, act) {
  state.asked = { act, task_id: state.data.task_id };
  state.label.textContent = ASKED[act];
  state.text.value = act === "note" ? state.data.note : state.data.reason;
  state.text.rows = act === "note" ? 3 : 1;
  state.field.hidden = false;
  state.text.focus();
  if (act === "note") state.text.setSelectionRange(state.text.value.length, state.text.value.length);
  else state.text.select();
}

function close_field(state) {
  state.field.hidden = true;
  state.asked = null;
  state.bar.focus();
}

function send_text(state) {
  const { asked } = state;
  const text = state.text.value.trim();
  if (!asked || state.pending) return;
  if (!text && asked.act !== "note") {
    tell(state, "a reason is required", true);
    return;
  }
  close_field(state);
  send(state, asked.act, asked.task_id, text);
}

function toggle_help(state) {
  state.help.hidden = !state.help.hidden;
  state.bar.querySelector("[data-act=help]").setAttribute("aria-expanded", String(!state.help.hidden));
}

// Move the focus to the form of a refit, which is drawn after this component.
function focus_refit(tries) {
  const form = document.querySelector(".st-key-review-refit [data-testid=stForm]");
  const first = form?.querySelector("input, textarea") ?? form?.querySelector("[data-testid=stFormSubmitButton] button");
  if (first) first.focus();
  else if (tries > 0) setTimeout(() => focus_refit(tries - 1), 150);
}
