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
    from qdash_core.models.task import LatestResultModel


@dataclass
class ConversionState:
    """Data of other documents that a conversion needs.

    Parameters
    ----------
    projects : set of str
        Those that are here, or come.
    chosen : frozenset of str
        The projects that are wanted; empty: all.
    only_project : str or None
        The one that what names none belongs to; None: there are several.
    members : set of str
        Users with a part in a project that is wanted.
    backends : mapping of str to str
        Project to what its chips are measured with, where that is known.
    user_ids : dict of str to str
        Name to id, of the users that are here, or come.
    """

    projects: set[str]
    chosen: frozenset[str] = frozenset()
    only_project: str | None = None
    members: set[str] = field(default_factory=set)
    backends: Mapping[str, str] = field(default_factory=dict)
    user_ids: dict[str, str] = field(default_factory=dict)
    sites: dict[tuple[str, str], dict[str, Site]] = field(default_factory=dict)
    """Chip to the places of its qubits. A chip that comes is here, also where no place is known."""
    qubits: set[tuple[str, ...]] = field(default_factory=set)
    couplings: set[tuple[str, ...]] = field(default_factory=set)
    """Project, chip and id of what comes."""
    qubit_days: set[tuple[str, ...]] = field(default_factory=set)
    coupling_days: set[tuple[str, ...]] = field(default_factory=set)
    """Keys of daily copies: what lies in the copy of a whole chip comes after what lies by itself."""
    counts: dict[tuple[str, str], Counter[str]] = field(default_factory=dict)
    """Project and execution to results by state."""
    newest: dict[tuple[str, ...], LatestResultModel] = field(default_factory=dict)
    numbers: dict[tuple[str, str], int] = field(default_factory=dict)
    """Project and date to the highest number of an execution."""
    _raised: set[tuple[str, str]] = field(default_factory=set, init=False)

    def project_of(self, document: Mapping[str, Any]) -> str | None:
        """Return the project a document belongs to; None where it is not wanted, UnreadableError where it is unclear."""
        named = document.get("project_id") or self.only_project
        if not named:
            raise UnreadableError("project_id", "it is missing, and there are several projects")
        if self.chosen and named not in self.chosen:
            return None
        if not self.comes(named):
            raise UnreadableError("project_id", f"there is no project {named!r}")
        return str(named)

    def comes(self, project_id: str) -> bool:
        """Return whether a project is imported or exists in the store."""
        return project_id in self.projects and (not self.chosen or project_id in self.chosen)

    def user_id(self, username: str, there: str | None = None) -> str:
        """Return the id that a user has here: the present one, else the original's, else one made of the name."""
        made = uuid.uuid5(uuid.NAMESPACE_URL, f"qdash:user:{username}")
        return self.user_ids.setdefault(username, there or str(made))

    def count(self, project_id: str, execution_id: str, status: str) -> None:
        """Count a result of an execution."""
        self.counts.setdefault((project_id, execution_id), Counter())[status] += 1

    def numbered(self, project_id: str, date: str, number: int) -> None:
        """Heed that an execution has a number."""
        if number > self.numbers.get((project_id, date), -1):
            self.numbers[project_id, date] = number
            self._raised.add((project_id, date))

    def raised_counters(self) -> list[ExecutionCounterModel]:
        """Return the counters that have been raised since they were last asked for."""
        raised, self._raised = sorted(self._raised), set()
        return [
            ExecutionCounterModel(project_id=project_id, date=date, index=self.numbers[project_id, date])
            for project_id, date in raised
        ]

    def finished(self, latest: LatestResultModel) -> None:
        """Heed a result, if it is the newest of its task and target."""
        key = (latest.project_id, latest.chip_id, latest.name, latest.qid)
        known = self.newest.get(key)
        if known is None or (known.end_at, known.task_id) < (latest.end_at, latest.task_id):
            self.newest[key] = latest
