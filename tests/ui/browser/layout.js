// Return what is cut off or hard to read or to use on the page: parts beyond an edge without a scroll bar, words and quantities that are broken
// over lines, texts that are wrapped word by word, small figures and small texts in them, filters in several rows, parts that only a mouse reaches, and links of several colours.
() => {
  const found = new Set();
  const UNIT = /[\d)] (?:[GMk]?Hz|[mun]?s|µs|min|h|a\.u\.|m?rad|%|[kMG]?B|mK)(?![\w/])/;
  const TEXTS = "td, th, dd, dt, li, p, h1, h2, h3, summary";
  const elements = [];
  const walk = (root) => {
    for (const one of root.querySelectorAll("*")) {
      elements.push(one);
      if (one.shadowRoot) walk(one.shadowRoot);
    }
  };
  const parent_of = (one) => one.parentElement ?? (one.getRootNode() instanceof ShadowRoot ? one.getRootNode().host : null);
  const is_drawn = (one) => one.getClientRects().length > 0 && one.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  const overflow = (one) => getComputedStyle(one).overflowX;
  const name = (one) => `${one.tagName.toLowerCase()} «${one.textContent.trim().replace(/\s+/g, " ").slice(0, 60)}»`;
  const is_cut = (one) => {
    const box = one.getBoundingClientRect();
    for (let up = parent_of(one); up; up = parent_of(up)) {
      if (["auto", "scroll"].includes(overflow(up)) || getComputedStyle(up).clipPath === "inset(50%)") return false; // for screen readers
      const outer = up.getBoundingClientRect();
      if (["hidden", "clip"].includes(overflow(up)) && (box.right > outer.right + 1 || box.left < outer.left - 1)) return true;
    }
    return box.right > innerWidth + 1;
  };
  const count_lines = (range) => new Set([...range.getClientRects()].filter((box) => box.width).map((box) => Math.round(box.top))).size;
  const check_text = (one, node) => {
    const unit = UNIT.exec(node.data);
    if (unit) found.add(`a unit may be separated from its number: ${node.data.slice(Math.max(0, unit.index - 12), unit.index + 8)}`);
    if (!one.matches("td, th")) return;
    const range = document.createRange();
    const long = [...node.data.matchAll(/\S{41,}/g)].map((one) => [one.index, one.index + one[0].length]);
    // Compounds may be broken at their hyphens, but not dates; longer words anywhere.
    for (const word of node.data.matchAll(/\d[^\s–/]*|[^\s\-–/]+/g)) {
      if (long.some(([from, to]) => from <= word.index && word.index < to)) continue;
      range.setStart(node, word.index);
      range.setEnd(node, word.index + word[0].length);
      if (count_lines(range) > 1) found.add(`a word is broken: ${word[0].slice(0, 60)}`);
    }
    range.selectNodeContents(node);
    const lines = count_lines(range);
    if (lines > 3 && node.data.trim().split(/\s+/).length < 1.7 * lines) found.add(`wrapped word by word: ${name(one)}`);
  };
  const LEAST_TEXT_PX = 10.9, LEAST_FIGURE_PX = 250, ONE_ROW_FROM_PX = 1440;
  const KEYS = "a[href], button, input, select, textarea, summary, label, [tabindex], [contenteditable=true], [role=option]";
  const check_figure = (one) => {
    if (one.matches(".qdash-figure") && one.clientWidth < LEAST_FIGURE_PX) found.add(`a figure of ${one.clientWidth} pixels: ${one.ariaLabel}`);
    if (one.tagName !== "text" || !one.textContent.trim()) return;
    const { a, b } = one.getScreenCTM() ?? { a: 1, b: 0 };
    const size = Math.hypot(a, b) * parseFloat(getComputedStyle(one).fontSize);
    if (size < LEAST_TEXT_PX) found.add(`a text of ${size.toFixed(1)} pixels: ${one.textContent.trim().slice(0, 20)}`);
  };
  const check_filters = (one) => {
    if (innerWidth < ONE_ROW_FROM_PX || !one.querySelector(":scope > [class*=st-key-address-]")) return;
    const ends = [...one.children].filter(is_drawn).map((part) => part.getBoundingClientRect()).filter((box) => box.height > 1);
    if (ends.some((box) => box.top >= Math.min(...ends.map((other) => other.bottom)))) found.add(`filters in several rows: ${name(one)}`);
  };
  const check_column = (one) => {
    const page = document.querySelector("[data-testid=stMainBlockContainer]");
    const end = page.getBoundingClientRect().right - parseFloat(getComputedStyle(page).paddingRight);
    const over = one.getBoundingClientRect().right - end;
    if (page.contains(one) && over > 1) found.add(`a column is ${over.toFixed(0)} pixels wider than the page`);
  };
  const link_colours = new Map();
  const check_link = (one) => {
    const { backgroundColor, color, textDecorationLine } = getComputedStyle(one);
    const is_text = textDecorationLine === "underline" && backgroundColor === "rgba(0, 0, 0, 0)" && one.textContent.trim();
    if (is_text) link_colours.set(color, name(one));
  };
  const is_pressed = (one) => one && getComputedStyle(one).cursor === "pointer";
  const has_keys = (one) => {
    for (let up = one; up; up = parent_of(up)) if (up.matches(KEYS)) return true;
    return one.querySelector(KEYS) !== null;
  };
  walk(document);
  const main = document.querySelector("[data-testid=stMain]");
  if (main.scrollWidth > main.clientWidth + 1) found.add("the page scrolls sideways");
  if (document.documentElement.scrollWidth > innerWidth) found.add("the window scrolls sideways");
  for (const one of elements) {
    if (!is_drawn(one)) continue;
    check_figure(one);
    if (one instanceof HTMLAnchorElement) check_link(one);
    if (one.matches("[data-testid=stHorizontalBlock]")) check_filters(one);
    if (one.matches("[data-testid=stColumn]")) check_column(one);
    if (is_pressed(one) && !is_pressed(parent_of(one)) && !has_keys(one)) found.add(`no key reaches ${name(one)}`);
    if (!one.matches(`table, ${TEXTS}`)) continue;
    if (is_cut(one)) found.add(`cut off: ${name(one)}`);
    if (one.matches("td, th") && one.scrollWidth > one.clientWidth + 1) found.add(`wider than its cell: ${name(one)}`);
    // Texts of users may be written in any way.
    if (one.tagName === "TABLE" || one.closest(".user-text, [contenteditable]")) continue;
    const texts = document.createTreeWalker(one, NodeFilter.SHOW_TEXT);
    for (let node; (node = texts.nextNode()); ) {
      const hidden = node.parentElement.closest(".unseen, svg, pre, style, script");
      if (!hidden && node.parentElement.closest(TEXTS) === one && is_drawn(node.parentElement)) check_text(one, node);
    }
  }
  if (link_colours.size > 1) found.add(`links of several colours: ${[...link_colours].map((one) => one.join(" ")).join(", ")}`);
  return [...found];
}
