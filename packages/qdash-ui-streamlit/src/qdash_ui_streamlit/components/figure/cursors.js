// Two cursors on a figure, with their values and differences.
const CURSORS_HELP = "Click or arrow keys ← → set a cursor; ↑ ↓ choose cursor A or B";
const SECONDS = { ns: 1e-9, us: 1e-6, "µs": 1e-6, "μs": 1e-6, ms: 1e-3, s: 1 };
const rate_text = (hertz) => {
  const [factor, unit] = [[1e9, "GHz"], [1e6, "MHz"], [1e3, "kHz"], [1, "Hz"]].find(([one]) => hertz >= one) ?? [1, "Hz"];
  return with_unit(Number((hertz / factor).toPrecision(4)), unit);
};
const axis_unit = (axis) => (axis.title?.text ?? "").match(/\(([^()]+)\)\s*$/)?.[1] ?? "";
// Return a number with a thousandth of the range of its axis as the last digit.
const on_axis = (axis, value) => {
  const [low, high] = axis.range.map((one) => axis.r2l(one));
  const decimals = axis.type === "linear" ? 3 - Math.floor(Math.log10(Math.abs(high - low))) : 3;
  return with_unit(number_text(axis.type === "linear" ? value.toFixed(Math.min(12, Math.max(0, decimals))) : Number(value.toPrecision(5))), axis_unit(axis));
};
class Cursors {
  constructor(box) {
    this.box = box;
    this.set = [null, null];
    this.active = 0;
    this.is_on = false;
    this.button = el("button", { type: "button", "aria-pressed": "false", title: CURSORS_HELP }, "Cursors");
    this.told = el("output");
    this.row = el("div", { class: "qdash-cursors" }, this.button, this.told);
    this.lines = svg_el("svg", { class: "qdash-cursor-lines", "aria-hidden": "true" });
    box.after(this.row);
    this.button.addEventListener("click", () => this.turn(!this.is_on));
    this.row.addEventListener("keydown", (event) => this.press(event));
  }
  turn(is_on) {
    this.is_on = is_on;
    this.button.setAttribute("aria-pressed", is_on);
    if (is_on && !this.set[0]) this.begin();
    this.draw();
  }
  // Put the cursors onto the first and the last point of the first plot.
  begin() {
    for (const { id, xaxis, yaxis } of Object.values(this.box._fullLayout?._plots ?? {})) {
      const points = points_on(this.box, xaxis, yaxis);
      if (points.length < 2) continue;
      this.set = [points[0], points.at(-1)].map((one) => ({ ...one, plot: id }));
      return;
    }
  }
  tap(x, y) {
    const place = plot_at(this.box, x, y);
    if (!place) return;
    const { xaxis, yaxis, px, py, plot } = place;
    const { x: at, y: high } = point_near(this.box, place) ?? { x: xaxis.p2d(px), y: yaxis.p2d(py) };
    this.set[this.active] = { x: at, y: high, plot };
    this.active = 1 - this.active;
    this.draw();
  }
  press(event) {
    if (!this.is_on || !event.key.startsWith("Arrow")) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key === "ArrowUp" || event.key === "ArrowDown") this.active = event.key === "ArrowUp" ? 0 : 1;
    else this.step(event.key === "ArrowRight" ? 1 : -1);
    this.draw();
  }
  // Move the active cursor to the next point.
  step(by) {
    const now = this.set[this.active] ?? this.set[1 - this.active];
    const axes = now && this.box._fullLayout._plots[now.plot];
    if (!axes) return;
    const points = points_on(this.box, axes.xaxis, axes.yaxis);
    const beyond = points.filter(({ x }) => (by > 0 ? x > now.x : x < now.x));
    const next = by > 0 ? beyond[0] : beyond.at(-1);
    if (next) this.set[this.active] = { ...next, plot: now.plot };
  }
  draw() {
    const shown = this.is_on ? this.set.map((one) => this.locate(one)) : [null, null];
    this.lines.replaceChildren();
    this.box.querySelector(".svg-container")?.append(this.lines);
    shown.forEach((one, place) => one && this.draw_one(one, place));
    this.told.replaceChildren(...this.tell(...shown));
  }
  locate(cursor) {
    const axes = cursor && this.box._fullLayout?._plots?.[cursor.plot];
    return axes ? { ...cursor, xaxis: axes.xaxis, yaxis: axes.yaxis } : null;
  }
  draw_one({ x, y, xaxis, yaxis }, place) {
    const [px, py] = [xaxis.d2p(x), yaxis.d2p(y)];
    if (!(px >= 0 && px <= xaxis._length)) return;
    const [left, top] = [xaxis._offset, yaxis._offset];
    const style = `cursor-${place ? "b" : "a"}${place === this.active ? " active" : ""}`;
    svg_el("line", { class: style, x1: left + px, x2: left + px, y1: top, y2: top + yaxis._length }, this.lines);
    if (py >= 0 && py <= yaxis._length) svg_el("line", { class: style, x1: left, x2: left + xaxis._length, y1: top + py, y2: top + py }, this.lines);
    svg_el("text", { class: style, x: left + px + 4, y: top + 12 }, this.lines).textContent = place ? "B" : "A";
  }
  // Return the readings of the cursors, and of their differences if they are on the same axes.
  tell(a, b) {
    const parts = [];
    for (const [name, one] of [["A", a], ["B", b]])
      if (one) parts.push(`${name}  x ${on_axis(one.xaxis, one.x)}, y ${on_axis(one.yaxis, one.y)}`);
    if (a && b && a.plot === b.plot) {
      const [dx, dy] = [b.x - a.x, b.y - a.y];
      parts.push(`Δx ${on_axis(a.xaxis, dx)}`, `Δy ${on_axis(a.yaxis, dy)}`);
      const scale = SECONDS[axis_unit(a.xaxis)];
      if (scale && dx) parts.push(`1/Δx ${rate_text(1 / Math.abs(dx * scale))}`);
    }
    return parts.map((text) => el("span", {}, text));
  }
}
