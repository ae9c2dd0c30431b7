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
Object.assign(window, { __drawn, __went, __switched, __opened });
