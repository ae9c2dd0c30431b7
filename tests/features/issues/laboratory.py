"""A laboratory with a chip, failed results and two people."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from qdash_builtin.chips.service import ChipService
from qdash_builtin.cooldowns.cryostats import CRYOSTAT
from qdash_builtin.cooldowns.service import CooldownService
from qdash_builtin.entities.service import EntityService
from qdash_builtin.issues.fields import IssueNames
from qdash_builtin.issues.service import IssueService
from qdash_builtin.people.members import MemberService
from qdash_core.models.execution import ExecutionModel
from qdash_core.models.project import ProjectRole, UserModel
from qdash_core.models.task import TaskResultModel, TaskStatus
from qdash_core.repositories.executions import ExecutionRepository
from qdash_core.repositories.identity import UserRepository
from qdash_core.repositories.repositories import Repositories
from qdash_core.repositories.results import TaskResultHistoryRepository

from ...access import ADMIN, access_of
from ...core.bench import LINE

if TYPE_CHECKING:
    from qdash_core.models.execution import EventModel
    from qdash_core.repositories.store import Store

    from ...core.clock import Clock

ALICE, BOB = (access_of(name, role=ProjectRole.EDITOR) for name in ("alice", "bob"))
UTC = ZoneInfo("UTC")
ALIASES = {"T1": "CheckT1"}


@dataclass
class Lab:
    """Chip `chip` in cool-down `cd`, execution `e1`, and the service for issues."""

    store: Store
    clock: Clock
    announced: list[EventModel] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Set up the chip, the cool-down and the people."""
        self.repositories = Repositories(self.store)
        names = IssueNames(lambda name: ALIASES.get(name, name), lambda: {"t1", "t2_echo"})
        self.issues = IssueService(self.store, UTC, names, announce=self.announced.append, clock=self.clock)
        self.chips = ChipService(self.store, UTC, is_live=lambda *_: False)
        self.chips.create(ADMIN, "chip", LINE, backend="bench")
        EntityService(self.store, CRYOSTAT, clock=self.clock).create(ADMIN, "K")
        CooldownService(self.store, clock=self.clock).create(ADMIN, "cd", "K", chip_ids=["chip"])
        self.repositories.of(ExecutionRepository).add(
            ExecutionModel(
                project_id="default", username="alice", name="bring-up", execution_id="e1", chip_id="chip",
                cooldown_id="cd", start_at=self.clock.now,
            )
        )  # fmt: skip
        self.members = MemberService(self.store, clock=self.clock)
        for name in ("alice", "bob"):
            self.repositories.of(UserRepository).add(UserModel.create(name, now=self.clock.now))
            self.members.invite(ADMIN, name)
            self.members.accept(name, "default")

    def record(self, task_id: str, qid: str = "0", **changes: Any) -> str:
        """Record a failed result with raw data, and return its id."""
        fields: dict[str, Any] = {
            "name": "CheckT1", "status": TaskStatus.FAILED, "message": "the trace is flat: no decay found",
            "output_parameter_names": ["t1"], "cooldown_id": "cd", "raw_data_path": [f"raw/{task_id}.npz"],
            "execution_id": "e1", "start_at": self.clock.now, **changes,
        }  # fmt: skip
        self.repositories.of(TaskResultHistoryRepository).add(
            TaskResultModel(
                project_id="default", username="alice", chip_id="chip", task_id=task_id,
                qid=qid, **fields,
            )
        )  # fmt: skip
        return task_id


@pytest.fixture
def lab(prepared_store: Store, clock: Clock) -> Lab:
    return Lab(prepared_store, clock)
