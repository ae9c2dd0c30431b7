// Streamlit opens Markdown links in a new tab, and a plain link reloads the whole page.
export default function () {
  document.addEventListener("click", clicked);
  return () => document.removeEventListener("click", clicked);
}

const OWN = ["/host/", "/auth/", "/live/"];
const clicked = (event) => {
  // With a modifier key or another button, the browser opens it like any link.
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || event.button) return;
  const link = event.composedPath().find((one) => one instanceof HTMLAnchorElement && one.href);
  if (!link || link.hasAttribute("download") || link.closest("[data-testid=stSidebarNav]")) return;
  const to = new URL(link.href);
  if (to.origin !== location.origin || OWN.some((place) => to.pathname.startsWith(place))) return;
  event.preventDefault();
  navigate(to.pathname + to.search);
};
