"""Texts of the dashboard: messages as Markdown and HTML, times, small differences, and links from names of objects."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
from streamlit.testing.v1 import AppTest

from qdash_ui_streamlit.display.markdown import begin_sentence, escape_message, format_message_html
from qdash_ui_streamlit.display.object_links import format_object
from qdash_ui_streamlit.display.quantities import format_difference
from qdash_ui_streamlit.view import View

from .tables import read_rows

_NIGHT = datetime(2026, 11, 30, 2, tzinfo=UTC)


def _make_view(*pages: str, zone: str = "UTC") -> View:
    nobody = cast("Any", None)
    return View(nobody, nobody, "default", ZoneInfo(zone), dict.fromkeys(pages))


def test_a_message_is_shown_as_it_is_and_its_commands_as_code() -> None:
    message = "~5 of ~9 shots <lost> in a_b_c: see `qdash lab check CHIP --only long_delays`"
    assert escape_message(message).endswith(" `qdash lab check CHIP --only long_delays`")
    assert escape_message("# :red[x] <http://a>\n- b") == "\\# \\:red\\[x\\] \\<http://a>\n\\- b"
    assert escape_message(message).startswith(r"\~5 of \~9 shots \<lost> in a_b_c: see ")
    html = format_message_html("T1 < 5 us: `qdash run <CHIP>`")
    assert html == "T1 &lt; 5\N{NO-BREAK SPACE}µs: <code>qdash run &lt;CHIP&gt;</code>"
    assert format_message_html("a ` alone") == "a ` alone"


def test_an_error_of_the_host_is_not_read_as_markdown() -> None:
    def page() -> None:
        from qdash_core.errors import InvalidInputError
        from qdash_ui_streamlit.display.notices import show_problem

        show_problem(InvalidInputError("t1 is ~3 or ~4 *us*: run `qdash doctor`"))

    (shown,) = AppTest.from_function(page).run().error
    assert shown.value == r"t1 is \~3 or \~4 \*us\*: run `qdash doctor`"


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("there is no chip cold: create it", "There is no chip cold: create it"),
        ("cool-down 3 has ended", "Cool-down 3 has ended"),
        ("the names of two flows are equal", "The names of two flows are equal"),
        ("interrupted: the process died", "Interrupted: the process died"),
        ("shots: must be above 0", None),
        ("limit cannot be 0: at least 1 value is shown", None),
        ("ann is no member of that project", None),
        ("qubit_frequency in s cannot be converted to GHz", None),
        ("`qdash doctor` says more", None),
        ("bring-up.py cannot be read", None),
        ("", None),
    ],
)
def test_a_message_alone_begins_in_upper_case_unless_it_begins_with_a_name(
    message: str, shown: str | None
) -> None:
    assert begin_sentence(message) == (message if shown is None else shown)


@pytest.mark.parametrize(
    ("value", "error", "unit", "shown"),
    [
        (-0.00000053, 0.00000005, "GHz", "−0.53(5)\N{NO-BREAK SPACE}kHz"),
        (0.0021, None, "us", "2.1\N{NO-BREAK SPACE}ns"),
        (-0.0003, 1.914, "us", "0.0(19)\N{NO-BREAK SPACE}µs"),
        (22.5, 1.8, "us", "22.5(18)\N{NO-BREAK SPACE}µs"),
        (0.0, 0.002, "GHz", "0.000(2)\N{NO-BREAK SPACE}GHz"),
        (0.0004, None, "a.u.", "0.0004\N{NO-BREAK SPACE}a.u."),
        (None, None, "GHz", "–"),
    ],
)
def test_a_small_difference_has_a_smaller_unit(
    value: float | None, error: float | None, unit: str, shown: str
) -> None:
    assert format_difference(value, error, unit) == shown


def test_a_time_has_its_zone() -> None:
    assert _make_view(zone="Asia/Tokyo").moment(_NIGHT) == "2026-11-30 11:00 JST"
    assert _make_view().moment(None) == "–"


def test_names_link_to_their_objects_if_these_have_a_page() -> None:
    view = _make_view("chip", "execution")
    assert format_object(view, "chip", "a&b") == '<a href="/chip?chip=a%26b">a&amp;b</a>'
    assert (
        format_object(view, "execution", "20261130-004")
        == '<a href="/execution?execution=20261130-004">20261130-004</a>'
    )
    assert format_object(view, "user", "ed") == "ed"
    assert format_object(_make_view("executions"), "user", "ed") == '<a href="/executions?user=ed">ed</a>'


def test_a_table_links_chips_executions_and_users_and_names_the_clocks_of_its_times() -> None:
    def page() -> None:
        from datetime import UTC, datetime
        from typing import cast
        from zoneinfo import ZoneInfo

        from qdash_ui_streamlit.components.table import Column, table
        from qdash_ui_streamlit.view import View

        nobody = cast("Any", None)
        view = View(nobody, nobody, "p", ZoneInfo("Europe/Berlin"), dict.fromkeys(("chip", "execution")))
        columns = (
            Column("run", "Execution", "execution"),
            Column("chip", "Chip", "chip"),
            Column("by", "User", "user"),
            Column("at", "Started", "time"),
        )
        summer, winter = (datetime(2026, month, 1, tzinfo=UTC) for month in (7, 12))
        rows = [
            {"run": "20261201-000", "chip": "a", "by": "ed", "at": winter},
            {"run": None, "chip": "b", "by": "ed", "at": summer},
        ]
        table(view, columns, rows, key="runs", label="Runs")

    shown = AppTest.from_function(page).run()
    first, second = read_rows(shown, "Runs")
    assert first["run.href"] == "/execution?execution=20261201-000"
    assert (first["chip.href"], first["by.href"], second["run.href"]) == ("/chip?chip=a", None, None)
    assert '"clock": "CEST/CET"' in str(shown.get("bidi_component")[0].proto.json)


def test_lines_without_facts_draw_nothing() -> None:
    def draw() -> None:
        from qdash_ui_streamlit.display.lines import draw_lines

        draw_lines([[], ["a fact", "another"]])
        draw_lines([[]])

    page = AppTest.from_function(draw).run()
    assert not page.exception
    assert len(page.get("html")) == 1
