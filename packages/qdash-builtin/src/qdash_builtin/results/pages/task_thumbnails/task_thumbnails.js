const kept = new WeakMap();
export default function ({ data, parentElement: root, setTriggerValue }) {
  let state = kept.get(root);
  if (!state) kept.set(root, (state = { cards: new Map(), list: root.querySelector("ul"), watched: watcher() }));
  state.pick = (task) => setTriggerValue("picked", task);
  const cards = data.pictures.map((one) => card(state, one, data));
  const order = cards.map((one) => one.item);
  if (order.some((item, place) => state.list.children[place] !== item) || state.list.children.length !== order.length)
    state.list.replaceChildren(...order);
  state.cards = new Map(cards.map((one) => [one.task, one]));
  if (state.chosen !== data.chosen) {
    // Scroll only the list, never the page.
    const item = state.cards.get(data.chosen)?.item;
    const hidden = item && (item.offsetTop < state.list.scrollTop || item.offsetTop + item.offsetHeight > state.list.scrollTop + state.list.clientHeight);
    if (hidden) state.list.scrollTop = item.offsetTop;
    state.chosen = data.chosen;
  }
  return () => {
    state.watched.disconnect();
    kept.delete(root);
  };
}

function card(state, one, { chosen, looks }) {
  let made = state.cards.get(one.task);
  if (!made) {
    const picture = el("span", { class: "picture", "aria-hidden": "true" });
    const status = el("span", { class: "status" });
    const button = el("button", { type: "button" }, picture, el("span", { class: "task" }, ...breakable(one.task)), status);
    button.onclick = () => state.pick(one.task);
    made = { task: one.task, picture, status, button, item: el("li", {}, button) };
  }
  made.button.setAttribute("aria-pressed", String(one.task === chosen));
  made.status.replaceChildren(...state_parts(looks, one.status), one.mark ? `, ${one.mark}` : "");
  if (made.address !== one.address) {
    made.address = one.address;
    made.picture.replaceChildren();
    made.picture.fetched = () => fetched(made);
    state.watched.observe(made.picture);
  }
  return made;
}

const watcher = () =>
  new IntersectionObserver((seen, observer) => {
    for (const one of seen.filter((each) => each.isIntersecting)) {
      observer.unobserve(one.target);
      one.target.fetched();
    }
  });

async function fetched(made) {
  const { address } = made;
  let shown;
  try {
    shown = shapes_of((await read_json(address)).svg);
  } catch {
    // handled as a missing thumbnail
  }
  if (made.address === address) made.picture.replaceChildren(shown ?? "no thumbnail");
}
