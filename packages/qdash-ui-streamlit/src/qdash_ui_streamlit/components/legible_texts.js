// Keep texts of a map legible at each size: `--px` is a pixel in units of the map. Returns a function that ends it.
const keep_legible = (svg) => {
  const seen = new ResizeObserver(() => {
    const scale = svg.getScreenCTM()?.a;
    if (scale) svg.style.setProperty("--px", `${1 / scale}px`);
  });
  seen.observe(svg);
  return () => seen.disconnect();
};
