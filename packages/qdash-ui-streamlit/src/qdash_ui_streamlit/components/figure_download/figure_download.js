const painted = new WeakMap();
export default function ({ data, parentElement: root }) {
  const place = root.querySelector(".buttons");
  const text = JSON.stringify(data);
  if (painted.get(root) !== text) {
    painted.set(root, text);
    place.replaceChildren(button(place, data, "PNG", save_png), button(place, data, "SVG", save_svg));
  }
  return () => painted.delete(root);
}

const button = (place, data, format, save) => {
  const made = el("button", { type: "button", "aria-label": `${format} of the figure ${data.title}`, title: `Download as ${format}` }, format);
  made.addEventListener("click", () => {
    const figure = document.querySelector(`.st-key-${CSS.escape(data.figure)} .js-plotly-plot`);
    if (figure) save(make_svg(figure, getComputedStyle(place).getPropertyValue("--st-background-color")), data.name);
  });
  return made;
};

const DETAIL = 2; // pixels of a PNG for each pixel of the page
const TRANSIENT = ".hoverlayer, .zoomlayer, .draglayer";
// Return a figure as one SVG: Plotly draws it as several, one above the other.
const make_svg = (figure, background) => {
  const layers = [...figure.querySelectorAll(".main-svg")];
  const width = Number(layers[0].getAttribute("width")), height = Number(layers[0].getAttribute("height"));
  const made = svg_el("svg", { xmlns: "http://www.w3.org/2000/svg", width, height, viewBox: `0 0 ${width} ${height}` });
  svg_el("rect", { width, height, fill: background }, made);
  for (const layer of layers) {
    const copy = layer.cloneNode(true);
    for (const one of copy.querySelectorAll(TRANSIENT)) one.remove();
    made.append(...copy.childNodes);
  }
  return { width, height, text: new XMLSerializer().serializeToString(made) };
};

const save_svg = ({ text }, name) => save_file(new Blob([text], { type: "image/svg+xml" }), `${name}.svg`);

const save_png = async ({ width, height, text }, name) => {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  await image.decode();
  const canvas = Object.assign(el("canvas"), { width: DETAIL * width, height: DETAIL * height });
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  canvas.toBlob((blob) => save_file(blob, `${name}.png`), "image/png");
};
