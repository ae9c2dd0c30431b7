"""Inputs that have moved since a value in use was measured with them."""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

from qdash_builtin.metrics.judgement.measured_inputs import get_time
from qdash_builtin.metrics.judgement.result_reader import ResultReader
from qdash_builtin.metrics.judgement.samples import Sample
from qdash_core.models.estimates import Parameter, subtract
from qdash_core.models.judgement import Trust
from qdash_core.models.marks import Mark, ValueMark
from qdash_core.models.targets import get_target_kind
from qdash_core.models.units import convert_alike

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from qdash_builtin.metrics.definitions import MetricsFile
    from qdash_builtin.metrics.judgement.measured_inputs import MeasuredInputs, UsedInput
    from qdash_builtin.metrics.judgement.usual_scatter import UsualScatter
    from qdash_core.models.chip import StoredValue, StoredValues
    from qdash_core.repositories.repositories import Repositories

MOST_ERRORS = 3.0
"""Change of an input, in combined errors, up to which it has not moved, whatever its usual scatter."""

Place = tuple[str, str]
"""A target and one of its parameters."""

_ROUNDING = 1e-12
"""Relative change up to which two numbers are equal."""

_AT_ANY_TIME = datetime.max.replace(tzinfo=UTC)


class _Move(NamedTuple):
    """Move of an input since the measurement of a value.

    Attributes
    ----------
    at
        Time from which the input has its present value; the end of time if an older value was restored, whose time is unknown.
    size
        Change in standard deviations of the usual scatter, or None if neither this nor an error is known.
    task_id
        Result of the present value.
    """

    at: datetime
    place: Place
    size: float | None
    task_id: str


@dataclass(slots=True)
class _Measurement:
    """A result with values in use; `inputs` are the results of the present values of its inputs.

    `move` is the largest move of its inputs, or None if none has moved.
    """

    measured_at: datetime
    inputs: list[str]
    move: _Move | None = None


def find_moved_inputs(
    repositories: Repositories,
    project_id: str,
    stored: Sequence[StoredValues],
    file: MetricsFile,
    *,
    load: Callable[[Collection[str]], Iterable[StoredValues]] | None = None,
    reader: ResultReader | None = None,
    scatter: UsualScatter | None = None,
) -> dict[Place, ValueMark]:
    """Return a mark for each value in use that was measured with an input that has moved since.

    An input has moved if its present value differs from the used one by more than its usual scatter in the time between both (see
    `UsualScatter.compare`; unknown errors contribute nothing) and by more than the tolerances of the metrics file; a switch between known
    levels is no move. Without a history and a declared jump, it has moved by more than 3 combined errors; any difference counts if both are
    unknown. Angles are compared within half a turn. A value whose input was measured with an input that has moved since both were measured is
    marked, too. By-products of fits, defaults, values of the laboratory's own and values that the user of the run gave are not compared.

    Parameters
    ----------
    stored : sequence of StoredValues
        Values in use of the targets whose marks are needed.
    load : callable or None
        Returns the values in use of other targets of the chip, or None if `stored` has all of them.
    reader : ResultReader or None
        Reader of results, or None for a new one, which keeps nothing.
    scatter : UsualScatter or None
        Usual scatter of the chip, or None to read that of now.
    """
    finder = _MoveFinder(repositories, project_id, file, reader or ResultReader(), scatter)
    finder.add(stored)

    def load_others(targets: set[str]) -> None:
        if load is not None and (others := targets - finder.values.keys()):
            finder.values.update({qid: {} for qid in others})
            finder.add(load(others))

    task_ids = {value.get("task_id", "") for one in stored for value in one["data"].values()}
    measurements = _read_measurements(finder, task_ids, load_others)
    moved = _spread(measurements)
    marks: dict[tuple[str, str], ValueMark] = {}
    found: dict[Place, ValueMark] = {}
    for one in stored if moved else ():
        for name, value in one["data"].items():
            of_result = value.get("task_id", ""), one["qid"]
            if (move := moved.get(of_result[0])) is None:
                continue
            if of_result not in marks:
                direct = measurements[of_result[0]].move is move
                marks[of_result] = _make_mark(one["qid"], move, file, direct=direct)
            found[one["qid"], name] = marks[of_result]
    return found


