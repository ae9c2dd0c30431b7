// Choice of the columns of a table, which the URL or else the browser remembers.
const stored_columns = (place) => {
  try {
    return JSON.parse(localStorage.getItem(place));
  } catch {
    return null;
  }
};
const store_columns = (place, names) => {
  try {
    localStorage.setItem(place, JSON.stringify(names));
  } catch {
    // the browser stores nothing
  }
};

// Return the names of the columns that are shown: all that the user cannot choose, and those chosen, in the order of the table.
function visible_columns({ columns, choice }, chosen) {
  if (!choice) return columns;
  const offered = new Set(choice.offered), shown = new Set(chosen);
  return columns.filter(([name]) => !offered.has(name) || shown.has(name));
}

const chosen_columns = ({ choice }) => {
  if (!choice) return null;
  const known = (names) => names?.filter((name) => choice.offered.includes(name));
  return [known(choice.chosen), known(stored_columns(choice.place))].find((names) => names?.length) ?? choice.usual;
};

// Fill the folded check boxes of the columns; `changed` is called with the names of those that are checked. They are made again only for other
// columns, so that the focus stays.
function show_choice(place, { columns, choice }, chosen, changed) {
  const offered = columns.filter(([name]) => choice.offered.includes(name));
  const text = JSON.stringify(offered.map(([name, title]) => [name, title]));
  if (place.made !== text) {
    place.made = text;
    place.boxes = new Map(offered.map(([name]) => [name, el("input", { type: "checkbox" })]));
    const labels = offered.map(([name, title]) => el("label", {}, place.boxes.get(name), ` ${title}`));
    place.usual = el("button", { type: "button", class: "more" }, "Usual columns");
    place.replaceChildren(el("summary", { class: "more" }, "Columns"), el("fieldset", {}, el("legend", { class: "unseen" }, "Columns"), ...labels, place.usual));
  }
  const checked = () => [...place.boxes].filter(([, box]) => box.checked).map(([name]) => name);
  for (const [name, box] of place.boxes) {
    box.checked = chosen.includes(name);
    box.onchange = () => changed(checked());
  }
  place.usual.onclick = () => changed(choice.usual);
}
