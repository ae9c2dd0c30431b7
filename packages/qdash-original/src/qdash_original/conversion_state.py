"""Lookup data for the conversion of documents, from the original system and the target store."""

from __future__ import annotations

import uuid
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from qdash_core.models.chip import TargetStatus
from qdash_core.models.execution import ExecutionCounterModel
from qdash_core.models.task import LatestResultModel, TaskStatus
from qdash_core.repositories.chips import WITHOUT_DIRECTION
from qdash_core.values.evidence import collect_evidence, join_failures
from qdash_original.original_document import UnreadableError
from qdash_original.posts import Discussions

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from typing import Any

    from qdash_builtin.notes.model import NoteScope
    from qdash_core.chips.topology import Site
    from qdash_core.models.chip import (
        CouplingHistoryModel,
        MeasuredAttempt,
        ParameterModel,
        QubitHistoryModel,
    )
    from qdash_core.models.task import TaskResultModel
    from qdash_original.note_sections import NoteSection
    from qdash_original.original_document import OriginalDocument


Place = tuple[str, str, str]
"""Project, chip and id of a target."""


class KnownResult(NamedTuple):
    """Chip and target of a result."""

    chip_id: str
    qid: str


class LostActivity(NamedTuple):
    """Target and times of a result that is absent."""

    qid: str
    start_at: datetime | None
    end_at: datetime | None


@dataclass
class ConversionState:
    """Data of other documents that a conversion needs.

    `chosen` and `backends` are empty for all projects and if unknown. `only_project` is that of the documents that name
    none, or None if there are several; `members` are those of a chosen project. Users and projects are those of the
    store and of the original.
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
    results: dict[tuple[str, str], KnownResult] = field(default_factory=dict)
    """Imported results, by project and id."""
    excluded: dict[tuple[str, str], str] = field(default_factory=dict)
    """Users who excluded results, by project and id."""
    first_results: dict[tuple[str, str], datetime] = field(default_factory=dict)
    """Start of the first completed result, by project and chip."""
    accepted: dict[tuple[str, ...], tuple[datetime, ParameterModel]] = field(default_factory=dict)
    """The newest accepted value with its time, by project, chip, target, parameter and control qubit."""
    rejected: dict[Place, dict[tuple[str, str], MeasuredAttempt]] = field(default_factory=dict)
    """The newest excluded measurement of a target, by parameter and control qubit."""
    lost_versions: dict[tuple[str, str], list[OriginalDocument]] = field(default_factory=dict)
    """Versions of parameters whose result is absent, by project and result."""
    lost_activities: dict[tuple[str, str], LostActivity] = field(default_factory=dict)
    """Targets and times of these results, from their activities."""
    metric_notes: set[tuple[str, ...]] = field(default_factory=set)
    """Keys of the imported notes on metrics, which are newer than those within qubits and couplings."""
    scoped_notes: dict[tuple[str, NoteScope, str, str], list[NoteSection]] = field(default_factory=dict)
    """Notes for cool-downs and time ranges, by project, kind, chip and target, until they are written."""
    discussions: Discussions = field(default_factory=Discussions)
    """Posts of discussions, until they are written."""
    discussed: dict[tuple[str, str], TaskResultModel | None] = field(default_factory=dict)
    """Imported results with issues, by project and id; None until they are read."""
    calibrated: dict[tuple[str, str], dict[str, dict[str, bool]]] = field(default_factory=dict)
    """True if a target was calibrated on a day; by project and chip, target and date."""
    numbers: dict[tuple[str, str], int] = field(default_factory=dict)
    """Highest number of an execution, by project and date."""
    _raised: set[tuple[str, str]] = field(default_factory=set, init=False)

    def find_project(self, document: Mapping[str, Any]) -> str | None:
        """Return the project of a document, or None if it is not selected; raise UnreadableError if it is unknown."""
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

    def add_result(self, result: TaskResultModel) -> None:
        """Keep the parts of a result that other documents need."""
        self.results[result.project_id, result.task_id] = KnownResult(result.chip_id, result.qid)
        if (result.project_id, result.task_id) in self.discussed:
            self.discussed[result.project_id, result.task_id] = result
        self.count_result(result)
        if result.status in (TaskStatus.COMPLETED, TaskStatus.FAILED):
            self.record_result(_make_latest(result))
        if result.status is not TaskStatus.COMPLETED or result.start_at is None:
            return
        chip = result.project_id, result.chip_id
        self.first_results[chip] = min(result.start_at, self.first_results.get(chip, result.start_at))
        place = *chip, result.qid
        excluded = self.rejected.setdefault(place, {})
        if result.accepted:
            ended_at = result.end_at or result.start_at
            for name, value in result.output_parameters.items():
                key = *place, *_make_key(name, result.control)
                if key not in self.accepted or self.accepted[key][0] <= ended_at:
                    self.accepted[key] = ended_at, value
        for name, row in collect_evidence(result).failures.items():
            attempt = join_failures(row)
            former = excluded.setdefault(_make_key(name, result.control), attempt)
            if former.ended_at < attempt.ended_at:
                excluded[_make_key(name, result.control)] = attempt

    def find_accepted(self, place: Place, name: str, control: str | None) -> ParameterModel | None:
        """Return the newest accepted value of a target for a control qubit, or None."""
        _, value = self.accepted.get((*place, *_make_key(name, control)), (None, None))
        return value

    def find_rejections(self, place: Place, control: str | None) -> dict[str, MeasuredAttempt]:
        """Return the measurement of each parameter of a target whose newest measurement was excluded."""
        found = {}
        for key, attempt in self.rejected.get(place, {}).items():
            ended_at, _ = self.accepted.get((*place, *key), (None, None))
            if key == _make_key(key[0], control) and (ended_at is None or ended_at < attempt.ended_at):
                found[key[0]] = attempt
        return found

    def add_day(self, day: QubitHistoryModel | CouplingHistoryModel) -> None:
        """Keep whether a target was calibrated on the day of its copy."""
        targets = self.calibrated.setdefault((day.project_id, day.chip_id), {})
        targets.setdefault(day.qid, {})[day.recorded_date] = day.status is TargetStatus.CALIBRATED

    def count_calibrated(self, project_id: str, chip_id: str, date: str) -> int | None:
        """Return the number of calibrated targets of a chip on a date, by their last copies until then; None without any copy."""
        last = [
            days[newest]
            for days in self.calibrated.get((project_id, chip_id), {}).values()
            if (newest := date if date in days else max((day for day in days if day < date), default=None))
        ]
        return sum(last) if last else None

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


def _make_key(name: str, control: str | None) -> tuple[str, str]:
    """Return a parameter with the control qubit if it depends on the direction."""
    return name, "" if name in WITHOUT_DIRECTION else control or ""


def _make_latest(record: TaskResultModel) -> LatestResultModel:
    return LatestResultModel(
        project_id=record.project_id,
        chip_id=record.chip_id,
        name=record.name,
        qid=record.qid,
        task_id=record.task_id,
        execution_id=record.execution_id,
        status=record.status,
        verdict=record.verdict,
        end_at=record.end_at or record.start_at or record.updated_at,
        created_at=record.created_at,
        updated_at=record.updated_at,
    )
