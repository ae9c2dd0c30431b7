// Data of a chip, loaded from the host: all of it first, then only targets whose tasks have just ended.
const REFRESH_MS = 2000;
const MOST_NAMED = 60; // largest number of targets in one request; for more, all are requested

const FRESH = { cache: "no-cache" };
const make_url = (address, name, values) => {
  const url = new URL(address, location.origin);
  for (const value of values) url.searchParams.append(name, value);
  return url;
};

const read_values = async (map, targets) => {
  const meant = map.data.addresses.values;
  const told = await read_json(make_url(meant, "target", targets), FRESH);
  if (meant === map.data.addresses.values) map.known = targets.length ? merge_values(map.known, told, targets) : told;
};
const merge_values = (had, told, targets) => {
  const kinds = { qubits: { ...had.qubits }, couplings: { ...had.couplings } };
  for (const id of targets) {
    const kind = many(kind_of(id));
    if (told[kind][id]) kinds[kind][id] = told[kind][id];
    else delete kinds[kind][id];
  }
  return kinds;
};
// Cached data is shown at once when the user comes back to the page, until it is loaded again.
const NOTHING_READ = { known: {}, statuses: {}, issues: {}, definitions: null };
const MOST_REMEMBERED = 4;
const remembered = new Map(); // by URL of the values, for the life of the tab
const remember = (map) => {
  const { known, statuses, issues, definitions } = map;
  remembered.delete(map.data.addresses.values);
  remembered.set(map.data.addresses.values, { known, statuses, issues, definitions });
  if (remembered.size > MOST_REMEMBERED) remembered.delete(remembered.keys().next().value);
};
const recall = (map) => Object.assign(map, NOTHING_READ, remembered.get(map.data.addresses.values));

const read_statuses = async (map) => {
  map.statuses = await read_json(map.data.addresses.chip, FRESH);
};
// Open issues of each target that has any.
const read_issues = async (map) => {
  const { issues, by_target } = await read_json(map.data.addresses.issues, FRESH);
  const titles = new Map(issues.map(({ issue_id, title }) => [issue_id, title]));
  map.issues = Object.fromEntries(Object.entries(by_target).map(([id, ids]) => [id, ids.map((issue_id) => ({ issue_id, title: titles.get(issue_id) }))]));
};
const read_definitions = async (map) => {
  map.definitions ??= await read_json(map.data.addresses.definitions, FRESH);
};

const read = async (map, targets = []) => {
  map.read_at = Date.now();
  try {
    await Promise.all([read_definitions(map), read_statuses(map), ...(targets.length ? [] : [read_issues(map)]), read_values(map, targets.length > MOST_NAMED ? [] : targets)]);
    map.repaint_soon();
    map.add_news(targets);
    map.say_problem(null);
    remember(map);
  } catch (error) {
    map.failed = true;
    map.repaint_soon();
    map.say_problem(error.message);
  }
};

// Follow the events of the chip: targets with a running task, and with one that has just ended. After other events, such as a decision,
// an exclusion or a note, all targets are loaded again: a value can change the marks of others.
const follow_events = (map) => {
  const touched = new Set();
  let all = false;
  let timer = null;
  let issue_timer = null;
  let last = 0;
  const refresh = () => {
    timer = null;
    last = Date.now();
    const targets = all ? [] : [...touched];
    touched.clear();
    all = false;
    read(map, targets);
  };
  const refresh_issues = () => {
    issue_timer = null;
    read_issues(map).then(map.repaint_soon, (error) => map.say_problem(error.message));
  };
  const later = () => {
    timer ??= setTimeout(refresh, Math.max(100, last + REFRESH_MS - Date.now()));
  };
  const heard = (event) => {
    const { kind, chip_id, execution_id, data } = event;
    if (chip_id !== map.data.chip_id || !has_kind(map.data.kinds, event)) return;
    const [what, state] = kind.split(".");
    const id = data?.qid;
    if (what === "execution" && ["completed", "failed", "cancelled"].includes(state)) {
      for (const [target, task] of map.running) if (task.execution_id === execution_id) map.running.delete(target);
      map.show_running();
      all = true;
      later();
    } else if (what === "issue") {
      issue_timer ??= setTimeout(refresh_issues, 500);
    } else if (what === "task" && map.els[id]) {
      if (state === "running") map.running.set(id, { name: data.name, execution_id });
      else if (map.running.get(id)?.name === data.name) map.running.delete(id);
      map.show_running();
      if (state === "completed" || state === "failed") {
        map.flash(id);
        touched.add(id);
        later();
      }
    } else if (what !== "execution" && what !== "task") {
      // A run changes the status of one target after the other.
      if (what === "chip" && data?.targets?.length) for (const target of data.targets) touched.add(target);
      else all = true;
      later();
    }
  };
  const connection = ({ alive, gap }) => {
    if (gap || (alive && map.away)) read(map);
    if (gap || !alive) map.running.clear();
    map.away = !alive;
    map.show_running();
  };
  const ends = [on_event(heard), on_live(connection)];
  return () => {
    for (const end of ends) end();
    clearTimeout(timer);
    clearTimeout(issue_timer);
  };
};
