// Set `--px`, a pixel in units of a map, by which its texts are legible; return the pixels of a unit, 0 without a place.
const measure_px = (svg) => {
  const scale = svg.getScreenCTM()?.a ?? 0;
  if (scale) svg.style.setProperty("--px", `${1 / scale}px`);
  return scale;
};
// Measure a map at each size. Returns a function that ends it.
const keep_legible = (svg, measure = measure_px) => {
  const seen = new ResizeObserver(() => measure(svg));
  seen.observe(svg);
  return () => seen.disconnect();
};
