"""A host in this process, a chip of the bench and users, as for the pages of executions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from streamlit.testing.v1 import AppTest

from qdash_builtin.timetables.models.timetable import Cron
from qdash_builtin.timetables.operations import create_timetable
from qdash_builtin.timetables.requests import TimetableRequest
from qdash_core.models.request import RunRequest, TargetSelection

from ...runs.pages.conftest import chip, host, open_dialog, open_page, registry, settings, view_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_builtin.timetables.views.timetables import TimetableDocument
    from qdash_ui_streamlit.view import View

__all__ = ["chip", "host", "open_dialog", "open_page", "registry", "settings", "view_of"]


@pytest.fixture
def made(view_of: Callable[[str], View], chip: str) -> Callable[..., TimetableDocument]:
    """Function that creates a timetable as an editor."""

    def make(name: str = "night", *, cron: str = "0 2 * * *") -> TimetableDocument:
        request = RunRequest(flow="Measure", chip_id=chip, targets=TargetSelection(qubits=("0", "1")))
        body = TimetableRequest(name=name, request=request, when=Cron(expression=cron), timezone="Asia/Tokyo")
        return view_of("editor").ask(create_timetable, body=body)

    return make


def draw_form(view, chip_id, named):  # type: ignore[no-untyped-def]  # a script by itself
    """Draw the form of a run of a task."""
    from qdash_builtin.runs.pages.run_form import draw_run_form

    draw_run_form(view, chip_id, (), task="Measure", key="form", **named)


def draw_digest(view, chip_id):  # type: ignore[no-untyped-def]  # a script by itself
    """Draw the form of a timetable of digests."""
    from qdash_builtin.timetables.pages.digest_form import draw_digest_form

    draw_digest_form(view, chip_id, key="form")


@pytest.fixture(autouse=True)
def opened(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Page and timetable to which a form switches: its page is the only one in these tests."""
    found: list[tuple[str, str]] = []

    def go(_view: View, path: str, *, timetable: str, **_others: Any) -> None:
        found.append((path, timetable))

    monkeypatch.setattr("qdash_ui_streamlit.view.View.go", go)
    return found


@pytest.fixture
def digest_form(view_of: Callable[[str], View], chip: str) -> AppTest:
    """Form of a timetable of digests of the chip, as an editor sees it."""
    return AppTest.from_function(draw_digest, args=(view_of("editor"), chip), default_timeout=30).run()


@pytest.fixture
def form(view_of: Callable[[str], View], chip: str) -> Callable[..., AppTest]:
    """Function that opens the form of a run of a task on the chip."""

    def opened(username: str, **named: Any) -> AppTest:
        args = (view_of(username), chip, named)
        return AppTest.from_function(draw_form, args=args, default_timeout=30).run()

    return opened
