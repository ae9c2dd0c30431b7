// Reasons why a target excludes others: the resources that they share.
const exclusions_of = ({ resources }, id) => {
  const needed = new Set(resources[id] ?? []);
  const found = new Map();
  for (const [other, theirs] of Object.entries(resources)) {
    if (other === id) continue;
    for (const resource of theirs) if (needed.has(resource)) found.set(resource, [...(found.get(resource) ?? []), other]);
  }
  return found;
};

const mark_exclusions = (state) => {
  for (const map of state.maps) {
    const excluded = new Set(state.selected ? [...exclusions_of(map.schedule, state.selected).values()].flat() : []);
    for (const [id, g] of Object.entries(map.els)) {
      g.classList.toggle("selected", id === state.selected);
      g.classList.toggle("excluded", excluded.has(id));
      g.setAttribute("aria-pressed", String(id === state.selected));
    }
  }
};

const show_exclusions = (state, box) => {
  const id = state.selected;
  if (!id) {
    box.replaceChildren(el("p", {}, "Select a target on a map to see which others cannot be measured with it, and why."));
    return;
  }
  const parts = state.maps.filter((map) => map.els[id]).map((map) => {
    const found = exclusions_of(map.schedule, id);
    const title = state.maps.length > 1 ? el("b", {}, map.schedule.title) : null;
    const items = [...found].map(([resource, others]) => el("li", {}, `${resource}: shared with ${others.join(", ")}`));
    const list = items.length ? el("ul", {}, ...items) : el("p", {}, "It shares no resource: any other target may be measured with it.");
    return el("section", {}, title, list);
  });
  const word = state.data.kind === "qubit" ? "Qubit" : "Coupling";
  box.replaceChildren(el("p", {}, el("b", {}, `${word} ${id}`), " cannot be measured together with targets that need the same resource (dashed on the maps)."), el("div", { class: "columns" }, ...parts));
};
