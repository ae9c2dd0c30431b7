// Colour scales: viridis (S. van der Walt, N. Smith) and cividis (Nunez, Anderton, Renslow 2018), which are perceptually
// uniform and suit all kinds of colour vision.
const STOPS = {
  qubit: ["#440154", "#482475", "#414487", "#355f8d", "#2a788e", "#21918c", "#22a884", "#44bf70", "#7ad151", "#bddf26", "#fde725"],
  coupling: ["#00224e", "#123570", "#3b496c", "#575d6d", "#707173", "#8a8678", "#a59c74", "#c3b369", "#e1cc55", "#fee838"],
};
const WIDE = 30; // ratio of the limits above which a scale is logarithmic
const DIGITS = 5; // most digits of a value in a disc
const ENOUGH = 8; // smallest number of values with percentiles

const channels = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
const colour_at = (stops, fraction) => {
  const place = Math.max(0, Math.min(1, fraction)) * (stops.length - 1);
  const below = Math.min(stops.length - 2, Math.floor(place));
  const [first, second] = [channels(stops[below]), channels(stops[below + 1])];
  return first.map((channel, n) => Math.round(channel + (second[n] - channel) * (place - below)));
};
const ink_on = (rgb) => {
  const [red, green, blue] = rgb.map((channel) => (channel / 255) ** 2.2);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.18 ? "#000" : "#fff";
};
const quantile = (sorted, share) => {
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  return sorted[below] + (sorted[Math.min(below + 1, sorted.length - 1)] - sorted[below]) * (place - below);
};

// The limits are the 2nd and the 98th percentile, so that an outlier does not compress the scale.
const scale_of = (kind, judgements, colours) => {
  const known = judgements.filter((one) => one.state === "value");
  if (!known.length) return null;
  const size = known[0].how.magnitude ? Math.abs : (value) => value;
  const sorted = known.map((one) => size(one.value)).sort((a, b) => a - b);
  let [low, high] = sorted.length < ENOUGH ? [sorted[0], sorted.at(-1)] : [quantile(sorted, 0.02), quantile(sorted, 0.98)];
  if (!(high > low)) {
    const around = 0.05 * Math.abs(low) || 1;
    const most = known[0].how.unit === "%" && high <= 100 ? 100 : Infinity;
    [low, high] = [low - around, Math.min(high + around, most)];
  }
  const logarithmic = low > 0 && high / low > WIDE;
  const level = logarithmic ? (value) => Math.log(Math.max(value, 1e-300)) : (value) => value;
  const stops = colours?.length > 1 ? colours : STOPS[kind];
  const fraction = (value) => (level(size(value)) - level(low)) / (level(high) - level(low));
  return {
    low, high, logarithmic, stops, fraction, size,
    median: quantile(sorted, 0.5),
    below: sorted.filter((value) => value < low).length,
    above: sorted.filter((value) => value > high).length,
    colour: (value) => colour_at(stops, fraction(value)),
    short: short_between(low, high),
    brief: short_between(low, high, DIGITS),
  };
};

// Return a format with enough decimals to resolve 1/500 of the scale: 1 MHz for frequencies; or fewer, so that values have at most some digits.
const short_between = (low, high, digits = Infinity) => {
  const whole = Math.max(1, 1 + Math.floor(Math.log10(Math.max(Math.abs(low), Math.abs(high)))));
  const decimals = Math.max(0, Math.min(2 - Math.floor(Math.log10(high - low)), digits - whole));
  return decimals > 6 || Math.abs(high) >= 1e5 ? (value) => number_text(value.toPrecision(3)) : (value) => number_text(value.toFixed(decimals));
};
