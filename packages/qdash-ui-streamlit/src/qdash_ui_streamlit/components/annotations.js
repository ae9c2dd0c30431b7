// Annotations of a plot over time: thin lines with a letter at the bottom. A press, the pointer or the keyboard shows texts and links.
const NEAREST_PX = 24; // those that are nearer than this are drawn as one, with their number
const MOST_LISTED = 10;
const HIDDEN_KINDS = "qdash.annotations.hidden";
const hidden_kinds = () => {
  try {
    return new Set(JSON.parse(localStorage.getItem(HIDDEN_KINDS)) ?? []);
  } catch {
    return new Set();
  }
};
// Names of classes are repeated where Plotly has rules for all its boxes.
const ANNOTATION_STYLE = `
.qdash-annotations { position: absolute; inset: 0; pointer-events: none; font: 12px var(--st-font); color: var(--st-text-color); }
.qdash-annotations .line { position: absolute; width: 1px; background: repeating-linear-gradient(to top, var(--st-text-color) 0 3px, transparent 3px 6px); opacity: 0.5; }
.qdash-annotations .band { position: absolute; background: rgba(230, 159, 0, 0.16); }
.qdash-annotations button { position: absolute; width: 24px; height: 24px; margin: -12px 0 0 -12px; padding: 0; border: 0; background: none; color: inherit; font: inherit; cursor: pointer; pointer-events: auto; }
.qdash-annotations button span { display: inline-block; min-width: 16px; height: 16px; line-height: 15px; padding: 0 2px; box-sizing: border-box; border: 1px solid var(--st-text-color); border-radius: 4px; background: var(--st-background-color); font-size: 11px; font-weight: 600; text-align: center; }
.qdash-annotations button.many span { border-radius: 8px; background: var(--st-text-color); color: var(--st-background-color); }
.qdash-annotations button:focus-visible { outline: none; }
.qdash-annotations button:focus-visible span { outline: 2px solid var(--st-primary-color); outline-offset: 1px; }
.qdash-annotations.qdash-annotations .texts.texts { position: absolute; z-index: 20; max-width: min(22rem, 96%); max-height: 15rem; overflow: auto; box-sizing: border-box; padding: 0.4rem 0.6rem; border: 1px solid var(--st-border-color); border-radius: 6px; background: var(--st-background-color); box-shadow: 0 2px 8px rgba(0, 0, 0, 0.25); pointer-events: auto; font: 0.8125rem/1.35 var(--st-font); overflow-wrap: anywhere; }
.qdash-annotations .texts ul { display: block; margin: 0; padding: 0; list-style: none; }
.qdash-annotations .texts li { margin: 0; padding: 0.15rem 0; border: 0; }
.qdash-annotations .texts a { display: inline; padding: 0; color: var(--st-link-color); text-decoration: underline; }
.qdash-annotations .texts p { margin: 0.2rem 0 0; }
.qdash-annotation-kinds { display: flex; flex-wrap: wrap; gap: 0.25rem 0.5rem; align-items: center; padding: 0.3rem 0; color: var(--st-text-color); font: 0.8125rem var(--st-font); }
.qdash-annotation-kinds button { display: inline-flex; gap: 0.35rem; align-items: center; min-height: 1.75rem; padding: 0.1rem 0.5rem; border: 1px solid var(--st-border-color); border-radius: 0.4rem; background: transparent; color: inherit; font: inherit; cursor: pointer; }
.qdash-annotation-kinds button b { min-width: 1rem; padding: 0 2px; border: 1px solid var(--st-text-color); border-radius: 4px; font-size: 0.6875rem; text-align: center; }
.qdash-annotation-kinds button[aria-pressed="false"] { border-style: dashed; }
.qdash-annotation-kinds button[aria-pressed="false"] > * { opacity: 0.75; }
.qdash-annotation-kinds button:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 2px; }
`;
const annotation_style = () => el("style", {}, ANNOTATION_STYLE);
// Call a function when the user shows or hides a kind on any plot; return the function that stops it.
const on_hidden_kinds = (callback) => {
  document.addEventListener(HIDDEN_KINDS, callback);
  return () => document.removeEventListener(HIDDEN_KINDS, callback);
};
// Return the legend: a switch with letter, name and number of each kind, remembered in this browser.
const annotation_legend = ({ kinds, items }) => {
  const hidden = hidden_kinds();
  const row = el("div", { class: "qdash-annotation-kinds", role: "group", "aria-label": "Annotations" });
  for (const [kind, [letter, name]] of Object.entries(kinds)) {
    const number = items.filter((one) => one.kind === kind).length;
    if (!number) continue;
    const button = el("button", { type: "button", "aria-pressed": !hidden.has(kind) }, el("b", { "aria-hidden": "true" }, letter), el("span", { class: "name" }, `${name} (${number})`));
    button.addEventListener("click", () => {
      const now = hidden_kinds();
      if (!now.delete(kind)) now.add(kind);
      try {
        localStorage.setItem(HIDDEN_KINDS, JSON.stringify([...now]));
      } catch {
        // without storage the choice cannot be kept
      }
      button.setAttribute("aria-pressed", !now.has(kind));
      document.dispatchEvent(new CustomEvent(HIDDEN_KINDS));
    });
    row.append(button);
  }
  return row;
};

