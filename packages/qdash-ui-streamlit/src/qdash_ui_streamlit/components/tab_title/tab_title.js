const SOON_MS = 200;
let fallback = "";
let timer = null;

export default function ({ data }) {
  fallback = data.title;
  const soon = () => (timer ??= setTimeout(show, SOON_MS));
  const seen = new MutationObserver(soon);
  // Streamlit writes the title of the page.
  seen.observe(document.head, { subtree: true, childList: true, characterData: true });
  seen.observe(document.body, { subtree: true, childList: true });
  soon();
  return () => seen.disconnect();
}

const show = () => {
  timer = null;
  const heading = document.querySelector("[data-testid=stMain] h1");
  if (heading?.closest("[data-stale=true]")) return; // that of the page before
  const name = heading?.textContent.trim() || fallback;
  const chip = new URLSearchParams(location.search).get("chip");
  const parts = [name, chip && !name.split(/\s+/).includes(chip) ? chip : null, "QDash"];
  const title = parts.filter(Boolean).join(" · ");
  if (document.title !== title) document.title = title;
};
