// Selection of targets: one by one, by a lasso, by a list, or by a problem.
const EXAMPLES = { qubit: "0-3, 7", coupling: "0-1, 3-2" };

const STATES = {
  all: ["All", (one) => !one.aside],
  failed: ["Failed", (one) => one.status === "failed"],
  degraded: ["Degraded", (one) => !one.aside && one.fitness.word === "degraded"],
  flagged: ["Flagged", (one) => one.flagged.length > 0],
  "last-failed": ["Last failed", (one) => has_mark(one, "last-failed")],
  "inputs-moved": ["Inputs moved", (one) => has_mark(one, "inputs-moved")],
  "too-old": ["Too old", (one) => has_mark(one, "too-old")],
  "no-signal": ["No signal", (one) => has_mark(one, "no-signal")],
  "other-cooldown": ["Other cool-down", (one) => has_mark(one, "other-cooldown")],
  "set-broken": ["Set broken", (one) => has_mark(one, "set-broken")],
  "setting-changed": ["Setting changed", (one) => has_mark(one, "setting-changed")],
  "trusted-by-user": ["Trusted by user", (one) => has_mark(one, "trusted-by-user")],
  contradicted: ["Contradicted", (one) => has_mark(one, "contradicted")],
  out: ["Out of specification", (one) => Boolean(one.out)],
  missing: [null, (one) => !one.aside && (one.how ? !one.has && !one.how.unknown : one.status === "pending")],
};

const capital = (text) => text[0].toUpperCase() + text.slice(1);

const bind_selection = (map) => {
  const bar = map.root.querySelector(".choosing");
  const kind = () => bar.querySelector("select").value;
  const list = bar.querySelector("input");
  const said = bar.querySelector("[role=alert]");
  const buttons = {};
  for (const [name, [, wanted]] of Object.entries(STATES)) {
    const button = el("button", { type: "button", "data-testid": `choose-${name}` });
    button.onclick = () => map.choose(map.judgements.filter((one) => one.kind === kind() && wanted(one)).map((one) => one.id));
    bar.querySelector(".states").append(button);
    buttons[name] = button;
  }
  bar.querySelector("form").onsubmit = (event) => {
    event.preventDefault();
    map.send("listed", { text: list.value, kind: kind() });
  };
  map.show_list = (data) => {
    said.textContent = data.list.problem;
  };
  // Another selection in the URL, as after Back, replaces the one on the map, except while the user changes this and Python does not
  // know it yet.
  map.show_chosen = (data) => {
    const chosen = data.chosen.join();
    if (map.told === chosen) map.told = null;
    if (chosen === map.shown) return;
    map.shown = chosen;
    if (map.told != null || map.telling) return;
    map.chosen = new Set(data.chosen);
    map.mark();
  };
  bar.querySelector("select").onchange = () => map.count_states();
  map.targets = () => Object.keys(map.els).filter((id) => kind_of(id) === kind());
  map.count_states = () => {
    list.placeholder = EXAMPLES[kind()];
    for (const [name, [title, wanted]] of Object.entries(STATES)) {
      const count = map.definitions && map.judgements.filter((one) => one.kind === kind() && wanted(one)).length;
      buttons[name].textContent = `${title ?? capital(map.data.nothing)} (${count})`;
      buttons[name].hidden = !count;
    }
  };
  map.choose = (ids) => {
    map.chosen = new Set(ids);
    map.mark();
    tell_chosen(map);
  };
  map.toggle = (id) => {
    if (!map.chosen.delete(id)) map.chosen.add(id);
    map.mark();
    tell_chosen(map);
  };
  map.mark = () => {
    for (const id in map.els) {
      map.els[id].classList.toggle("chosen", map.chosen.has(id));
      map.els[id].classList.toggle("open", id === map.target);
      map.els[id].setAttribute("aria-pressed", map.chosen.has(id) || id === map.target);
    }
    const done = map.root.querySelector(".chosen-bar");
    const count = map.chosen.size;
    done.querySelector("[role=status]").textContent = count ? `${count} selected` : "None selected";
    for (const button of done.querySelectorAll("button")) button.disabled = !count;
  };
  map.root.querySelector(".clear").onclick = () => map.choose([]);
};

// Tell Python the selection, after a pause, so that it can offer actions.
const TELL_MS = 250;
const tell_chosen = (map) => {
  clearTimeout(map.telling);
  map.telling = setTimeout(() => {
    map.telling = null;
    const targets = Object.keys(map.els).filter((id) => map.chosen.has(id));
    map.told = targets.join() === map.shown ? null : targets.join();
    map.send("chosen", { targets });
  }, TELL_MS);
};
