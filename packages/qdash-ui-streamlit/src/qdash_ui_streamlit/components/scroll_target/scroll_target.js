const kept = new WeakMap();
export default function ({ data, parentElement: root }) {
  const before = kept.get(root);
  const is_first = !kept.has(root);
  kept.set(root, data.wanted);
  const is_new = data.wanted && data.wanted !== before && (data.as_loaded || !is_first);
  root.host.style.scrollMarginTop = "3rem"; // below the button that opens the side bar
  const go = () => {
    const { top } = root.host.getBoundingClientRect();
    if (data.as_loaded || top > window.innerHeight / 2) root.host.scrollIntoView({ block: data.block });
  };
  // Wait until the parts above have been laid out.
  const timer = is_new ? setTimeout(go, 300) : null;
  return () => clearTimeout(timer);
}
