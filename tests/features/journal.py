"""A chip with notes, tags and events, and readers of the pages that show them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.notes.feature import NOTES
from qdash_builtin.notes.model import NoteScope
from qdash_builtin.notes.note_places import NotePlace
from qdash_core.models.execution import ExecutionModel, ExecutionStatus
from qdash_core.models.task import TaskResultModel
from qdash_core.repositories.executions import ExecutionRepository
from qdash_core.repositories.results import TaskResultHistoryRepository
from qdash_core.repositories.used_names import TagRepository

from ..core.bench import LINE

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

    from ..ui.conftest import DashboardPages

NOON = datetime(2040, 1, 1, 12, tzinfo=UTC)
SPITEFUL = "<img src=x onerror=alert(1)> [a](javascript:alert(3))"
"""Text that must be shown as it is written."""


@dataclass
class Journal:
    """Chip `a` with a tagged execution of one result, and its users."""

    pages: DashboardPages

    def __post_init__(self) -> None:
        """Create the chip, the execution and the result."""
        qdash = self.pages.qdash
        owner = qdash.access("owner")
        qdash.get(CHIPS).create(owner, "a", LINE, backend="fake")
        shared = {"project_id": owner.project_id, "username": "owner", "chip_id": "a", "tags": ["night"]}
        of_run = {"execution_id": "20400101-000", "start_at": NOON, "end_at": NOON + timedelta(hours=1)}
        qdash.repositories.of(ExecutionRepository).add(
            ExecutionModel(**shared, **of_run, name="check", status=ExecutionStatus.COMPLETED)
        )
        qdash.repositories.of(TaskResultHistoryRepository).add(
            TaskResultModel(**shared, **of_run, task_id="r1", name="CheckT1", qid="0")
        )
        qdash.repositories.of(TagRepository).ensure(owner.project_id, ["night", "evening"], username="owner")

    def note(self, scope: NoteScope, target_id: str, text: str, *, by: str = "editor") -> None:
        place = NotePlace(scope, target_id, "" if scope is NoteScope.COOLDOWN else "a")
        self.pages.qdash.get(NOTES).edit(self.pages.qdash.access(by), place, text)

    def read_note(self, scope: NoteScope, target_id: str) -> str:
        place = NotePlace(scope, target_id, "a")
        return self.pages.qdash.get(NOTES).show(self.pages.qdash.access("owner"), place).note.content


@pytest.fixture
def journal(dashboard_pages: DashboardPages) -> Journal:
    return Journal(dashboard_pages)


def join_html(page: AppTest) -> str:
    """Return all HTML of a page."""
    assert not page.exception
    return "\n".join(one.proto.body for one in page.get("html"))


def join_texts(page: AppTest) -> str:
    """Return all messages of a page."""
    assert not page.exception
    told: list[Any] = [*page.markdown, *page.caption, *page.warning, *page.info, *page.error]
    return "\n".join(one.value for one in told)


def press(page: AppTest, label: str) -> AppTest:
    """Press the first button with a label."""
    return next(one for one in page.button if one.label == label).click().run()


def list_buttons(page: AppTest) -> list[str]:
    assert not page.exception
    return [one.label for one in page.button]
