const kept = new WeakMap();
const CALM_MS = 5000;
const SOON_MS = 700;
export default function ({ data, parentElement: root }) {
  let state = kept.get(root);
  if (!state || state.id !== data.execution_id) {
    state?.end();
    state = create_log(root.querySelector(".log"), data);
    kept.set(root, state);
  }
  state.ended = data.ended;
  return () => {
    state.end();
    kept.delete(root);
  };
}

function create_log(root, data) {
  const find = (what) => root.querySelector(what);
  const state = { id: data.execution_id, ended: data.ended, since: 0, said: [], follows: true, over: false };
  const lines = find(".lines");
  const words = find("input");
  const clock = new Intl.DateTimeFormat(undefined, { timeZone: data.zone, hour12: false, hour: "2-digit", minute: "2-digit", second: "2-digit" });

  // A line begins with its time in UTC.
  const lineOf = (text) => {
    const [, moment, rest] = text.match(/^(\d{4}-\d\d-\d\dT\S+) (.*)$/s) ?? [null, null, text];
    const at = moment ? new Date(moment) : null;
    const time = at && !Number.isNaN(at.getTime()) ? el("time", { datetime: moment, title: `${moment} (UTC)` }, clock.format(at)) : null;
    const line = el("p", {}, time, time ? rest : text);
    line.classList.toggle("bad", /\b(failed|error|died|refused)\b/i.test(rest));
    return line;
  };
  const sought = () => words.value.toLowerCase().split(/\s+/).filter(Boolean);
  const filter = (among) => {
    const wanted = sought();
    for (const line of among) {
      const text = line.textContent.toLowerCase();
      line.hidden = !wanted.every((word) => text.includes(word));
    }
  };
  const count = () => {
    const all = lines.childElementCount;
    const shown = sought().length ? lines.querySelectorAll("p:not([hidden])").length : all;
    find(".count").textContent = `${shown === all ? all : `${shown} of ${all}`} lines, times in ${data.zone}`;
  };
  const toEnd = () => { if (state.follows) lines.scrollTop = lines.scrollHeight; };
  const follow = (does) => {
    state.follows = does;
    find(".follow").setAttribute("aria-pressed", does);
    find(".follow").textContent = does ? "Following the end" : "Go to the end";
    toEnd();
  };
  const add = (parts) => {
    const made = parts.flatMap((part) => part.text.replace(/\n$/, "").split("\n")).map(lineOf);
    filter(made);
    lines.append(...made);
    state.said.push(...parts.map((part) => part.text));
    count();
    toEnd();
  };
  const empty = (text) => {
    find(".empty").textContent = text;
    find(".empty").hidden = lines.childElementCount > 0;
    lines.hidden = lines.childElementCount === 0;
    toEnd();
  };

  let timer = null;
  let asking = false;
  let again = false;
  const ask = async () => {
    clearTimeout(timer);
    timer = null;
    if (asking) { again = true; return; }
    asking = true;
    const followed = !state.ended;
    try {
      await read();
      empty(state.ended ? "This execution logged nothing." : "Nothing was logged yet.");
    } catch (error) {
      if (!state.over) empty(`The log cannot be loaded: ${error.message}`);
    }
    asking = false;
    if (again) { again = false; soon(SOON_MS); } else if (followed && !state.over) soon(CALM_MS);
  };
  const read = async () => {
    for (let next = ""; next != null && !state.over;) {
      const behind = next ? `&after=${encodeURIComponent(next)}` : "";
      const page = await read_json(`${data.path}?since=${state.since}&limit=200${behind}`);
      if (state.over) return;
      if (page.items.length) add(page.items);
      state.last = page.items.at(-1)?.seq ?? state.last;
      next = page.next;
    }
    state.since = state.last ?? state.since;
  };
  const soon = (ms) => { if (timer == null && !state.over) timer = setTimeout(ask, ms); };
  const stop = on_event((event) => {
    if (event.execution_id !== state.id) return;
    clearTimeout(timer);
    timer = null;
    soon(SOON_MS);
  });

  // Scrolling up stops the automatic scrolling until the user is back at the end.
  lines.onscroll = () => {
    const atEnd = lines.scrollHeight - lines.scrollTop - lines.clientHeight < 8;
    if (atEnd !== state.follows) follow(atEnd);
  };
  words.oninput = () => { filter(lines.children); count(); toEnd(); };
  find(".follow").onclick = () => follow(true);
  find(".save").onclick = () => {
    const address = URL.createObjectURL(new Blob(state.said, { type: "text/plain" }));
    el("a", { href: address, download: `${state.id}.log` }).click();
    URL.revokeObjectURL(address);
  };
  follow(true);
  ask();
  state.end = () => {
    state.over = true;
    stop();
    clearTimeout(timer);
  };
  return state;
}