class AnnotationLayer {
  constructor() {
    this.box = el("div", { class: "qdash-annotations", role: "group" });
    this.box.addEventListener("keydown", (event) => this.press(event));
    this.box.addEventListener("focusout", (event) => !this.box.contains(event.relatedTarget) && this.close());
    this.box.addEventListener("mouseleave", () => this.close());
  }
  // Draw the annotations; `frame` has left, top, width and height of the plot in pixels, and `place`, the pixels from its left to a time.
  draw({ kinds, items }, frame) {
    const hidden = hidden_kinds();
    const text = JSON.stringify([items, [...hidden], frame.left, frame.top, frame.width, frame.height, frame.place(items[0]?.at ?? 0)]);
    if (text === this.drawn) return;
    this.drawn = text;
    this.frame = frame;
    const shown = items.filter((one) => !hidden.has(one.kind)).map((one) => ({ ...one, px: frame.place(one.at), end: one.until == null ? null : frame.place(one.until) }));
    const bands = shown.filter((one) => one.end != null && one.end >= 0 && one.px <= frame.width);
    const inside = [...bands.map((one) => ({ ...one, px: Math.max(0, one.px) })), ...shown.filter((one) => one.end == null && one.px >= 0 && one.px <= frame.width)];
    this.groups = group_near(inside.sort((one, other) => one.px - other.px));
    this.texts = null;
    this.box.replaceChildren(
      ...bands.map((one) => this.make_band(one)),
      ...this.groups.map((group) => this.make_line(group)),
      ...this.groups.map((group, place) => this.make_button(group, place, kinds)),
    );
    this.box.setAttribute("aria-label", `Annotations of the plot: ${inside.length}; arrow keys move`);
    this.box.hidden = !this.groups.length;
  }
  put(made, { left, top, ...more }) {
    for (const [name, px] of Object.entries({ left: this.frame.left + left, top: this.frame.top + top, ...more })) made.style[name] = `${px}px`;
    return made;
  }
  make_band({ px, end }) {
    const left = Math.max(0, px);
    return this.put(el("div", { class: "band" }), { left, top: 0, width: Math.max(2, Math.min(end, this.frame.width) - left), height: this.frame.height });
  }
  make_line(group) {
    return this.put(el("div", { class: "line" }), { left: group.px, top: 0, height: this.frame.height });
  }
  make_button(group, place, kinds) {
    const { length } = group.items;
    const letter = new Set(group.items.map((one) => one.kind)).size === 1 ? kinds[group.items[0].kind][0] : "";
    const button = el("button", { type: "button", tabindex: place ? -1 : 0, "aria-expanded": "false", "aria-label": name_group(group) }, el("span", {}, length > 1 ? String(length) : letter));
    if (length > 1) button.className = "many";
    button.addEventListener("mouseenter", () => this.open(place));
    button.addEventListener("focus", () => button.matches(":focus-visible") && this.open(place));
    button.addEventListener("click", (event) => {
      event.preventDefault();
      event.stopPropagation();
      this.open(place);
    });
    return this.put(button, { left: group.px, top: this.frame.height - 9 });
  }
  get buttons() {
    return [...this.box.querySelectorAll("button")];
  }
  open(place) {
    if (this.texts && this.opened === place) return;
    this.close();
    this.opened = place;
    const group = this.groups[place];
    const button = this.buttons[place];
    button.setAttribute("aria-expanded", "true");
    const more = group.items.length - MOST_LISTED;
    this.texts = el("div", { class: "texts" },
      el("ul", {}, ...group.items.slice(0, MOST_LISTED).map(make_text)), more > 0 ? el("p", {}, `and ${more} more: zoom in`) : null);
    button.after(this.texts);
    const room = this.box.clientWidth;
    const left = Math.min(Math.max(0, this.frame.left + group.px - 20), Math.max(0, room - this.texts.offsetWidth));
    this.texts.style.left = `${left}px`;
    this.texts.style.bottom = `${this.box.clientHeight - this.frame.top - this.frame.height + 18}px`;
  }
  close() {
    this.texts?.remove();
    this.texts = null;
    for (const one of this.buttons) one.setAttribute("aria-expanded", "false");
  }
  press(event) {
    const { buttons } = this;
    const now = buttons.indexOf(event.target.closest("button"));
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (event.key === "Escape" && this.texts) {
      const opened = buttons[this.opened];
      this.close();
      opened.focus();
      this.close();
    } else if (step && now >= 0) {
      const next = buttons[Math.min(Math.max(0, now + step), buttons.length - 1)];
      for (const one of buttons) one.tabIndex = one === next ? 0 : -1;
      next.focus();
      this.open(buttons.indexOf(next));
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
// Return groups of annotations that are near each other, given in the order of their places.
const group_near = (items) => {
  const groups = [];
  for (const one of items) {
    const last = groups.at(-1);
    if (last && one.px - last.px < NEAREST_PX) last.items.push(one);
    else groups.push({ px: one.px, items: [one] });
  }
  return groups;
};
const name_group = ({ items }) => {
  const [first, last] = [items[0], items.at(-1)];
  return items.length === 1 ? `${first.time}: ${first.text}` : `${items.length} annotations, ${first.time} to ${last.time}`;
};
const make_text = ({ time, text, detail, href }) => el("li", {}, `${time} `, href ? el("a", { href }, text) : text, detail ? ` ${detail}` : null);
