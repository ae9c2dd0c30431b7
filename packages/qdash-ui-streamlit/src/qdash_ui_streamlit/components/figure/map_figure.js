// Figures that are maps, which the width limits: no more height than they need, smaller marks, and no text that covers a mark or another.
const MARK_ROOM_PX = 40; // distance of neighbours at which marks have their size
const LEGEND_PX = 40;
const MARK_INSET_PX = 3; // of the edge of a mark below a text
const is_map = ({ yaxis }) => Boolean(yaxis?.scaleanchor) && yaxis.visible === false;
const find_span = (data, axis) => {
  const known = data.flatMap((one) => Array.from(one[axis] ?? [])).filter(Number.isFinite);
  return 1 + Math.max(...known) - Math.min(...known);
};
const find_height = ({ data, layout }, usual_height, width) => {
  const height = layout.height ?? usual_height;
  return is_map(layout) ? Math.min(height, LEGEND_PX + (width * find_span(data, "y")) / find_span(data, "x")) : height;
};
const fit_marks = ({ data, layout }, width) => {
  const scale = is_map(layout) ? Math.min(1, width / find_span(data, "x") / MARK_ROOM_PX) : 1;
  return scale === 1 ? data : data.map((one) => (one.marker ? { ...one, marker: { ...one.marker, size: one.marker.size.map((size) => scale * size) } } : one));
};
// Hide each text that covers a mark or an earlier text, or leaves the figure. The trace on top comes first, and its points in their order.
const thin_out_texts = (box) => {
  const edges = ({ left, right, top, bottom }, inset = 0) => ({ left: left + inset, right: right - inset, top: top + inset, bottom: bottom - inset });
  const { right } = box.getBoundingClientRect();
  const taken = [...box.querySelectorAll(".points path")].map((mark) => edges(mark.getBoundingClientRect(), MARK_INSET_PX));
  for (const trace of [...box.querySelectorAll(".scatterlayer .trace")].reverse()) {
    for (const text of trace.querySelectorAll(".textpoint text")) {
      const here = edges(text.getBoundingClientRect());
      const is_shown = here.right <= right && !taken.some((one) => one.left < here.right && here.left < one.right && one.top < here.bottom && here.top < one.bottom);
      text.style.visibility = is_shown ? "" : "hidden";
      if (is_shown) taken.push(here);
    }
  }
};
