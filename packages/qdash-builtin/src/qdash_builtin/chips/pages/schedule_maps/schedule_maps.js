const PLAY_MS = 900;
const kept = new WeakMap();
export default function ({ data, parentElement: root }) {
  let state = kept.get(root);
  if (!state) {
    state = { step: data.step, selected: null, maps: [], text: "" };
    kept.set(root, state);
    bind_steps(state, root);
  }
  const text = JSON.stringify({ ...data, step: 0 });  // steps taken here are in the address of the next run
  if (state.text !== text) {
    state.text = text;
    state.data = data;
    draw_schedules(state, root);
  }
  return () => state.stop();
}

const draw_schedules = (state, root) => {
  const longest = Math.max(0, ...state.data.schedules.map((one) => one.groups.length));
  state.last = longest;
  state.step = Math.min(state.step, longest);
  for (const map of state.maps) map.rest();
  state.maps = state.data.schedules.map((one) => make_map(state, one));
  root.querySelector(".maps").replaceChildren(...state.maps.map((map) => map.box));
  root.querySelector("input").max = longest;
  if (!state.maps.some((map) => map.els[state.selected])) state.selected = null;
  state.go(state.step);
  state.select(state.selected);
};

// Keep the step in the address without a run of the script; step 0 is the absent one.
const write_step = (step) => {
  const address = new URL(location.href);
  if (step) address.searchParams.set("step", step);
  else address.searchParams.delete("step");
  if (address.href !== location.href) history.replaceState(history.state, "", address);
};

const bind_steps = (state, root) => {
  const find = (what) => root.querySelector(what);
  const [play, slider, output] = [find(".play"), find("input"), find("output")];
  let timer = null;
  state.stop = () => {
    clearInterval(timer);
    timer = null;
    play.textContent = "▶ Play";
  };
  state.go = (step) => {
    state.step = step;
    if (state.data.in_address) write_step(step);
    slider.value = step;
    const said = step ? `Step ${step} of ${state.last}` : "All groups";
    slider.setAttribute("aria-valuetext", said);
    output.textContent = said;
    find(".back").disabled = step === 0;
    find(".next").disabled = step === state.last;
    for (const map of state.maps) paint_map(state, map, step);
  };
  state.select = (id) => {
    state.selected = id;
    mark_exclusions(state);
    show_exclusions(state, find(".why"));
  };
  const move = (by) => {
    state.stop();
    state.go(Math.max(0, Math.min(state.last, state.step + by)));
  };
  find(".back").onclick = () => move(-1);
  find(".next").onclick = () => move(1);
  slider.oninput = () => {
    state.stop();
    state.go(Number(slider.value));
  };
  play.onclick = () => {
    if (timer) {
      state.stop();
      return;
    }
    play.textContent = "⏸ Pause";
    state.go(state.step >= state.last ? 1 : state.step + 1);
    timer = setInterval(() => {
      state.go(state.step + 1);
      if (state.step >= state.last) state.stop();
    }, PLAY_MS);
  };
  find(".large").onclick = (event) => {
    const large = find(".schedules").classList.toggle("wide");
    event.currentTarget.setAttribute("aria-pressed", String(large));
  };
};
