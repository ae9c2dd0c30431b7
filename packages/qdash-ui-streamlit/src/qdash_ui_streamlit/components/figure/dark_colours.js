// Adaptation of figures to the dark theme: tasks draw them for a light background.
const COLOURS = new Set(["color", "fillcolor", "bordercolor"]);
// Return a lighter colour of the same hue, in CSS `hsl(from COLOUR h s max(l, 100 - l))`; light colours, and those not in `#rrggbb`, are unchanged.
const lighten = (colour) => {
  const parts = /^#(..)(..)(..)$/.exec(colour)?.slice(1).map((part) => parseInt(part, 16));
  if (!parts) return colour;
  const more = Math.max(0, 255 - Math.max(...parts) - Math.min(...parts));
  return `#${parts.map((part) => (part + more).toString(16).padStart(2, "0")).join("")}`;
};
// Return a part of a figure with dark colours replaced by equally light ones. Lists of numbers, which have thousands, are skipped.
const adapt_to_dark = (part) => {
  if (Array.isArray(part)) return typeof part[0] === "object" ? part.map(adapt_to_dark) : part;
  if (part?.constructor !== Object) return part;
  return Object.fromEntries(Object.entries(part).map(([name, value]) => [name, COLOURS.has(name) && typeof value === "string" ? lighten(value) : adapt_to_dark(value)]));
};
