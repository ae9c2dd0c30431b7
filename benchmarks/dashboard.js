// What of the dashboard is timed where it happens: without the way from the browser to who measures.
const __all = (selector, root = document) => {
  const found = [...root.querySelectorAll(selector)];
  for (const one of root.querySelectorAll("*")) if (one.shadowRoot) found.push(...__all(selector, one.shadowRoot));
  return found;
};
const __PATIENCE_MS = 60_000;
const __until = (happened, patience_ms = __PATIENCE_MS) =>
  new Promise((done, fail) => {
    const began = performance.now();
    const look = () => {
      if (performance.now() - began > patience_ms) return fail(new Error(`${location.href} is not what it was to become`));
      if (!happened()) return requestAnimationFrame(look);
      requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now())));
    };
    look();
  });
const __is_there = ({ heading, selector, number }) => () =>
  document.querySelector("[data-testid=stApp]")?.dataset.testScriptState === "notRunning" &&
  [...document.querySelectorAll("h1")].some((one) => one.innerText.toLowerCase().includes(heading.toLowerCase())) &&
  !document.querySelector("[data-stale=true]") &&
  __all(selector).length >= number;

// ms since the page was asked for.
const __drawn = (shown) => __until(__is_there(shown));

// ms from here to another page.
const __went = async (shown) => {
  const began = performance.now();
  history.pushState({}, "", shown.address);
  dispatchEvent(new PopStateEvent("popstate", { state: {} }));
  // A run of a few milliseconds is over before anybody looks.
  await __until(() => document.querySelector("[data-testid=stApp]").dataset.testScriptState === "running", 500).catch(() => {});
  return (await __until(__is_there(shown))) - began;
};

// ms from the choice of a metric to its colours.
const __switched = async (metric) => {
  const [map] = __all("svg.map");
  const [select] = __all("select.qubit");
  const began = performance.now();
  select.value = metric;
  select.dispatchEvent(new Event("change", { bubbles: true }));
  return (await __until(() => map.dataset.metric === metric)) - began;
};

// ms from the click at a target to what is known of it.
const __opened = async (target) => {
  const [shape] = __all(`[data-testid="target-${target}"]`);
  const began = performance.now();
  shape.dispatchEvent(new MouseEvent("click", { bubbles: true, composed: true }));
  const named = `${target.includes("-") ? "coupling" : "qubit"} ${target}`;
  return (await __until(() => document.querySelector("[data-testid=panel]")?.ariaLabel === named)) - began;
};

// Links to a kind of page that are drawn, at most 30.
const __links = (path) =>
  __all(`a[href*='/${path}?']`).filter((one) => one.getBoundingClientRect().width).slice(0, 30);
const __offered = (paths) =>
  Object.fromEntries(paths.map((path) => [path, __links(path).map((one) => ({ text: one.textContent, href: one.getAttribute("href") }))]));

// ms from a click at a link, a key or a step back until another page is painted with its first figure.
const __acted = async ({ path, href, group, key, shown }) => {
  const ready = __is_there(shown);
  const is_drawn = () => __all(".qdash-figure").slice(0, 1).every((one) => __all(".main-svg", one).length);
  const link = group
    ? [...document.querySelectorAll("nav.pages a")].find((one) => one.textContent.includes(group))
    : path && __links(path).find((one) => one.getAttribute("href") === href);
  const began = performance.now();
  if (link) link.dispatchEvent(new MouseEvent("click", { bubbles: true, composed: true, cancelable: true }));
  else if (key) document.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  else history.back();
  return (await __until(() => ready() && is_drawn())) - began;
};

// What a cold load cost: painting in ms, bytes on the wire and unpacked by kind of file.
const __KINDS = [[/\.m?js($|\?)/, "scripts"], [/\.css($|\?)/, "styles"], [/\.(woff2?|ttf)($|\?)/, "fonts"]];
const __seen = (type) =>
  new Promise((done) => {
    const observer = new PerformanceObserver((list) => done(list.getEntries()));
    observer.observe({ type, buffered: true });
    setTimeout(() => done(observer.takeRecords()), 100);
  });
const __weighed = async () => {
  const painted = performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0;
  const [largest, shifts, long] = await Promise.all(["largest-contentful-paint", "layout-shift", "longtask"].map(__seen));
  // The largest sum of shifts with less than 1 s between two of them and 5 s in all.
  let [worst, sum, first, last] = [0, 0, 0, 0];
  for (const { value, startTime, hadRecentInput } of shifts) {
    if (hadRecentInput) continue;
    if (startTime - last > 1000 || startTime - first > 5000) [sum, first] = [0, startTime];
    [sum, last] = [sum + value, startTime];
    worst = Math.max(worst, sum);
  }
  const files = performance.getEntriesByType("resource").concat(performance.getEntriesByType("navigation"));
  const bytes = {};
  for (const { name, transferSize, decodedBodySize } of files) {
    const kind = __KINDS.find(([ending]) => ending.test(name))?.[1] ?? "other";
    const [wire, whole] = bytes[kind] ?? [0, 0];
    bytes[kind] = [wire + transferSize, whole + decodedBodySize];
  }
  return {
    first_ms: painted,
    largest_ms: Math.max(0, ...largest.map((one) => one.startTime)),
    shift: worst,
    blocked_ms: long.filter((one) => one.startTime > painted).reduce((all, one) => all + Math.max(0, one.duration - 50), 0),
    files: files.length,
    bytes,
  };
};
Object.assign(window, { __drawn, __went, __switched, __opened, __acted, __offered, __weighed });
