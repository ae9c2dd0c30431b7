// Rows of a graph of provenance, from the host's answer.

// Return the activity that generated each value; and of each activity its user, its values in use, and the numbers of its edges.
function index_graph(graph) {
  const origin = new Map(graph.wasGeneratedBy.map((one) => [one.entity, one.activity]));
  const user = new Map(graph.wasAssociatedWith.map((one) => [one.activity, graph.agent[one.agent]?.username]));
  const [in_use, earlier, later] = [new Map(), new Map(), new Map()];
  for (const [entity, one] of Object.entries(graph.entity)) {
    const node = origin.get(entity);
    if (!one.in_use || !node) continue;
    if (!in_use.has(node)) in_use.set(node, []);
    in_use.get(node).push({ entity });
  }
  const add = (counts, node) => counts.set(node, (counts.get(node) ?? 0) + 1);
  for (const one of graph.used) {
    add(earlier, one.activity);
    add(later, origin.get(one.entity));
  }
  for (const one of graph.wasInformedBy) {
    add(earlier, one.informed);
    add(later, one.informant);
  }
  return { origin, user, in_use, earlier, later };
}

// Return a row for each neighbour of an activity: results, changes by users and releases, with the values that were used.
function neighbour_rows(graph, root, later) {
  const index = index_graph(graph);
  const used = new Map();
  const add = (node, usage) => {
    if (!node || node === root) return;
    if (!used.has(node)) used.set(node, []);
    if (usage) used.get(node).push(usage);
  };
  for (const usage of graph.used) {
    const origin = graph.entity[usage.entity]?.kind === "release" ? usage.entity : index.origin.get(usage.entity);
    if (later ? origin === root : usage.activity === root) add(later ? usage.activity : origin, usage);
  }
  for (const one of graph.wasInformedBy) if (one[later ? "informant" : "informed"] === root) add(one[later ? "informed" : "informant"]);
  for (const one of graph.wasDerivedFrom)
    if (later && graph.entity[one.generatedEntity]?.kind === "release" && index.origin.get(one.usedEntity) === root) add(one.generatedEntity, { entity: one.usedEntity });
  const rows = sort_rows([...used].map(([node, usages]) => make_row(graph, index, node, usages, later)));
  return later ? rows : [...rows, ...unrecorded_row(graph, index, root)];
}

// Return the row of the inputs of an activity that no result has recorded: defaults, and values of the laboratory.
function unrecorded_row(graph, index, root) {
  const usages = graph.used.filter((one) => one.activity === root && graph.entity[one.entity]?.kind === "value" && !index.origin.get(one.entity));
  if (!usages.length) return [];
  return [{ node: "unrecorded", kind: "unrecorded", values: values_of(graph, usages, []), uses: [], rejected: [], remarks: [], unfolds: false }];
}

// Return a row for each activity and release before a root, or after it, without the values that were used.
function all_rows(graph, later) {
  const index = index_graph(graph);
  const nodes = [...Object.entries(graph.activity), ...Object.entries(graph.entity).filter(([, one]) => one.kind === "release")];
  return sort_rows(nodes.filter(([, one]) => (later ? one.steps > 0 : one.steps < 0)).map(([node]) => make_row(graph, index, node, [], later)));
}

const sort_rows = (rows) => rows.sort((a, b) => String(b.at ?? "").localeCompare(String(a.at ?? "")) || String(a.name).localeCompare(String(b.name)));

function make_row(graph, index, node, usages, later) {
  const release = graph.entity[node];
  if (release) return { node, kind: "release", name: release.name, values: [], uses: values_of(graph, usages, []), rejected: [], unfolds: false };
  const one = graph.activity[node];
  const used = values_of(graph, usages, later ? [] : (one.rejected ?? []));
  // A later result shows its own values in use, and the names of the values that it used.
  const values = later ? values_of(graph, index.in_use.get(node) ?? [], one.rejected ?? []) : used;
  return {
    node,
    kind: one.kind,
    name: one.name,
    target: one.target,
    task_id: one.task_id,
    event: one.event,
    outcome: one.outcome,
    at: one.endTime ?? one.startTime,
    by: index.user.get(node),
    // Only values that a user set or imported have no execution.
    by_hand: one.kind === "result" && Boolean(one.name) && !one.execution_id,
    message: one.message,
    source: one.source,
    remarks: [one.simulated && "simulated", one.scope && `scope ${one.scope}`].filter(Boolean),
    values,
    uses: later ? used : [],
    // Parameters that users rejected: those among the used values, or all if the graph does not name the used ones.
    rejected: (one.rejected ?? []).filter((name) => later || !values.length || values.some((value) => value.name === name)),
    unfolds: one.kind === "result" && one[later ? "more_later" : "more_earlier"] + (index[later ? "later" : "earlier"].get(node) ?? 0) > 0,
  };
}

const values_of = (graph, usages, rejected) =>
  usages.map((usage) => {
    const entity = graph.entity[usage.entity] ?? {};
    const name = entity.parameter ?? usage.input;
    return {
      name,
      value: usage.value ?? entity.value,
      // The error of a value that differs from the recorded one is unknown.
      error: usage.value == null || usage.value === entity.value ? entity.error : null,
      recorded: usage.value != null && entity.value != null && usage.value !== entity.value ? entity.value : null,
      unit: entity.unit,
      in_use: Boolean(entity.in_use),
      undeclared: Boolean(usage.undeclared),
      from_laboratory: Boolean(usage.from_laboratory),
      rejected: rejected.includes(name),
    };
  });

// Return the rows by target: those of a coupling first after its qubits, each with its role; then changes by users, and releases.
function group_rows(rows, control, target) {
  const groups = new Map();
  for (const row of rows) {
    const name = row.kind === "result" ? (row.target ?? "") : row.kind;
    if (!groups.has(name)) groups.set(name, []);
    groups.get(name).push(row);
  }
  const last = (name) => ["event", "release", "unrecorded"].indexOf(name);
  const own = (name) => (name === control ? 0 : target?.split("-").includes(name) ? 1 : name === target ? 2 : 3);
  return [...groups]
    .sort(([a], [b]) => last(a) - last(b) || own(a) - own(b) || a.localeCompare(b, undefined, { numeric: true }))
    .map(([name, inside]) => ({ title: group_title(name, control, target), rows: inside, tasks: fold_tasks(inside) }));
}

function group_title(name, control, target) {
  if (name === "event") return "Changes by users";
  if (name === "release") return "Releases";
  if (name === "unrecorded") return "No result";
  if (!name) return "Chip";
  if (name.includes("-")) return `Coupling ${name}`;
  if (control && target?.split("-").includes(name)) return `${name === control ? "Control" : "Target"} qubit ${name}`;
  return `Qubit ${name}`;
}

// Return the rows as lists, one for the repeated results of each task.
function fold_tasks(rows) {
  const lists = new Map();
  for (const row of rows) {
    const name = row.kind === "result" ? `result ${row.name}` : row.node;
    if (!lists.has(name)) lists.set(name, []);
    lists.get(name).push(row);
  }
  return [...lists.values()];
}
