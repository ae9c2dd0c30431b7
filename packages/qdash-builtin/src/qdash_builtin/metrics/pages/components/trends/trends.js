const painted = new WeakMap();
export default function ({ data, parentElement: root }) {
  const place = root.querySelector(".trends");
  place.classList.toggle("dark", is_dark(place));
  const text = JSON.stringify(data);
  if (painted.get(root)?.text !== text) {
    painted.get(root)?.end();
    painted.set(root, { text, end: paint(place, data) });
  }
  return () => {
    painted.get(root)?.end();
    painted.delete(root);
  };
}

// Draw the plots and the legend of their annotations; return the function that ends their updates.
const paint = (place, data) => {
  const plots = data.items.map((one) => ({ ...one, layer: one.annotations.items.length ? new AnnotationLayer() : null }));
  const more = data.more && el("p", {}, el("a", { href: data.more.href }, data.more.title));
  const every = new Map(data.items.flatMap((one) => one.annotations.items.map((item) => [`${item.kind} ${item.href} ${item.time}`, item])));
  const legend = every.size ? [annotation_style(), annotation_legend({ kinds: data.items[0].annotations.kinds, items: [...every.values()] })] : [];
  place.replaceChildren(...legend, el("ul", {}, ...plots.map(make_item)), ...(more ? [more] : []));
  const draw = () => plots.forEach(annotate);
  const sized = new ResizeObserver(draw);
  sized.observe(place);
  const unhear = on_hidden_kinds(draw);
  return () => {
    sized.disconnect();
    unhear();
  };
};

const make_item = (item) => {
  const { href, title, value, plot, words, layer } = item;
  item.drawing = el("div", { class: "plot" }, parse_svg(plot), layer?.box);
  return el("li", {}, el("a", { class: "whole", href }, el("h3", {}, title), el("span", { class: "value" }, value)), item.drawing, el("span", { class: "words" }, words));
};

const annotate = ({ layer, frame, annotations, drawing }) => {
  if (!layer || !drawing.clientWidth) return;
  const scale = drawing.clientWidth / frame.whole;
  const ms = (text) => Date.parse(`${text}Z`);
  const [start, end] = [ms(frame.start), ms(frame.end)];
  const width = frame.width * scale;
  const place = (at) => (at ? ((ms(at) - start) / Math.max(1, end - start)) * width : 0);
  layer.draw(annotations, { left: frame.left * scale, top: frame.top * scale, width, height: frame.height * scale, place });
};

const parse_svg = (text) => document.importNode(new DOMParser().parseFromString(text, "image/svg+xml").documentElement, true);
