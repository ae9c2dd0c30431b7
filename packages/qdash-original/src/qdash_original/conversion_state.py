"""Lookup data for the conversion of documents, from the original system and the target store."""

from __future__ import annotations

import uuid
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from qdash_core.models.execution import ExecutionCounterModel
from qdash_original.original_document import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from qdash_core.chips.topology import Site
    from qdash_core.models.task import LatestResultModel, TaskResultModel


@dataclass
class ConversionState:
    """Data of other documents that a conversion needs.

    Parameters
    ----------
    projects : set of str
        Projects of the store and of the original.
    chosen : frozenset of str
        Projects to import; empty: all.
    only_project : str or None
        Project of the documents that name none, or None if there are several.
    members : set of str
        Users who are members of a chosen project.
    backends : mapping of str to str
        Backend of the chips, by project; empty if unknown.
    user_ids : dict of str to str
        Ids of the users of the store and of the original, by name.
    targets : mapping of (str, str) to set of str
        Ids of the qubits and couplings of the original, by project and chip.
    """

    projects: set[str]
    chosen: frozenset[str] = frozenset()
    only_project: str | None = None
    members: set[str] = field(default_factory=set)
    backends: Mapping[str, str] = field(default_factory=dict)
    user_ids: dict[str, str] = field(default_factory=dict)
    targets: Mapping[tuple[str, str], set[str]] = field(default_factory=dict)
    sites: dict[tuple[str, str], dict[str, Site]] = field(default_factory=dict)
    """Positions of the qubits, by project and chip. Every imported chip has an entry, which may be empty."""
    qubits: set[tuple[str, ...]] = field(default_factory=set)
    couplings: set[tuple[str, ...]] = field(default_factory=set)
    """Project, chip and id of each imported coupling, as in `qubits`."""
    qubit_days: set[tuple[str, ...]] = field(default_factory=set)
    coupling_days: set[tuple[str, ...]] = field(default_factory=set)
    """Keys of the imported daily copies: those within the copy of a chip are imported after separate ones."""
    counts: dict[tuple[str, str], Counter[str]] = field(default_factory=dict)
    """Number of results by status, for each project and execution."""
    cooldowns: dict[tuple[str, str], str] = field(default_factory=dict)
    """Cool-down of the results of each project and execution."""
    newest: dict[tuple[str, ...], LatestResultModel] = field(default_factory=dict)
    numbers: dict[tuple[str, str], int] = field(default_factory=dict)
    """Highest number of an execution, by project and date."""
    _raised: set[tuple[str, str]] = field(default_factory=set, init=False)

    def find_project(self, document: Mapping[str, Any]) -> str | None:
        """Return the project of a document, or None if it is not selected.

        Raises UnreadableError if it is unknown.
        """
        project_id = document.get("project_id") or self.only_project
        if not project_id:
            raise UnreadableError("project_id", "it is missing, and there are several projects")
        if self.chosen and project_id not in self.chosen:
            return None
        if not self.has_project(project_id):
            raise UnreadableError("project_id", f"there is no project {project_id!r}")
        return str(project_id)

    def has_project(self, project_id: str) -> bool:
        """Return whether a project is selected, and imported or in the store."""
        return project_id in self.projects and (not self.chosen or project_id in self.chosen)

    def user_id(self, username: str, existing_id: str | None = None) -> str:
        """Return the id of a user: the store's, the original's, or one derived from the name."""
        derived = uuid.uuid5(uuid.NAMESPACE_URL, f"qdash:user:{username}")
        return self.user_ids.setdefault(username, existing_id or str(derived))

    def count_result(self, result: TaskResultModel) -> None:
        """Count a result of an execution, and keep its cool-down if it is the first with one."""
        execution = result.project_id, result.execution_id
        self.counts.setdefault(execution, Counter())[str(result.status)] += 1
        if result.cooldown_id is not None:
            self.cooldowns.setdefault(execution, result.cooldown_id)

    def record_number(self, project_id: str, date: str, number: int) -> None:
        """Raise the counter of a date to the number of an execution."""
        if number > self.numbers.get((project_id, date), -1):
            self.numbers[project_id, date] = number
            self._raised.add((project_id, date))

    def take_raised_counters(self) -> list[ExecutionCounterModel]:
        """Return the counters that have been raised since the last call."""
        raised, self._raised = sorted(self._raised), set()
        return [
            ExecutionCounterModel(project_id=project_id, date=date, index=self.numbers[project_id, date])
            for project_id, date in raised
        ]

    def record_result(self, latest: LatestResultModel) -> None:
        """Keep a result if it is the newest of its task and target."""
        key = (latest.project_id, latest.chip_id, latest.name, latest.qid)
        known = self.newest.get(key)
        if known is None or (known.end_at, known.task_id) < (latest.end_at, latest.task_id):
            self.newest[key] = latest
