const kept = new WeakMap();
export default function ({ data, parentElement: root }) {
  const before = kept.get(root);
  kept.set(root, data.wanted);
  // Wait until the parts above have been laid out.
  const timer = data.wanted && data.wanted !== before ? setTimeout(() => root.host.scrollIntoView({ block: data.block }), 300) : null;
  return () => clearTimeout(timer);
}
