"""Tables in the browser: names for screen readers, and the number of rows that a filter leaves."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

import qdash_ui_streamlit.components as components

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.slow

_FOLDER = Path(components.__file__).parent
_DRAW = """({ chosen_by, count }) => {
  document.body.innerHTML = '<div><div class="place"></div></div>';
  const columns = [["id", "Qubit", "text", "", ""], ["t1", "T1", "number", "", ""]];
  const rows = [...Array(count).keys()].map((n) => ({ id: `q${n}`, t1: n }));
  const data = { columns, rows, chosen_by, label: "Values", empty: "No values", filtered: true, shown: 200, zone: "UTC", looks: {} };
  show_table({ data, parentElement: document.body.firstChild, setStateValue: () => {} });
}"""


@pytest.mark.parametrize("chosen_by", ["", "id"])
def test_a_table_and_its_rows_have_names_and_a_filter_tells_how_many_are_left(
    chromium: Browser, chosen_by: str
) -> None:
    page = chromium.new_page()
    files = [_FOLDER / "shared.js", _FOLDER / "table/table.js"]
    script = "".join(one.read_text("utf-8") for one in files)
    page.add_script_tag(content=script.replace("export default function", "function show_table"))
    page.evaluate(_DRAW, {"chosen_by": chosen_by, "count": 12})
    page.get_by_role("table", name="Values").wait_for()
    expect(page.get_by_role("rowheader")).to_have_text([f"q{n}" for n in range(12)])
    expect(page.get_by_role("status")).to_have_text("")
    page.get_by_role("searchbox", name="Filter Values").fill("q1")
    expect(page.get_by_role("status")).to_have_text("3 of 12 rows")
    expect(page.get_by_role("rowheader")).to_have_text(["q1", "q10", "q11"])
    page.evaluate(_DRAW, {"chosen_by": chosen_by, "count": 0})
    expect(page.get_by_role("rowheader")).to_have_count(0)
    page.close()
