// A table as CSV: the rows and columns that are shown, numbers as such, with error, specification and marks in columns of their own.
const PARTS = {
  judged: [["", (cell) => cell?.[0]], [" error", (cell) => cell?.[1]], [" specification", (cell) => cell?.[2]], [" marks", (cell) => cell?.[3]?.map((one) => one.text).join("; ")], [" measured", (cell) => cell?.[4]]],
  quantity: [["", (cell) => cell?.[0]], [" error", (cell) => cell?.[1]], [" unit", (cell) => cell?.[2]]],
};
const RAW = new Set(["number", "seconds", "age", "time"]);

function table_csv(data, columns, rows) {
  const parts = columns.flatMap(([name, title, kind]) =>
    (PARTS[kind] ?? [["", (cell) => (cell == null ? null : RAW.has(kind) ? cell : cellText(data, kind, cell))]]).map(([suffix, read]) => [title + suffix, (row) => read(row[name])]));
  const lines = [parts.map(([title]) => title), ...rows.map((row) => parts.map(([, read]) => read(row)))];
  return lines.map((line) => `${line.map(csv_cell).join(",")}\r\n`).join("");
}

// Texts that a spreadsheet would take for a formula begin with an apostrophe.
function csv_cell(value) {
  if (value == null || typeof value === "number") return String(value ?? "");
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
