// Streamlit reads the theme once, when a URL is loaded, under the path of that URL.
const key = (path) => `stActiveTheme-${path}-v2`;
const loaded = new URL(performance.getEntriesByType("navigation")[0]?.name ?? location.href).pathname;

export default function ({ data }) {
  const wanted = JSON.stringify(data.chosen);
  const has = (path) => (localStorage.getItem(key(path)) ?? '"System"') === wanted;
  const other = !has(loaded);
  for (const path of new Set([loaded, "/", ...data.paths.map((one) => `/${one}`)])) {
    if (!has(path)) localStorage.setItem(key(path), wanted);
  }
  if (other && has(loaded)) location.reload();
  const scheme = matchMedia("(prefers-color-scheme: dark)");
  const follow = () => setTimeout(set_scheme, 300); // after Streamlit has set its colours
  set_scheme();
  scheme.addEventListener("change", follow);
  return () => scheme.removeEventListener("change", follow);
}

// Give dialogs and menus, which are outside of the application, the scheme of its theme.
const set_scheme = () => {
  document.documentElement.style.colorScheme = getComputedStyle(document.querySelector(".stApp")).colorScheme;
};
