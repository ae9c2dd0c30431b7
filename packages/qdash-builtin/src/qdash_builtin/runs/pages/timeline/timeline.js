const kept = new WeakMap();
const CALM_MS = 4000;
const MOST_NAMED = 8; // number of tasks in the legend until all are asked for
// Colours of Okabe and Ito without black; further tasks reuse them, first lighter, then darker.
const HUES = ["#0072B2", "#E69F00", "#009E73", "#D55E00", "#56B4E9", "#CC79A7", "#F0E442"];
const colourOf = (number) => {
  const hue = HUES[number % HUES.length];
  const other = ["", "white 50%", "black 45%", "white 75%"][Math.floor(number / HUES.length) % 4];
  return other ? `color-mix(in srgb, ${hue}, ${other})` : hue;
};
const inOrder = new Intl.Collator("en", { numeric: true }).compare;
const seconds = (s) => (s >= 100 ? s.toFixed(0) : s >= 1 ? s.toFixed(1) : s.toPrecision(2));

export default function ({ data, parentElement: root }) {
  let state = kept.get(root);
  if (!state || state.id !== data.execution_id) {
    state?.end();
    state = create_timeline(root.querySelector(".timeline"), data);
    kept.set(root, state);
  }
  if (data.rows !== state.addressed) state.take(data.rows);
  state.addressed = data.rows;
  return () => {
    state.end();
    kept.delete(root);
  };
}

// Rows of a span: a coupling occupies both of its qubits.
const ROWS = {
  qubits: (span) => (span.target === "" ? ["chip"] : span.target.split("-")),
  resources: (span, resources) => resources[span.target] ?? [],
};

