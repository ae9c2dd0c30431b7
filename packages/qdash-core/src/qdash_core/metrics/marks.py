"""Marks of the values in use of a chip."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_core.metrics.definitions import MetricsFile
from qdash_core.metrics.moved_inputs import Place, find_moved_inputs, get_time
from qdash_core.models.base import utc_now
from qdash_core.models.marks import Mark, ValueMark
from qdash_core.models.marks import Marks as Marks  # noqa: PLC0414 - imported from here elsewhere
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

_Key = tuple[str, tuple[object, ...]]


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

    def find(
        self,
        repositories: Repositories,
        project_id: str,
        chip_id: str,
        targets: Collection[str] | None = None,
    ) -> Marks:
        """Return the marks of the values in use of a chip, or of some of its targets."""
        stored = (
            *repositories.qubits.list_values(project_id, chip_id),
            *repositories.couplings.list_values(project_id, chip_id),
        )
        return self.find_of(repositories, project_id, stored, targets)

    def find_of(
        self,
        repositories: Repositories,
        project_id: str,
        stored: Sequence[StoredValues],
        targets: Collection[str] | None = None,
    ) -> Marks:
        """Return the marks of values in use that were read from the same snapshot; see `find_marks`.

        If the metrics file is invalid, no value is marked as too old.
        """
        try:
            file = self._read_file()
        except (InvalidInputError, NotFoundError) as error:
            logger.warning("no value is marked as too old: %s", error)
            file = MetricsFile()
        key = _make_key(project_id, stored)
        moved = self._moved.get(key)
        if moved is None and targets is None:
            moved = find_moved_inputs(repositories, project_id, stored, file)
            while len(self._moved) >= _MOST_KEPT:
                self._moved.pop(next(iter(self._moved)), None)
            self._moved[key] = moved
        now = self._clock()
        return find_marks(repositories, project_id, stored, file, now=now, targets=targets, moved=moved)


def _make_key(project_id: str, stored: Sequence[StoredValues]) -> _Key:
    """Return everything on which the moves of inputs depend: the values in use. The inputs of a result never change."""
    return project_id, tuple(
        (one["qid"], name, value.get("task_id"), value["value"], value.get("error"))
        for one in stored
        for name, value in one["data"].items()
    )


def find_marks(
    repositories: Repositories,
    project_id: str,
    stored: Sequence[StoredValues],
    file: MetricsFile,
    *,
    now: datetime,
    targets: Iterable[str] | None = None,
    moved: Mapping[Place, ValueMark] | None = None,
) -> Marks:
    """Return the marks of the values in use of a chip.

    Parameters
    ----------
    repositories : Repositories
        Repositories of the snapshot from which the values were read.
    project_id : str
        Project of the chip.
    stored : sequence of StoredValues
        Values in use of all its qubits and couplings.
    file : MetricsFile
        Age limits and tolerances of the metrics.
    now : datetime
        The current time.
    targets : iterable of str or None
        Only marks of these targets, or None for all.
    moved : mapping of Place to ValueMark or None
        Marks of values with moved inputs, if they are known.
    """
    wanted = None if targets is None else frozenset(targets)
    if moved is None:
        moved = find_moved_inputs(repositories, project_id, stored, file, targets=wanted)
    found: Marks = {}
    for target in stored:
        qid = target["qid"]
        if wanted is not None and qid not in wanted:
            continue
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
