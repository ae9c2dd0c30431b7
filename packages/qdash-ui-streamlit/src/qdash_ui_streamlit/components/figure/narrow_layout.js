// Layout of a figure on a phone: its columns of plots are below each other, the text beside them is above, and the legend below.
const NARROW_PX = 480;
const LINE_PX = 18; // of a text or of the legend
const TITLE_PX = 22; // of a line of the heading
const BUTTONS_PX = 34; // of the row of buttons above the heading
const LONGEST = 44; // number of characters of a line that fits
const STACK_GAP = 0.16; // between plots below each other, of the height of one
const make_narrow = ({ data, layout }, usual_height, width) => {
  const stacked = stack_columns(layout, find_height({ data, layout }, usual_height, width));
  const { margin = {}, annotations = [], title } = stacked.layout;
  const is_on_paper = ({ xref, yref }) => xref === "paper" && yref === "paper";
  const is_beside = (one) => is_on_paper(one) && one.x >= 1;
  const [beside, others] = [annotations.filter(is_beside), annotations.filter((one) => !is_beside(one))];
  const lines = beside.flatMap(({ text }) => join_names(text));
  const heading = title?.text ? wrap(title.text) : "";
  const above = BUTTONS_PX + TITLE_PX * (heading ? heading.split("<br>").length : 0) + LINE_PX * lines.length + (others.some((one) => is_on_paper(one) && one.y >= 1) ? LINE_PX : 0);
  const below = LINE_PX * count_legend_rows(data);
  const note = { text: lines.join("<br>"), xref: "paper", yref: "paper", x: 0, xanchor: "left", y: 1, yanchor: "bottom", yshift: 6, align: "left", showarrow: false, font: beside[0]?.font };
  return {
    ...stacked.layout,
    ...Object.fromEntries(list_axes(stacked.layout).map(([name, axis]) => [name, { ...axis, automargin: true }])),
    annotations: lines.length ? [...others, note] : others,
    title: heading ? { ...title, text: heading, pad: { ...title.pad, t: (title.pad?.t ?? 0) + BUTTONS_PX } } : title,
    legend: { ...layout.legend, orientation: "h", x: 0, xanchor: "left", yref: "container", y: 0, yanchor: "bottom" },
    margin: { ...margin, l: 10, r: 14, t: above + 10, b: 10 },
    height: stacked.height + above + below - Math.min(above, margin.t ?? 0),
  };
};
const list_axes = (layout) => Object.entries({ xaxis: {}, yaxis: {}, ...layout }).filter(([name]) => /^[xy]axis\d*$/.test(name));
const wrap = (text) =>
  text.split("<br>").flatMap((line) => line.split(" ").reduce((lines, word) => {
    const longer = `${lines.at(-1)} ${word}`.trim();
    if (longer.replace(/<[^>]*>/g, "").length <= LONGEST) lines[lines.length - 1] = longer;
    else lines.push(word);
    return lines;
  }, [""])).join("<br>");
// Return the lines of a text in which a name and its value share one.
const join_names = (text) =>
  text.split("<br>").reduce((lines, line) => {
    const named = lines.at(-1)?.endsWith("</b>") && !line.startsWith("<b>");
    return named ? [...lines.slice(0, -1), `${lines.at(-1)} ${line}`] : [...lines, line];
  }, []);
const count_legend_rows = (data) => {
  const names = data.filter((one) => one.name && one.showlegend !== false).map((one) => one.name.length);
  return names.length > 1 ? Math.ceil(names.length / Math.max(1, Math.floor(LONGEST / (Math.max(...names) + 7)))) : 0;
};
// Return the layout with its columns of plots below each other, each as high as all were, and the height of the figure.
const stack_columns = (layout, height) => {
  const axes = list_axes(layout);
  const is_x = ([name]) => name.startsWith("x");
  const columns = [...new Map(axes.filter((one) => is_x(one) && one[1].domain).map(([, { domain }]) => [domain[0], domain])).values()].sort(([one], [other]) => one - other);
  if (columns.length < 2) return { layout, height };
  const middle = ([low, high]) => (low + high) / 2;
  const find_column = (x) => columns.reduce((best, one, place) => (Math.abs(middle(one) - x) < Math.abs(middle(columns[best]) - x) ? place : best), 0);
  const size = (1 - STACK_GAP * (columns.length - 1) / columns.length) / columns.length;
  const move_y = (place, y) => 1 - size - ((1 - size) / (columns.length - 1)) * place + size * y;
  const domains = Object.fromEntries(axes.filter(is_x).map(([, one]) => [one.anchor ?? "y", one.domain ?? [0, 1]]));
  const move_axis = ([name, axis]) => {
    if (is_x([name])) return [name, { ...axis, domain: [0, 1] }];
    const place = find_column(middle(domains[name.replace("axis", "")] ?? [0, 1]));
    return [name, { ...axis, domain: (axis.domain ?? [0, 1]).map((y) => move_y(place, y)) }];
  };
  const move_text = (one) => {
    if (one.xref !== "paper" || one.yref !== "paper" || one.x >= 1) return one;
    const place = find_column(one.x);
    const [low, high] = columns[place];
    return { ...one, x: (one.x - low) / (high - low), y: move_y(place, one.y) };
  };
  return { layout: { ...layout, ...Object.fromEntries(axes.map(move_axis)), annotations: (layout.annotations ?? []).map(move_text) }, height: height * columns.length };
};
