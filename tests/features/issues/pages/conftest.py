"""A chip with failed results of qubit 0, and the issues of two editors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.issues.feature import ISSUES
from qdash_builtin.issues.pages import issue
from qdash_core import RawData
from qdash_core.models.execution import ExecutionModel
from qdash_core.models.task import TaskResultModel, TaskStatus
from qdash_core.repositories.executions import ExecutionRepository
from qdash_core.repositories.results import TaskResultHistoryRepository

from ....core.bench import LINE

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

    from qdash_builtin.issues.model import IssueEventModel
    from qdash_builtin.issues.view import IssueView

    from ....ui.conftest import DashboardPages

NOON = datetime(2040, 1, 1, 12, tzinfo=UTC)
EXECUTION = "20400101-000"
SPITEFUL = "<img src=x onerror=alert(1)> <script>alert(2)</script> [a](javascript:alert(3)) ![p](result:x)"
"""Text that must be shown as it is written."""


@dataclass
class IssueLab:
    """Chip `a`, and the pages of its issues."""

    pages: DashboardPages

    def __post_init__(self) -> None:
        """Create the chip and an execution."""
        qdash = self.pages.qdash
        owner = qdash.access("owner")
        qdash.get(CHIPS).create(owner, "a", LINE, backend="fake")
        self._shared = {
            "project_id": owner.project_id,
            "username": "owner",
            "chip_id": "a",
            "execution_id": EXECUTION,
        }
        qdash.repositories.of(ExecutionRepository).add(
            ExecutionModel(**self._shared, name="bring-up", start_at=NOON)
        )

    def record(self, task_id: str, **changes: Any) -> str:
        """Record a failed T1 of qubit 0 with raw data, and return its id."""
        at = NOON + timedelta(hours=len(task_id))
        fields: dict[str, Any] = {
            "name": "CheckT1", "backend": "fake", "qid": "0", "task_type": "qubit", "status": TaskStatus.FAILED,
            "message": "the trace is flat: no decay found", "output_parameter_names": ["t1"], **changes,
        }  # fmt: skip
        one = TaskResultModel(**self._shared, task_id=task_id, start_at=at, end_at=at, **fields)
        delays = np.linspace(0.0, 400.0, 41)
        raw = RawData({"delay": (delays, "us"), "signal": (np.ones(41), "a.u.")})
        qdash = self.pages.qdash
        qdash.artifacts.save_raw_data(one.raw_data_file, raw)
        qdash.repositories.of(TaskResultHistoryRepository).add(
            one.model_copy(update={"raw_data_path": [one.raw_data_file]})
        )
        return task_id

    def open(self, title: str, *, by: str = "editor", **fields: Any) -> str:
        """Open an issue, and return its id."""
        return self.pages.qdash.get(ISSUES).open(self.pages.qdash.access(by), title, **fields).issue.issue_id

    def show(self, issue_id: str) -> IssueView:
        return self.pages.qdash.get(ISSUES).show(self.pages.qdash.access("owner"), issue_id)

    def list_events(self, issue_id: str) -> list[IssueEventModel]:
        return self.pages.qdash.get(ISSUES).list_events(self.pages.qdash.access("owner"), issue_id)

    def draw(self, username: str, issue_id: str) -> AppTest:
        """Return the page of an issue for a user."""
        return self.pages.page(issue.render, username, issue=issue_id)


@pytest.fixture
def issue_lab(dashboard_pages: DashboardPages) -> IssueLab:
    return IssueLab(dashboard_pages)


def join_html(page: AppTest) -> str:
    """Return all HTML of a page."""
    assert not page.exception
    return "\n".join(one.proto.body for one in page.get("html"))


def join_texts(page: AppTest) -> str:
    """Return all messages and Markdown of a page."""
    assert not page.exception
    told: list[Any] = [*page.markdown, *page.caption, *page.warning, *page.info, *page.error, *page.title]
    return "\n".join(one.value for one in told)


def press(page: AppTest, label: str) -> AppTest:
    return next(one for one in page.button if one.label == label).click().run()


def list_buttons(page: AppTest) -> list[str]:
    assert not page.exception
    return [one.label for one in page.button]
