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
const clicked = (event) => {
  // With a modifier key or another button, the browser opens it like any link.
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || event.button) return;
  const link = event.composedPath().find((one) => one instanceof HTMLAnchorElement && one.href);
  if (!link || link.hasAttribute("download") || link.closest("[data-testid=stSidebarNav]")) return;
  const to = new URL(link.href);
  if (to.origin !== location.origin || !is_page(to.pathname.slice(1))) return;
  if (to.hash && to.pathname + to.search === location.pathname + location.search) return; // the browser scrolls to the heading
  event.preventDefault();
  // The link is replaced with its page: the Tab key goes on from the start of the new one.
  if (to.pathname !== location.pathname || link.closest("nav")) document.querySelector("[data-testid=stMain]")?.focus();
  navigate(to.pathname + to.search);
  // On a phone the side bar covers the page.
  const bar = event.composedPath().find((one) => one.dataset?.testid === "stSidebar");
  if (bar?.dataset.collapsed === "false" && innerWidth < 768) bar.querySelector("[data-testid=stSidebarCollapseButton] button")?.click();
};
