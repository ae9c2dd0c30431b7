// What components share: it stands before each of them.
const el = (name, attributes = {}, ...inside) => {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) if (value != null) made.setAttribute(key, value);
  made.append(...inside.filter((one) => one != null));
  return made;
};
// What happens on the host, as the component `live` tells it; returns what ends it.
const on_event = (told) => {
  const heard = (event) => told(event.detail);
  document.addEventListener("qdash:event", heard);
  return () => document.removeEventListener("qdash:event", heard);
};
// A value with its standard deviation as people write it: 81.5(13); the error unknown: five digits.
const with_error = (value, error) => {
  if (value == null || !Number.isFinite(value)) return "–";
  if (!(error > 0)) return String(Number(value.toPrecision(5)));
  const digits = 1 - Math.floor(Math.log10(error));
  if (digits <= 0) return `${Math.round(value)}(${Math.round(error)})`;
  return `${value.toFixed(digits)}(${Math.round(error * 10 ** digits)})`;
};
