const HEIGHT = 450; // of a figure that states none
const NEAR = "300px"; // distance from the visible part of the page within which a figure is drawn
const FULL_SCREEN = { width: 24, height: 24, path: "M3 9V3h6v2H5v4zm12-6h6v6h-2V5h-4zM3 15h2v4h4v2H3zm16 0h2v6h-6v-2h4z" };
const FOR_A_MOUSE = ["select2d", "lasso2d", "zoomIn2d", "zoomOut2d", "autoScale2d"]; // a finger zooms and moves without them
const kept = new WeakMap();
export default function ({ data, parentElement: root, setTriggerValue }) {
  if (!data.figure) {
    root.querySelector(".qdash-figure")?.remove();
    // A page that a browser opens evaluates the library below its title.
    if (!document.querySelector(`link[href="${data.library}"]`)) load_library(data.library).catch(() => {}); // a figure says so
    return;
  }
  let state = kept.get(root);
  if (!state) kept.set(root, (state = new Figure(root)));
  state.trigger = setTriggerValue;
  state.show(data);
  return () => state.rest();
}

// One element for all figures of a tab.
const load_library = (address) =>
  (window.__qdash_plotly ??= new Promise((done, fail) => {
    if (window.Plotly) return done(window.Plotly); // the page has loaded it
    const script = document.querySelector(`script[src="${address}"]`) ?? el("script", { src: address });
    script.onload = () => done(window.Plotly);
    script.onerror = () => {
      window.__qdash_plotly = null;
      script.remove();
      fail(new Error("the script for figures cannot be loaded: reload the page"));
    };
    if (!script.isConnected) document.head.append(script);
  }));

class Figure {
  constructor(root) {
    this.box = root.querySelector(".qdash-figure");
    this.near = false;
    this.drawn = null;
    this.cursors = null;
    this.layer = null;
    on_tap(this.box, (x, y) => this.tap(x, y));
    this.watch();
  }
  watch() {
    if (this.seen) return;
    this.seen = new IntersectionObserver((found) => {
      if (!found.some((one) => one.isIntersecting)) return;
      this.near = true;
      this.draw();
    }, { rootMargin: NEAR });
    this.seen.observe(this.box);
    this.sized = new ResizeObserver(() => this.fit());
    this.sized.observe(this.box);
    this.scheme = matchMedia("(prefers-color-scheme: dark)");
    this.recolour = () => setTimeout(() => this.draw(), 300); // after Streamlit has set its colours
    this.scheme.addEventListener("change", this.recolour);
    this.unhear = on_hidden_kinds(() => this.annotate());
  }
  show(data) {
    this.watch();
    this.data = data;
    this.lay_out();
    this.box.setAttribute("aria-label", data.label);
    if (data.cursors) this.cursors ??= new Cursors(this.box);
    this.list_annotations(data.annotations);
    if (this.near) this.draw();
  }
  // Draw the legend of the annotations anew if they changed.
  list_annotations(found) {
    const text = JSON.stringify(found ?? null);
    if (this.listed === text) return;
    this.listed = text;
    this.legend?.remove();
    this.layer?.box.remove();
    this.layer = this.legend = null;
    if (!found?.items.length) return;
    this.layer = new AnnotationLayer();
    this.legend = annotation_legend(found);
    this.legend.prepend(annotation_style());
    this.box.after(this.legend);
    this.annotate();
  }
  // Draw what depends on the places of a drawn figure.
  complete() {
    this.cursors?.draw();
    this.annotate();
    if (is_map(this.layout)) thin_out_texts(this.box);
  }
  annotate() {
    const axes = this.layer && this.bound && Object.values(this.box._fullLayout?._plots ?? {})[0];
    if (!axes) return;
    const { xaxis, yaxis } = axes;
    const place = (at) => xaxis.d2p(at);
    this.box.querySelector(".svg-container")?.append(this.layer.box);
    this.layer.draw(this.data.annotations, { left: xaxis._offset, top: yaxis._offset, width: xaxis._length, height: yaxis._length, place });
  }
  // Take the layout for the width of the page.
  lay_out() {
    this.narrow = this.is_narrow();
    const { figure } = this.data;
    this.layout = this.narrow ? make_narrow(figure, HEIGHT, this.box.clientWidth) : figure.layout;
    this.height = this.narrow ? this.layout.height : find_height(figure, HEIGHT, this.box.clientWidth);
    if (document.fullscreenElement !== this.box) this.box.style.minHeight = `${this.height}px`;
  }
  is_narrow() {
    return this.box.clientWidth < NARROW_PX;
  }
  async draw() {
    if (!this.data || !this.near) return;
    this.lay_out();
    const { figure, themed, view_of, library, picking } = this.data;
    const template = themed ? template_of(this.box, this.layout.title?.text) : null;
    const adapt = themed && is_dark(this.box) ? adapt_to_dark : (part) => part;
    const wanted = JSON.stringify([figure, template, view_of, this.narrow, is_map(this.layout) && this.box.clientWidth]);
    if (this.drawn === wanted) return;
    this.drawn = wanted;
    try {
      const plotly = (this.plotly = await load_library(library));
      if (this.drawn !== wanted || !this.box.isConnected) return;
      const layout = { ...adapt(this.layout), uirevision: view_of, autosize: false, ...this.size() };
      if (template) layout.template = template;
      for (const name of numeric_axes(figure.data)) layout[name] = { hoverformat: ".5~g", exponentformat: "power", ...layout[name] };
      if (picking) Object.assign(layout, { dragmode: "select", selectdirection: "h" });
      await plotly.react(this.box, adapt(fit_marks(figure, this.box.clientWidth)), layout, this.config());
      // Its texts say nothing one by one: the name stands for them.
      for (const svg of this.box.querySelectorAll(".main-svg")) svg.setAttribute("aria-hidden", "true");
      if (this.bound) return;
      this.bound = true;
      this.box.on("plotly_click", ({ points: [{ customdata } = {}] }) => customdata && this.trigger("selected", { customdata }));
      this.box.on("plotly_selected", (event) => this.select(event?.range));
      this.box.on("plotly_afterplot", () => this.complete());
      this.complete();
    } catch (error) {
      this.drawn = null;
      this.box.textContent = `This figure cannot be drawn: ${error.message}`;
    }
  }
  // Pass on the window that a drag selects, and remove its frame: the figure of the new fit shows it.
  select(range) {
    const found = range?.[this.data.picking?.axis];
    if (!found) return;
    this.plotly.update(this.box, { selectedpoints: [null] }, { selections: [] });
    const [low, high] = [...found].sort((one, other) => one - other);
    this.trigger("window", { low, high });
  }
  tap(x, y) {
    if (!this.bound) return;
    if (this.cursors?.is_on) return this.cursors.tap(x, y);
    const place = this.data.picking && plot_at(this.box, x, y);
    const point = place && place.xaxis._id === this.data.picking.axis && point_near(this.box, place);
    if (point) this.trigger("point", { x: point.x });
  }
  config() {
    const change = () => (document.fullscreenElement ? document.exitFullscreen() : this.box.requestFullscreen());
    const whole = { name: "full-screen", title: "Full screen", icon: FULL_SCREEN, click: change };
    // By default, Plotly has a button that sends the data to a server of its maker.
    return { displaylogo: false, responsive: false, showSendToCloud: false, plotlyServerURL: "", modeBarButtonsToAdd: [whole], modeBarButtonsToRemove: this.narrow ? FOR_A_MOUSE : [] };
  }
  size() {
    const whole = document.fullscreenElement === this.box;
    return { width: Math.max(100, this.box.clientWidth - (whole ? 32 : 0)), height: whole ? this.box.clientHeight - 32 : this.height };
  }
  fit() {
    if (!this.bound) return;
    if (this.narrow !== this.is_narrow() || is_map(this.layout)) return void this.draw();
    const { width, height } = this.size();
    const { width: now, height: high } = this.box._fullLayout;
    if (Math.abs(width - now) > 1 || Math.abs(height - high) > 1) this.plotly.relayout(this.box, { width, height });
  }
  rest() {
    setTimeout(() => {
      if (this.box.isConnected || !this.seen) return; // it may be removed twice before this runs
      this.seen.disconnect();
      this.sized.disconnect();
      this.scheme.removeEventListener("change", this.recolour);
      this.unhear();
      this.seen = null;
      if (this.bound) this.plotly.purge(this.box);
      this.bound = false;
      this.drawn = null;
    });
  }
}

