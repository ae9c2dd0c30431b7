const painted = new WeakMap();
export default function ({ data, parentElement: root }) {
  const place = root.querySelector(".trends");
  place.classList.toggle("dark", is_dark(place));
  const text = JSON.stringify(data);
  if (painted.get(root) !== text) {
    painted.set(root, text);
    const more = data.more && el("p", {}, el("a", { href: data.more.href }, data.more.title));
    place.replaceChildren(el("ul", {}, ...data.items.map(make_item)), ...(more ? [more] : []));
  }
  return () => painted.delete(root);
}

const make_item = ({ href, title, value, plot, words }) =>
  el("li", {}, el("a", { href }, el("h3", {}, title), el("span", { class: "value" }, value), parse_svg(plot), el("span", { class: "words" }, words)));

const parse_svg = (text) => document.importNode(new DOMParser().parseFromString(text, "image/svg+xml").documentElement, true);
