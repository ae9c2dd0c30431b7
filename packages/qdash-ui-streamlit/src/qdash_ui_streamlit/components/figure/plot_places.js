// Places on the plots of a figure.
const TAP_PX = 5; // longest way of a pointer that is no drag
const NEAR_PX = 24; // largest distance of a point from the press that means it
// Call a function with each press on a plot of a figure that is no drag.
const on_tap = (box, callback) =>
  box.addEventListener("pointerdown", (down) => {
    if (!down.isPrimary || down.button || !down.target.closest?.(".nsewdrag")) return;
    addEventListener("pointerup", (up) => {
      const way = Math.hypot(up.clientX - down.clientX, up.clientY - down.clientY);
      if (up.pointerId === down.pointerId && way < TAP_PX) callback(up.clientX, up.clientY);
    }, { once: true, capture: true });
  }, true);
// Return the axes at a place of the window, and the place in pixels from their ends, or null outside of the plots.
const plot_at = (box, x, y) => {
  const edge = box.querySelector(".main-svg").getBoundingClientRect();
  for (const { id, xaxis, yaxis } of Object.values(box._fullLayout._plots ?? {})) {
    const [px, py] = [x - edge.left - xaxis._offset, y - edge.top - yaxis._offset];
    if (px >= 0 && px <= xaxis._length && py >= 0 && py <= yaxis._length) return { plot: id, xaxis, yaxis, px, py };
  }
  return null;
};
// Return the visible measured points on axes, ascending in x.
const points_on = (box, xaxis, yaxis) =>
  box._fullData
    .filter((one) => one.visible === true && one.mode?.includes("markers") && one.xaxis === xaxis._id && one.yaxis === yaxis._id)
    .flatMap((one) => Array.from(one.x, (x, place) => ({ x, y: one.y[place] })))
    .filter(({ x, y }) => typeof x === "number" && typeof y === "number")
    .sort((one, other) => one.x - other.x);
// Return the point nearest to a place, or null if none is near.
const point_near = (box, { xaxis, yaxis, px, py }) => {
  const far = ({ x, y }) => Math.hypot(xaxis.d2p(x) - px, yaxis.d2p(y) - py);
  const found = points_on(box, xaxis, yaxis).reduce((best, one) => (best && far(best) <= far(one) ? best : one), null);
  return found && far(found) < NEAR_PX ? found : null;
};