@dataclass(slots=True)
class _MoveFinder:
    """Finder of moved inputs among values in use; reads the usual scatter of the chip when the first input differs.

    `values` has the values in use by target and parameter, and `watched` is their number.
    """

    repositories: Repositories
    project_id: str
    file: MetricsFile
    reader: ResultReader
    _scatter: UsualScatter | None = None
    values: dict[str, Mapping[str, StoredValue]] = field(default_factory=dict)
    watched: int = 0

    def add(self, stored: Iterable[StoredValues]) -> None:
        """Add the values in use of further targets."""
        for one in stored:
            self.values[one["qid"]] = one["data"]
            self.watched += len(one["data"])

    def compare(self, result: MeasuredInputs) -> _Measurement:
        """Return a measurement with the largest move of its inputs."""
        measurement = _Measurement(result.measured_at, [])
        for used in result.inputs:
            place = used.target, used.parameter
            present = self.values.get(used.target, {}).get(used.parameter)
            present_id = "" if present is None else present.get("task_id", "")
            if present is None or present_id == result.task_id:
                continue
            measurement.inputs.append(present_id)
            if present_id == used.task_id:
                continue
            move = self._find_move(place, used, present, result)
            if move is not None and (
                measurement.move is None or _get_size(move) > _get_size(measurement.move)
            ):
                measurement.move = move
        return measurement

    def _find_move(
        self, place: Place, used: UsedInput, present: StoredValue, result: MeasuredInputs
    ) -> _Move | None:
        metric = self.file.get_metrics(get_target_kind(place[0])).get(place[1])
        unit = present.get("unit", "")
        was = Parameter(used.value, used.error, used.unit)
        if was.unit != unit:  # recorded before a unit of the quantity was declared
            was = convert_alike(was, unit)
        change = abs(subtract(present["value"], was.value, unit=unit))
        error = present.get("error") or 0.0
        # The error of a value that the laboratory has rounded is not recorded; it was about that of the present one.
        used_error = error if used.is_given and was.error is None else was.error or 0.0
        tolerated = [_ROUNDING * abs(present["value"])]
        if metric is not None:
            tolerated.append(metric.compute_tolerance(present["value"]))
        if change <= max(MOST_ERRORS * math.hypot(error, used_error), *tolerated):
            return None
        started = result.started_at
        present_at = get_time(present.get("calibrated_at"))
        used_at = get_time(used.used_at) or started
        difference = self._read_scatter(result.chip_id).compare(
            *place,
            Sample(used_at.timestamp(), was.value, used_error, task_id=used.task_id),
            Sample(
                (present_at or started).timestamp(),
                present["value"],
                error,
                task_id=present.get("task_id", ""),
                condition=present.get("condition") or "",
            ),
            watched=self.watched,
        )
        if (metric is not None and metric.by_product) or not difference.is_move:
            return None
        at = present_at if present_at is not None and present_at > started else _AT_ANY_TIME
        size = None if math.isinf(difference.size) else difference.size
        return _Move(at, place, size, present.get("task_id", ""))

    def _read_scatter(self, chip_id: str) -> UsualScatter:
        if self._scatter is None:
            self._scatter = self.reader.read_scatter(self.repositories, self.project_id, chip_id)
        return self._scatter


def _read_measurements(
    finder: _MoveFinder, task_ids: set[str], load_others: Callable[[set[str]], None]
) -> dict[str, _Measurement]:
    """Return the measurements of results and of all their inputs, by result."""
    found: dict[str, _Measurement] = {}
    read: set[str] = {""}
    left = task_ids - read
    while left:
        results = finder.reader.list_inputs(finder.repositories, finder.project_id, left)
        load_others({used.target for result in results for used in result.inputs})
        for result in results:
            found[result.task_id] = finder.compare(result)
        read |= left
        left = {used for task_id in left & found.keys() for used in found[task_id].inputs} - read
    return found


def _get_size(move: _Move) -> float:
    return math.inf if move.size is None else move.size


def _spread(measurements: Mapping[str, _Measurement]) -> dict[str, _Move]:
    """Return the move that concerns each result: of one of its inputs, else the latest one that an input was measured before.

    A move concerns a result only if it happened after its measurement.
    """
    users: dict[str, set[str]] = {}
    for task_id, measurement in measurements.items():
        for used in measurement.inputs:
            users.setdefault(used, set()).add(task_id)
    moved: dict[str, _Move] = {}
    # Latest moves first, so that each result is reached by the latest move that concerns it.
    numbers = count()
    queue = [
        (-one.move.at.timestamp(), next(numbers), task_id, one.move)
        for task_id, one in measurements.items()
        if one.move
    ]
    heapq.heapify(queue)
    while queue:
        order, _, task_id, move = heapq.heappop(queue)
        if task_id in moved:
            continue
        moved[task_id] = measurements[task_id].move or move
        for user in users.get(task_id, ()):
            if user not in moved and move.task_id != user and move.at > measurements[user].measured_at:
                heapq.heappush(queue, (order, next(numbers), user, move))
    return moved


def _make_mark(qid: str, move: _Move, file: MetricsFile, *, direct: bool) -> ValueMark:
    target, parameter = move.place
    title = file.get_title(get_target_kind(target), parameter)
    named = title if target == qid else f"{title} of {target}"
    size = "" if move.size is None else f" by {move.size:.1f} times its usual scatter"
    reason = f"{named} has moved{size} since"
    if not direct:
        reason = f"an input was measured before {named} moved{size}"
    return ValueMark(mark=Mark.INPUTS_MOVED, reason=reason, task_id=move.task_id, trust=Trust.DOUBTFUL)
