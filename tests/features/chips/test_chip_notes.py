"""Notes of the dashboard: a note on a metric for a time range, and all notes of a chip in a time range."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.chips.pages import chip_notes
from qdash_builtin.chips.pages.chip_panel import draw_chip_panel
from qdash_builtin.chips.pages.target import draw_target
from qdash_builtin.chips.pages.targets import QUBIT
from qdash_builtin.notes.feature import METRIC_NOTES, NOTES
from qdash_builtin.notes.model import NoteScope
from qdash_builtin.notes.note_places import NotePlace

from ...core.bench import LINE

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

    from ...ui.conftest import DashboardPages

pytestmark = pytest.mark.slow
qubit = partial(draw_target, kind=QUBIT)
RANGE = {"note_since": "2026-01-02T00:00:00Z", "note_until": "2026-01-04T12:00:00Z"}
T1 = ("a", "qubit", "0", "t1")


@pytest.fixture
def pages(dashboard_pages: DashboardPages) -> DashboardPages:
    """Pages of a host with chip `a`, which is in no cool-down."""
    qdash = dashboard_pages.qdash
    qdash.get(CHIPS).create(qdash.access("owner"), "a", LINE, backend="fake")
    return dashboard_pages


def open_t1(pages: DashboardPages, username: str = "editor", **params: str) -> AppTest:
    page = pages.page(qubit, username, chip="a", qubit="0", metric="t1", **params)
    assert not page.exception
    return page


def press(page: AppTest, label: str) -> AppTest:
    """Press the first button with this label: the note on the metric is above that on the qubit."""
    return next(one for one in page.button if one.label == label).click().run()


def join_texts(page: AppTest) -> str:
    assert not page.exception
    parts = (page.markdown, page.caption, page.warning, page.info, page.error, page.get("html"))
    return "\n".join(str(getattr(one, "value", one.proto)) for kind in parts for one in kind)


def list_rows(pages: DashboardPages, monkeypatch: pytest.MonkeyPatch, **params: str) -> list[dict[str, Any]]:
    """Return the rows of the notes view."""
    shown: list[dict[str, Any]] = []

    def collect(_view: object, _columns: object, rows: list[dict[str, Any]], **_options: object) -> None:
        shown[:] = rows

    monkeypatch.setattr(chip_notes, "table", collect)
    assert not pages.page(partial(chip_notes.render, chip_id="a"), "viewer", **params).exception
    return shown


def test_a_note_on_a_metric_is_written_for_a_time_range(pages: DashboardPages) -> None:
    page = press(open_t1(pages, **RANGE), "Add note on T1 of qubit 0")
    page.text_area[0].input("the fridge was warm")
    page = press(page, "Save")
    found = pages.qdash.get(METRIC_NOTES).list_by_chip(
        pages.qdash.access("owner"), "a", time_range=(None, None)
    )
    [note] = found
    assert (note.note.content, note.scope_type, note.scope_source) == (
        "the fridge was warm", "time_range", "manual_time_range",
    )  # fmt: skip
    assert (note.scope_started_at, note.scope_ended_at) == (
        datetime(2026, 1, 2, tzinfo=UTC),
        datetime(2026, 1, 4, 12, tzinfo=UTC),
    )
    assert "2026-01-02 01:00 CET to 2026-01-04 13:00 CET" in join_texts(page), "in the time zone of the user"
    assert "the fridge was warm" not in join_texts(open_t1(pages))
    assert "the fridge was warm" in join_texts(open_t1(pages, "viewer", **RANGE))


def test_a_note_on_a_coupling_is_written_in_the_panel_of_the_map(pages: DashboardPages) -> None:
    panel = partial(draw_chip_panel, chip_id="a", chosen=[])
    page = press(pages.page(panel, "editor", target="0-1"), "Add note")
    page.text_area[0].input("keep both idle")
    assert "keep both idle" in join_texts(press(page, "Save"))
    page = pages.page(panel, "viewer", target="0-1")
    assert "keep both idle" in join_texts(page)
    assert not [one for one in page.button if "note" in one.label]


def test_without_a_range_a_note_is_always_valid(pages: DashboardPages) -> None:
    page = press(open_t1(pages), "Add note on T1 of qubit 0")
    page.text_area[0].input("short")
    assert "always" in join_texts(press(page, "Save"))
    [note] = pages.qdash.get(METRIC_NOTES).list_by_chip(pages.qdash.access("owner"), "a")
    assert (note.scope_type, note.scope_source) == ("global", "global")


def test_the_choice_of_a_range_proposes_the_last_day(pages: DashboardPages) -> None:
    page = open_t1(pages)
    [choice] = [one for one in page.get("button_group") if one.label == "Note valid"]
    page = choice.set_value("range").run()
    begin, end = (datetime.fromisoformat(page.query_params[name]) for name in ("note_since", "note_until"))
    assert end - begin == timedelta(days=1)
    assert not page.exception


@pytest.mark.parametrize(
    "given",
    [
        {"note_since": RANGE["note_since"]},
        {"note_since": RANGE["note_until"], "note_until": RANGE["note_since"]},
    ],
)
def test_an_incomplete_range_is_refused_before_a_note_is_written(
    pages: DashboardPages, given: dict[str, str]
) -> None:
    page = open_t1(pages, **given)
    assert "Enter a start and a later end" in join_texts(page)
    labels = [one.label for one in page.button]
    assert "Add note" in labels
    assert "Add note on T1 of qubit 0" not in labels


def test_the_notes_of_a_chip_are_selected_by_time(
    pages: DashboardPages, monkeypatch: pytest.MonkeyPatch
) -> None:
    qdash, owner = pages.qdash, pages.qdash.access("owner")
    qdash.get(NOTES).edit(owner, NotePlace(NoteScope.CHIP, "a"), "new package")
    begin, end = (datetime.fromisoformat(moment) for moment in RANGE.values())
    qdash.get(METRIC_NOTES).edit(owner, *T1, "the fridge was warm", time_range=(begin, end))
    qdash.get(METRIC_NOTES).edit(owner, *T1, "short")

    every = list_rows(pages, monkeypatch)
    assert [(one["subject"], one.get("metric"), one.get("valid"), one["text"]) for one in every] == [
        ("chip a", None, None, "new package"),
        ("qubit 0", "T1", "always", "short"),
        ("qubit 0", "T1", "2026-01-02 01:00 CET to 2026-01-04 13:00 CET", "the fridge was warm"),
    ]
    assert "note_since=2026-01-02T00%3A00%3A00Z&note_until=2026-01-04T12%3A00%3A00Z" in every[2]["href"], (
        "the link opens the note in its range"
    )
    within = list_rows(pages, monkeypatch, since="2026-01-03T00:00:00Z", until="2026-01-03T01:00:00Z")
    assert within == every
    assert list_rows(pages, monkeypatch, until="2026-01-02T00:00:00Z") == every[:2]
