// Streamlit opens Markdown links in a new tab, and a plain link reloads the whole page.
let paths = new Set();
export default function ({ data }) {
  paths = new Set(data.paths);
  document.addEventListener("click", clicked);
  document.addEventListener("click", keep_focus);
  return () => {
    document.removeEventListener("click", clicked);
    document.removeEventListener("click", keep_focus);
  };
}

const is_page = (path) => path === "" || paths.has(path);
/** Return whether a link leads to another page, or to another subject of it, which the parameter with its name tells. */
const is_other = (to) => {
  const name = to.pathname.slice(1);
  return to.pathname !== location.pathname || to.searchParams.get(name) !== new URLSearchParams(location.search).get(name);
};
const clicked = (event) => {
  // With a modifier key or another button, the browser opens it like any link.
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || event.button) return;
  const link = event.composedPath().find((one) => one instanceof HTMLAnchorElement && one.href);
  if (!link || link.hasAttribute("download") || link.closest("[data-testid=stSidebarNav]")) return;
  const to = new URL(link.href);
  if (to.origin !== location.origin || !is_page(to.pathname.slice(1))) return;
  if (to.hash && to.pathname + to.search === location.pathname + location.search) return; // the browser scrolls to the heading
  event.preventDefault();
  const main = document.querySelector("[data-testid=stMain]");
  // The link is replaced with its page: the Tab key goes on from the start of the new one.
  if (is_other(to) || link.closest("nav")) main?.focus();
  // Streamlit keeps the position within a page, also from one result or qubit to another.
  if (to.pathname === location.pathname && is_other(to)) main?.scrollTo(0, 0);
  navigate(to.pathname + to.search);
  // On a phone the side bar covers the page.
  const bar = event.composedPath().find((one) => one.dataset?.testid === "stSidebar");
  if (bar?.dataset.collapsed === "false" && innerWidth < 768) bar.querySelector("[data-testid=stSidebarCollapseButton] button")?.click();
};