function create_timeline(root, data) {
  const find = (what) => root.querySelector(what);
  const svg = find("svg");
  const plot = find(".plot");
  const state = { id: data.execution_id, rows: data.rows, spans: [], stages: [], resources: {}, total: 1, from: 0, width: 1, task: null, all: false, over: false };

  const show = () => {
    state.width = Math.min(state.total, Math.max(state.total / 500, state.width));
    state.from = Math.min(state.total - state.width, Math.max(0, state.from));
    svg.setAttribute("viewBox", `${state.from} 0 ${state.width} ${state.names.length || 1}`);
    const step = niceStep(state.width / Math.max(2, Math.floor(svg.clientWidth / 90)));
    const ticks = [];
    for (let at = Math.ceil(state.from / step) * step; at <= state.from + 0.97 * state.width; at += step) {
      const tick = el("span", {}, String(Number(at.toFixed(6))));
      tick.style.left = `${(100 * (at - state.from)) / state.width}%`;
      ticks.push(tick);
    }
    find(".ticks").replaceChildren(...ticks);
    const place = (seconds) => (100 * (seconds - state.from)) / state.width;
    find(".blocks").replaceChildren(...blocks().filter((block) => block.end_s > state.from && block.start_s < state.from + state.width).map((block) => {
      const left = Math.max(0, place(block.start_s));
      const label = el("span", { title: `${block.strategy}, block ${block.number}: starts after the end of the one before` }, String(block.number));
      label.style.left = `${left}%`;
      label.style.width = `${Math.min(100, place(block.end_s)) - left}%`;
      return label;
    }));
  };
  const zoom = (by, at = state.from + state.width / 2) => {
    const share = (at - state.from) / state.width;
    state.width = Math.min(state.total, Math.max(state.total / 500, state.width * by));
    state.from = at - share * state.width;
    show();
  };
  const whole = () => { Object.assign(state, { from: 0, width: state.total }); show(); };

  const draw = () => {
    const placed = state.spans.flatMap((span) => ROWS[state.rows](span, state.resources).map((row) => [row, span]));
    state.names = [...new Set(placed.map(([row]) => row))].sort(inOrder);
    const at = new Map(state.names.map((name, number) => [name, number]));
    const tall = state.names.length <= 30 ? 24 : 15;
    svg.style.height = `${tall * state.names.length}px`;
    root.style.setProperty("--row", `${tall}px`);
    svg.replaceChildren();
    for (let row = 1; row < state.names.length; row += 2) svg_el("rect", { class: "stripe", x: 0, y: row, width: state.total, height: 1 }, svg);
    state.drawn = placed.map(([row, span]) => {
      const rect = svg_el("rect", { x: span.lab_start_s, y: at.get(row) + 0.12, width: span.lab_s, height: 0.76, class: "span" }, svg);
      rect.style.fill = colourOf(state.tasks.get(span.task));
      rect.span = span;
      return rect;
    });
    for (const block of blocks()) svg_el("line", { class: "barrier", x1: block.start_s, x2: block.start_s, y1: 0, y2: state.names.length }, svg);
    for (const bound of bounds()) svg_el("line", { class: "bound", x1: bound, x2: bound, y1: 0, y2: state.names.length }, svg);
    find(".labels").replaceChildren(...state.names.map((name) => el("span", { title: name }, name)));
    const free = state.spans.filter((span) => ROWS[state.rows](span, state.resources).length === 0).length;
    find(".count").textContent =
      `${state.spans.length} measurements, ${with_unit(seconds(state.total), "s")} of laboratory time` +
      (free ? `; ${free} use no shared resource` : "");
    svg.setAttribute("aria-label", `${find(".count").textContent}, ${state.names.length} rows`);
    mark();
    show();
  };
  const blocks = () => state.stages.flatMap((stage) => stage.blocks.map((block) => ({ ...block, strategy: stage.strategy || "given groups" })));
  // Earliest possible end of each stage, from the lower bound of its schedule.
  const bounds = () =>
    state.stages.map((stage) => {
      const targets = new Set(stage.groups.flat());
      const tasks = new Set(stage.tasks);
      const mine = state.spans.filter((span) => tasks.has(span.task) && targets.has(span.target));
      return mine.reduce((least, span) => Math.min(least, span.lab_start_s), Infinity) + stage.lower_bound_s;
    }).filter(Number.isFinite);

  const legend = () => {
    state.tasks = new Map([...new Set(state.spans.map((span) => span.task))].map((task, number) => [task, number]));
    const one = (task) => {
      const swatch = el("span", { class: "swatch" });
      swatch.style.background = colourOf(state.tasks.get(task));
      const button = el("button", { type: "button", "aria-pressed": "false", "data-task": task }, swatch, ...breakable(task));
      button.onclick = () => { state.task = state.task === task ? null : task; mark(); };
      return button;
    };
    const bound = el("span", { class: "key" }, el("span", { class: "dash" }), "earliest possible end of a stage");
    const strategies = [...new Set(state.stages.map((stage) => stage.strategy).filter(Boolean))];
    const used = strategies.length ? [el("span", { class: "key strategies" }, `strategy: ${strategies.join(", ")}`)] : [];
    const barrier = blocks().length ? [el("span", { class: "key" }, el("span", { class: "dot" }), "start of a block, after the end of the one before")] : [];
    find(".blocks").hidden = barrier.length === 0;
    const buttons = [...state.tasks.keys()].map(one);
    find(".legend").replaceChildren(...used, bound, ...barrier, ...buttons, ...more(buttons.slice(MOST_NAMED)));
  };
  // Return the button that shows the further tasks of the legend, if there are several.
  const more = (buttons) => {
    if (buttons.length < 2) return [];
    const button = el("button", { type: "button", class: "more", "aria-expanded": "false" });
    const show_further = () => {
      button.setAttribute("aria-expanded", state.all);
      button.textContent = state.all ? "Show fewer tasks" : `Show ${buttons.length} more tasks`;
      for (const one of buttons) one.hidden = !state.all;
    };
    button.onclick = () => { state.all = !state.all; show_further(); };
    show_further();
    return [button];
  };
  const mark = () => {
    for (const button of root.querySelectorAll("[data-task]")) button.setAttribute("aria-pressed", button.dataset.task === state.task);
    for (const rect of state.drawn) rect.classList.toggle("faded", state.task != null && rect.span.task !== state.task);
  };

  const read = async () => {
    const spans = [];
    let answered = null;
    for (let after = ""; after != null;) {
      answered = await read_json(data.path + after);
      spans.push(...answered.spans);
      after = answered.next_s == null ? null : `?after_s=${answered.next_s}`;
    }
    if (state.over) return;
    const wasWhole = state.spans.length === 0 || state.width >= state.total;
    Object.assign(state, { spans, stages: answered.stages, resources: answered.resources });
    state.total = spans.reduce((most, span) => Math.max(most, span.lab_start_s + span.lab_s), 0) || 1;
    if (wasWhole) Object.assign(state, { from: 0, width: state.total });
    plot.hidden = spans.length === 0;
    find(".bar").hidden = find(".legend").hidden = plot.hidden;
    find(".empty").hidden = spans.length > 0;
    find(".empty").textContent = "No measurements yet.";
    if (spans.length) { legend(); draw(); }
  };
  let timer = null;
  const ask = async () => {
    try {
      await read();
    } catch (error) {
      find(".empty").hidden = false;
      find(".empty").textContent = `The timeline cannot be loaded: ${error.message}`;
    }
    timer = null;
  };
  const stop = on_event((event) => {
    if (event.execution_id === state.id && timer == null) timer = setTimeout(ask, CALM_MS);
  });

  const secondsAt = (event) => {
    const box = svg.getBoundingClientRect();
    return state.from + (state.width * (event.clientX - box.left)) / box.width;
  };
  let dragged = null;
  svg.onpointerdown = (event) => { dragged = event.clientX; svg.setPointerCapture(event.pointerId); };
  svg.onpointerup = svg.onpointercancel = () => { dragged = null; };
  svg.onpointermove = (event) => {
    if (dragged != null) {
      state.from -= (state.width * (event.clientX - dragged)) / svg.clientWidth;
      dragged = event.clientX;
      show();
    }
    tell(event.target.span, event);
  };
  const tip = find(".tip");
  svg.onpointerleave = () => tell(null);
  const tell = (span, event) => {
    tip.hidden = !span;
    if (!span) return;
    const what = span.target === "" ? "the chip" : span.target;
    tip.textContent = `${span.task} on ${what}: ${with_unit(seconds(span.lab_s), "s")}, from ${with_unit(seconds(span.lab_start_s), "s")}`;
    const box = root.getBoundingClientRect();
    tip.style.left = `${Math.max(0, Math.min(event.clientX - box.left + 12, box.width - tip.offsetWidth))}px`;
    tip.style.top = `${event.clientY - box.top + 18}px`;
  };
  const wheeled = (event) => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    zoom(event.deltaY > 0 ? 1.2 : 1 / 1.2, secondsAt(event));
  };
  svg.addEventListener("wheel", wheeled, { passive: false });
  plot.onkeydown = (event) => {
    const pan = { ArrowLeft: -0.1, ArrowRight: 0.1 }[event.key];
    if (pan) { state.from += pan * state.width; show(); }
    else if (event.key === "+" || event.key === "=") zoom(0.5);
    else if (event.key === "-") zoom(2);
    else if (event.key === "0") whole();
    else return;
    event.preventDefault();
  };
  for (const button of root.querySelectorAll("[data-zoom]"))
    button.onclick = () => (button.dataset.zoom === "all" ? whole() : zoom(Number(button.dataset.zoom)));
  state.take = (rows) => {
    state.rows = rows;
    for (const button of root.querySelectorAll("[data-rows]")) button.setAttribute("aria-pressed", button.dataset.rows === rows);
    if (state.tasks) draw();
  };
  for (const button of root.querySelectorAll("[data-rows]"))
    button.onclick = () => {
      const address = new URL(location.href);
      address.searchParams.set("rows", button.dataset.rows);
      history.replaceState(history.state, "", address);
      state.take(button.dataset.rows);
    };
  const sized = new ResizeObserver(() => { if (state.names) show(); });
  sized.observe(plot);
  find(".bar").hidden = find(".legend").hidden = true;
  ask();
  state.end = () => {
    state.over = true;
    stop();
    clearTimeout(timer);
    sized.disconnect();
    svg.removeEventListener("wheel", wheeled);
  };
  return state;
}

// Return the smallest 1, 2 or 5 times a power of ten that is not below a value.
function niceStep(least) {
  const power = 10 ** Math.floor(Math.log10(least));
  return power * ([1, 2, 5].find((one) => one * power >= least) ?? 10);
}