// Return the names of the axes of numbers, whose digits are limited in labels under the pointer; those of times have formats of their own.
const numeric_axes = (traces) => {
  const is_numeric = (values) => values?.bdata !== undefined || typeof values?.[0] === "number";
  const found = traces.flatMap((trace) => ["x", "y"].filter((one) => is_numeric(trace[one])).map((one) => trace[`${one}axis`] ?? one));
  return new Set(found.map((one) => `${one[0]}axis${one.slice(1)}`));
};

// Fonts and colours of the page, and less room above a figure without a heading.
const template_of = (box, heading) => {
  const style = getComputedStyle(box);
  const read = (name) => style.getPropertyValue(`--st-${name}`).trim();
  const [text, background, faint] = [read("text-color"), read("background-color"), is_dark(box) ? "#3a444c" : "#dfe3e7"];
  const title = { font: { color: text, size: 14 }, standoff: 12 };
  const axis = { title, gridcolor: faint, zerolinecolor: faint, linecolor: faint, tickcolor: faint, tickfont: { color: text, size: 12 }, automargin: true };
  const colours = read("chart-categorical-colors").split(",").filter(Boolean);
  const bar = { outlinewidth: 0, thickness: 16, tickfont: { color: text, size: 12 }, title: { font: { color: text, size: 14 } } };
  return {
    layout: {
      font: { color: text, family: read("font") || "sans-serif", size: 12 },
      title: { font: { color: text, size: 16 }, x: 0, xanchor: "left", pad: { l: 4 } },
      paper_bgcolor: background, plot_bgcolor: background,
      xaxis: { ...axis, showgrid: false, zeroline: false }, yaxis: axis,
      legend: { font: { color: text, size: 12 } },
      hoverlabel: { bgcolor: background, bordercolor: faint, font: { color: text, size: 12 } },
      margin: { l: 10, r: 10, pad: 8, ...(heading ? {} : { t: 40 }) },
      coloraxis: { colorbar: bar },
      ...(colours.length ? { colorway: colours } : {}),
    },
    data: Object.fromEntries(["heatmap", "contour", "histogram2d"].map((type) => [type, [{ colorbar: bar, colorscale: "Cividis" }]])),
  };
};
