"""Marks of the values in use of a chip."""

from __future__ import annotations

import logging
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING

from qdash_core.clock import utc_now
from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_core.metrics.definitions import MetricsFile
from qdash_core.metrics.file import load_builtin
from qdash_core.metrics.moved_inputs import Place, find_moved_inputs, get_time
from qdash_core.models.marks import Mark, Marks, ValueMark
from qdash_core.models.times import format_duration

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from qdash_core.metrics.definitions import Metric
    from qdash_core.models.chip import StoredAttempt, StoredValue, StoredValues
    from qdash_core.repositories.repositories import Repositories

logger = logging.getLogger(__name__)

_MOST_KEPT = 8
"""Number of states of chips whose moved inputs are kept."""

_Key = tuple[str, str, int, int]
"""Project, chip, number of the last value event, and the metrics file."""


class MarkReader:
    """Reader of the marks of a chip.

    Parameters
    ----------
    read_file : callable
        Returns the metrics file; raises as `read_metrics_file`.
    clock : callable
        Returns the current time in UTC.
    """

    def __init__(self, read_file: Callable[[], MetricsFile], clock: Callable[[], datetime] = utc_now) -> None:
        self._read_file = read_file
        self._clock = clock
        # The inputs of thousands of results take many times as long to read as the values, which change seldom.
        self._moved: dict[_Key, Mapping[Place, ValueMark]] = {}
        self._lock = Lock()

    def find(
        self,
        repositories: Repositories,
        project_id: str,
        chip_id: str,
        targets: Collection[str] | None = None,
    ) -> Marks:
        """Return the marks of the values in use of a chip, or of some of its targets."""
        load = partial(_load, repositories, project_id, chip_id)
        return self.find_of(repositories, project_id, chip_id, load(targets), targets)

    def find_of(
        self,
        repositories: Repositories,
        project_id: str,
        chip_id: str,
        stored: Sequence[StoredValues],
        targets: Collection[str] | None = None,
    ) -> Marks:
        """Return the marks of values in use that were read from the same snapshot: of all targets, or of some.

        If the metrics file is invalid, the built-in tolerances are used, and no value is marked as too old.
        """
        try:
            file = tolerances = self._read_file()
        except (InvalidInputError, NotFoundError) as error:
            logger.warning("no value is marked as too old: %s", error)
            file, tolerances = MetricsFile(), load_builtin()
        last = repositories.value_changes.find_last(project_id)
        key = project_id, chip_id, 0 if last is None else last.number, id(tolerances)
        moved = self._moved.get(key)
        if moved is None and targets is not None:
            load = partial(_load, repositories, project_id, chip_id)
            moved = find_moved_inputs(repositories, project_id, stored, tolerances, load=load)
        elif moved is None:
            moved = self._read_moved(key, repositories, project_id, stored, tolerances)
        return find_marks(stored, moved, file, now=self._clock())

    def _read_moved(
        self,
        key: _Key,
        repositories: Repositories,
        project_id: str,
        stored: Sequence[StoredValues],
        tolerances: MetricsFile,
    ) -> Mapping[Place, ValueMark]:
        """Return the moved inputs of a whole chip, which one thread reads and others wait for."""
        with self._lock:
            if key not in self._moved:
                found = find_moved_inputs(repositories, project_id, stored, tolerances)
                former = [one for one in self._moved if one[:2] == key[:2]]
                for old in former or [*self._moved][: len(self._moved) - _MOST_KEPT + 1]:
                    del self._moved[old]
                self._moved[key] = found
            return self._moved[key]


def _load(
    repositories: Repositories, project_id: str, chip_id: str, targets: Collection[str] | None
) -> list[StoredValues]:
    """Return the values in use of targets of a chip, or of all."""
    qubits = couplings = None
    if targets is not None:
        qubits = [one for one in targets if "-" not in one]
        couplings = [one for one in targets if "-" in one]
    return [
        *repositories.qubits.list_values(project_id, chip_id, qubits),
        *repositories.couplings.list_values(project_id, chip_id, couplings),
    ]


def find_marks(
    stored: Iterable[StoredValues],
    moved: Mapping[Place, ValueMark],
    file: MetricsFile,
    *,
    now: datetime,
) -> Marks:
    """Return the marks of values in use.

    Parameters
    ----------
    stored : iterable of StoredValues
        The values, by target.
    moved : mapping of Place to ValueMark
        Marks of values with moved inputs; see `find_moved_inputs`.
    file : MetricsFile
        Age limits of the metrics.
    now : datetime
        The current time.
    """
    found: Marks = {}
    for target in stored:
        qid = target["qid"]
        metrics = file.get_metrics("coupling" if "-" in qid else "qubit")
        marks = {
            name: _find_of_value(name, value, target, metrics.get(name), moved.get((qid, name)), now)
            for name, value in target["data"].items()
        }
        if marked := {name: some for name, some in marks.items() if some}:
            found[qid] = marked
    return found


def _find_of_value(
    name: str,
    value: StoredValue,
    target: StoredValues,
    metric: Metric | None,
    moved: ValueMark | None,
    now: datetime,
) -> list[ValueMark]:
    measured_at = get_time(value.get("calibrated_at"))
    marks = []
    if metric is not None and metric.is_stale(measured_at, now=now):
        marks.append(_make_age_mark(metric, measured_at, now))
    failure = target.get("failures", {}).get(name)
    if failure is not None:
        marks.append(_make_mark(Mark.LAST_FAILED, failure))
    if moved is not None:
        marks.append(moved)
    dispute = target.get("disputes", {}).get(name)
    if dispute is not None and (measured_at is None or dispute["measured_at"] > measured_at):
        marks.append(_make_mark(Mark.DISPUTED, dispute))
    return marks


def _make_age_mark(metric: Metric, measured_at: datetime | None, now: datetime) -> ValueMark:
    assert measured_at is not None
    assert metric.age_limit is not None
    age, limit = ((now - measured_at).total_seconds(), metric.age_limit.total_seconds())
    return ValueMark(
        mark=Mark.TOO_OLD,
        reason=f"measured {format_duration(age, whole=True)} ago; the limit is {format_duration(limit, whole=True)}",
    )


def _make_mark(mark: Mark, attempt: StoredAttempt) -> ValueMark:
    return ValueMark(mark=mark, reason=attempt["text"], task_id=attempt["task_id"])


def count_marks(marks: Mapping[str, Mapping[str, Iterable[ValueMark]]]) -> dict[Mark, int]:
    """Return the number of values with each mark, without zeros."""
    kinds = [one.mark for values in marks.values() for some in values.values() for one in some]
    return {mark: kinds.count(mark) for mark in Mark if mark in kinds}
