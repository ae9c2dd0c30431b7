"""Tables in the browser: names for screen readers, and the number of rows that a filter leaves."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

import qdash_ui_streamlit.components as components

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.slow

_FOLDER = Path(components.__file__).parent
_DRAW = """({ chosen_by, count }) => {
  document.body.innerHTML = '<div><div class="place"></div></div>';
  const columns = [["id", "Qubit", "text", "", ""], ["t1", "T1", "number", "", ""]];
  const rows = [...Array(count).keys()].map((n) => ({ id: `q${n}`, t1: n }));
  const data = { columns, rows, chosen_by, label: "Values", empty: "No values", filtered: true, shown: 200, zone: "UTC", looks: {}, sort: false, words: "" };
  show_table({ data, parentElement: document.body.firstChild, setStateValue: () => {} });
}"""


_MATRIX = """(chosen, sort = "", words = "") => {
  document.body.innerHTML = '<div><div class="place"></div></div>';
  const columns = [["target", "Qubit", "text", "link", ""], ["t1", "T1 (µs)", "judged", "metric=t1", ""], ["t2", "T2 (µs)", "judged", "metric=t2", ""]];
  const mark = { state: "too-old", text: "too old", title: "measured a week ago", href: null };
  const rows = [
    { target: "0", link: "#qubit=0", t1: [81.5, 1.3, "within", [], null], t2: [40, null, null, [], null] },
    { target: "=1", link: "#qubit=1", t1: [20, 1, "outside", [mark], "2026-11-20T12:00:00Z"], t2: null },
    { target: "2", link: "#qubit=2", t1: [50, 1, "outside", [], null], t2: null },
  ];
  window.chosen = [];
  const choice = { offered: ["t1", "t2"], usual: ["t1"], chosen, place: "columns.test" };
  const data = { columns, rows, chosen_by: "", label: "Qubits", empty: "No qubits", filtered: true, shown: 200, zone: "UTC",
    looks: { within: ["✓", "green"], outside: ["▽", "red"], "too-old": ["◷", "gray"] }, opens: "link", file: "qubits.csv", choice, sort, words };
  show_table({ data, parentElement: document.body.firstChild, setStateValue: () => {}, setTriggerValue: (name, value) => window.chosen.push(value) });
}"""


def _add_script(page: Page) -> None:
    parts = ("shared.js", "save_file.js", "table/column_choice.js", "table/csv.js", "table/table.js")
    script = "".join((_FOLDER / one).read_text("utf-8") for one in parts)
    page.add_script_tag(content=script.replace("export default function", "function show_table"))


@pytest.fixture
def matrix(chromium: Browser) -> Iterator[Page]:
    """A page with a table of qubits and metrics at an address with storage."""
    page = chromium.new_page()
    page.route("**/*", lambda route: route.fulfill(body="<body></body>", content_type="text/html"))
    page.goto("http://table.test/")
    _add_script(page)
    yield page
    page.close()


def test_a_row_opens_by_click_and_keyboard(matrix: Page) -> None:
    matrix.evaluate(_MATRIX, None)
    matrix.get_by_role("cell", name="50.0(10)").click()
    assert matrix.url.endswith("#qubit=2&metric=t1")
    matrix.get_by_role("link", name="0", exact=True).focus()
    matrix.keyboard.press("ArrowDown")
    expect(matrix.get_by_role("link", name="=1")).to_be_focused()
    matrix.keyboard.press("Enter")
    assert matrix.url.endswith("#qubit=1")


def test_the_specification_of_a_value_is_told_without_its_colour(matrix: Page) -> None:
    matrix.evaluate(_MATRIX, None)
    value = matrix.get_by_role("cell", name="20.0(10)")
    expect(value).to_have_text("▽ 20.0(10) ◷")
    expect(value.get_by_role("img", name="outside specification")).to_be_visible()
    expect(value.get_by_role("img", name="too old: measured a week ago")).to_be_visible()
    matrix.get_by_role("button", name="T1").click()
    expect(matrix.get_by_role("rowheader")).to_have_text(["=1", "2", "0"])


def test_chosen_columns_are_remembered_and_the_url_comes_first(matrix: Page) -> None:
    matrix.evaluate(_MATRIX, None)
    expect(matrix.get_by_role("columnheader")).to_have_text(["Qubit", "T1 (µs)"])
    matrix.get_by_text("Columns", exact=True).first.click()
    box = matrix.get_by_role("checkbox", name="T2")
    box.check()
    expect(box).to_be_focused()
    expect(matrix.get_by_role("columnheader")).to_have_text(["Qubit", "T1 (µs)", "T2 (µs)"])
    assert matrix.evaluate("window.chosen") == [["t1", "t2"]]
    matrix.evaluate(_MATRIX, None)
    expect(matrix.get_by_role("columnheader")).to_have_count(3)
    matrix.evaluate(_MATRIX, ["t2"])
    expect(matrix.get_by_role("columnheader")).to_have_text(["Qubit", "T2 (µs)"])


def test_the_file_has_the_rows_and_columns_that_are_shown(matrix: Page) -> None:
    matrix.evaluate(_MATRIX, None)
    matrix.get_by_role("button", name="T1").click()
    with matrix.expect_download() as download:
        matrix.get_by_role("button", name="CSV").click()
    assert download.value.suggested_filename == "qubits.csv"
    assert Path(download.value.path()).read_text("utf-8").splitlines() == [
        "Qubit,T1 (µs),T1 (µs) error,T1 (µs) specification,T1 (µs) marks,T1 (µs) measured",
        "'=1,20,1,outside,too old,2026-11-20T12:00:00Z",
        "2,50,1,outside,,",
        "0,81.5,1.3,within,,",
    ]


@pytest.mark.parametrize("chosen_by", ["", "id"])
def test_a_table_and_its_rows_have_names_and_a_filter_tells_how_many_are_left(
    chromium: Browser, chosen_by: str
) -> None:
    page = chromium.new_page()
    _add_script(page)
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


def test_a_time_that_is_absent_is_told_in_words(matrix: Page) -> None:
    matrix.evaluate(
        """() => {
          document.body.innerHTML = '<div><div class="place"></div></div>';
          const columns = [["id", "Run", "text", "", ""], ["began", "Started", "time", "", ""]];
          const rows = [{ id: "a", began: "2026-11-20T12:00:00Z" }, { id: "b", began: "waiting" }, { id: "c", began: null }];
          const data = { columns, rows, chosen_by: "", label: "Runs", empty: "", filtered: true, shown: 200, zone: "UTC", looks: {}, file: "runs.csv", sort: false, words: "" };
          show_table({ data, parentElement: document.body.firstChild, setStateValue: () => {} });
        }"""
    )
    expect(matrix.locator("tbody td:last-child")).to_have_text(["2026-11-20 12:00:00", "waiting", "–"])


def test_order_and_filter_are_in_the_url_and_are_restored_from_it(matrix: Page) -> None:
    matrix.goto("http://table.test/?chip=a")
    _add_script(matrix)
    matrix.evaluate(_MATRIX, None)
    heading = matrix.get_by_role("button", name="T1")
    heading.click()
    expect(matrix).to_have_url("http://table.test/?chip=a&sort=t1")
    heading.click()
    expect(matrix).to_have_url("http://table.test/?chip=a&sort=-t1")
    matrix.evaluate("() => (document.querySelector('.filter').hidden = false)")
    matrix.get_by_role("searchbox").fill("too old")
    expect(matrix).to_have_url("http://table.test/?chip=a&sort=-t1&words=too+old")
    matrix.evaluate(f"() => ({_MATRIX})(null, '-t1', '')")
    expect(matrix.get_by_role("rowheader")).to_have_text(["0", "2", "=1"])
    matrix.evaluate(f"() => ({_MATRIX})(null, '', 'too old')")
    expect(matrix.get_by_role("rowheader")).to_have_text(["=1"])
    expect(matrix.get_by_role("searchbox")).to_have_value("too old")


_RECORDS = """() => {
  document.body.innerHTML = '<div><div class="place"></div></div>';
  const columns = [["at", "Started", "time", "", ""], ["message", "Message", "text", "", ""], ["title", "Title", "text", "to", ""]];
  const rows = [{ at: "2026-11-30T02:00:00Z", message: "repeated by 20261130-004, not 2026-11-30", title: "about 20261130-004", to: "#issue" }];
  const data = { columns, rows, chosen_by: "", label: "Records", empty: "", filtered: true, shown: 200, zone: "Asia/Tokyo", clock: "JST", looks: {},
    execution: "/execution?execution=", sort: false, words: "" };
  show_table({ data, parentElement: document.body.firstChild, setStateValue: () => {} });
}"""


def test_times_have_a_zone_and_ids_of_executions_in_messages_are_links(matrix: Page) -> None:
    matrix.evaluate(_RECORDS)
    expect(matrix.get_by_role("columnheader").first).to_have_text("Started (JST)")
    expect(matrix.get_by_role("rowheader")).to_have_text("2026-11-30 11:00:00")
    links = matrix.get_by_role("link")
    expect(links).to_have_text(["20261130-004", "about 20261130-004"])
    expect(links.first).to_have_attribute("href", "/execution?execution=20261130-004")
    expect(links.last).to_have_attribute("href", "#issue")
