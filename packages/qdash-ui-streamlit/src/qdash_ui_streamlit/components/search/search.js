const DELAY_MS = 100, MOST_PAGES = 5;
const is_mac = /Mac|iPhone|iPad/.test(navigator.platform);

export default function ({ data, parentElement: root }) {
  const [button, kbd, dialog, input, list, status] = ["button", "kbd", "dialog", "input", "#found", "[role=status]"].map((one) => root.querySelector(one));
  // The state outlives runs of the script, which call this function again.
  const state = (dialog.state ??= { found: [], active: 0, pending: null, follows: false, problem: "", offered: true });
  kbd.textContent = is_mac ? "⌘K" : "Ctrl+K";

  const words = () => input.value.toLowerCase().split(/\s+/).filter(Boolean);
  const draw = () => {
    const wanted = words(), kinds = new Map();
    for (const one of [...find_pages(data.pages, wanted), ...state.found]) kinds.set(one.kind, [...(kinds.get(one.kind) ?? []), one]);
    list.replaceChildren(...[...kinds].map(([kind, matches], place) => make_group(kind, matches, wanted, place)));
    const options = list.querySelectorAll("[role=option]");
    for (const [place, option] of options.entries()) option.id = `option-${place}`;
    activate(0);
    const none = `No page, record or command contains ${wanted.map((one) => `“${one}”`).join(" and ")}.`;
    const count = `${options.length} ${options.length === 1 ? "match" : "matches"}`;
    const waits = state.pending !== null;
    status.textContent = state.problem || (options.length ? count : waits ? "Searching …" : none);
    status.classList.toggle("quiet", options.length > 0 && !state.problem);
    if (state.follows && !waits) follow();
  };
  const activate = (place) => {
    const options = [...list.querySelectorAll("[role=option]")];
    state.active = options.length ? (place + options.length) % options.length : 0;
    for (const [number, option] of options.entries()) option.setAttribute("aria-selected", number === state.active);
    const chosen = options[state.active];
    chosen?.scrollIntoView({ block: "nearest" });
    if (chosen) input.setAttribute("aria-activedescendant", chosen.id);
    else input.removeAttribute("aria-activedescendant");
  };
  const follow = () => {
    state.follows = false;
    list.querySelector("[aria-selected=true]")?.click();
  };
  const ask = () => {
    clearTimeout(state.timer);
    state.pending?.abort();
    state.problem = "";
    state.pending = words().length && data.host && state.offered ? new AbortController() : null;
    if (state.pending) state.timer = setTimeout(read, DELAY_MS, state.pending);
    else state.found = [];
    draw();
  };
  const read = async (pending) => {
    const chip = new URLSearchParams(location.search).get("chip");
    const query = new URLSearchParams({ q: input.value.trim(), ...(chip ? { chip_id: chip } : {}) });
    try {
      const answer = await fetch(`${data.host}?${query}`, { signal: pending.signal });
      const said = await answer.json();
      if (state.pending !== pending) return;
      state.offered = said.type !== "/problems/not-offered";
      if (!answer.ok && state.offered) throw new Error(said.detail);
      [state.found, state.problem] = [said.matches ?? [], (said.missing ?? []).join("; ")];
    } catch (error) {
      if (state.pending !== pending) return;
      [state.found, state.problem] = [[], `The host could not be asked: ${error.message}`];
    }
    state.pending = null;
    draw();
  };
  const open = () => {
    if (dialog.open) return;
    dialog.showModal();
    input.select();
    ask();
  };

  const pressed = (event) => {
    const is_ours = event.key.toLowerCase() === "k" && (is_mac ? event.metaKey : event.ctrlKey) && !event.shiftKey && !event.altKey;
    if (!is_ours || event.defaultPrevented || document.querySelector("[data-testid=stDialog]")) return;
    event.preventDefault();
    open();
  };
  document.addEventListener("keydown", pressed);
  button.onclick = open;
  input.oninput = () => {
    state.follows = false;
    ask();
  };
  dialog.onkeydown = (event) => {
    // Streamlit has shortcuts of single letters, and cannot see that they are typed in a field.
    event.stopPropagation();
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in steps) activate(state.active + steps[event.key]);
    else if (event.key === "Enter" && state.pending) state.follows = true;
    else if (event.key === "Enter") follow();
    else if (!(event.key === "k" && (event.ctrlKey || event.metaKey))) return;
    event.preventDefault();
  };
  dialog.onclick = (event) => {
    if (event.target === dialog || event.target.closest("a")) dialog.close();
  };
  dialog.onclose = () => {
    state.follows = false;
    state.pending?.abort();
  };
  return () => {
    document.removeEventListener("keydown", pressed);
    button.onclick = input.oninput = dialog.onkeydown = dialog.onclick = dialog.onclose = null;
  };
}

// Return the pages whose title or group contains all words, those whose title begins so first; all pages without words.
const find_pages = (pages, words) => {
  const fits = (page) => words.every((word) => `${page.title} ${page.group}`.toLowerCase().includes(word));
  const rank = (page) => (page.title.toLowerCase().startsWith(words.join(" ")) ? 0 : words.every((word) => page.title.toLowerCase().includes(word)) ? 1 : 2);
  const found = pages.filter(fits).sort((a, b) => rank(a) - rank(b));
  const chip = new URLSearchParams(location.search).get("chip");
  return found.slice(0, words.length ? MOST_PAGES : found.length).map((page) => ({
    kind: "page",
    title: page.title,
    text: page.group === page.title ? "" : page.group,
    address: chip ? `${page.path}?${new URLSearchParams({ chip })}` : page.path,
  }));
};
const make_group = (kind, matches, words, place) => {
  const label = el("div", { id: `kind-${place}`, class: "kind", role: "presentation" }, kind[0].toUpperCase() + kind.slice(1));
  return el("div", { role: "group", "aria-labelledby": label.id }, label, ...matches.map((one) => make_option(one, words)));
};
const make_option = (match, words) => {
  const title = el("span", { class: "title" }, ...mark(match.title, words));
  const text = match.text ? el("span", { class: "text" }, ...mark(match.text, words)) : null;
  return el("a", { role: "option", tabindex: -1, href: match.address ? make_href(match.address) : null, title: match.command }, title, text);
};
const make_href = (address) => {
  const to = new URL(`/${address}`, location.origin);
  const project = new URLSearchParams(location.search).get("project");
  if (project) to.searchParams.set("project", project);
  return to.pathname + to.search;
};
// Return a text with its parts that are words of the search marked.
const mark = (text, words) => {
  const escaped = words.map((one) => one.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  if (!escaped.length) return [text];
  return text.split(new RegExp(`(${escaped.join("|")})`, "i")).map((part, place) => (place % 2 ? el("mark", {}, part) : part));
};
