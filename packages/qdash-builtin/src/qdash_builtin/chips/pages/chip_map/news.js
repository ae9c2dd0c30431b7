// News for screen readers: targets whose tasks have ended, all at once and not more often than one can listen.
const NEWS_MS = 15_000;
const MOST_READ = 3; // targets whose values are read; of more, only their number and those that failed

const bind_news = (map) => {
  const box = map.root.querySelector("[data-testid=news]");
  const ended = new Set();
  let timer = null;
  let last = 0;
  const tell = () => {
    timer = null;
    last = Date.now();
    box.textContent = news_of(map.judgements.filter(({ id }) => ended.has(id)));
    ended.clear();
  };
  map.add_news = (targets) => {
    for (const id of targets) ended.add(id);
    if (targets.length) timer ??= setTimeout(tell, Math.max(300, last + NEWS_MS - Date.now()));
  };
  return () => {
    clearTimeout(timer);
    timer = null;
  };
};

const news_of = (judgements) => {
  if (judgements.length <= MOST_READ) return judgements.map(describe).join(". ");
  const failed = judgements.filter(({ status }) => status === "failed").map(({ id }) => id);
  const named = failed.length > MOST_READ ? `${failed.length} failed` : `failed: ${failed.join(", ")}`;
  return `${judgements.length} qubits and couplings measured${failed.length ? `, ${named}` : ""}`;
};
