"""Inputs that have moved since a value in use was measured with them."""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from qdash_core.models.marks import Mark, ValueMark

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from qdash_core.models.chip import StoredValue, StoredValues
    from qdash_core.models.task import MeasuredInputs, StoredInput
    from qdash_core.repositories.repositories import Repositories

MOST_ERRORS = 3.0
"""Change of an input, in combined errors, up to which it has not moved."""

Place = tuple[str, str]
"""A target and one of its parameters."""

_NEVER = datetime.min.replace(tzinfo=UTC)
_AT_ANY_TIME = datetime.max.replace(tzinfo=UTC)


class _Move(NamedTuple):
    """Move of an input since the measurement of a value.

    Attributes
    ----------
    at
        Time from which the input has its present value; the end of time if an older value was restored, whose time is unknown.
    place
        The input.
    errors
        Change in combined errors, or None if no error is known.
    task_id
        Result of the present value.
    """

    at: datetime
    place: Place
    errors: float | None
    task_id: str


@dataclass(slots=True)
class _Measurement:
    """A value in use, with the moves of its inputs."""

    measured_at: datetime
    inputs: list[Place]
    move: _Move | None = None


def find_moved_inputs(
    repositories: Repositories,
    project_id: str,
    stored: Sequence[StoredValues],
    *,
    targets: Collection[str] | None = None,
) -> dict[Place, ValueMark]:
    """Return a mark for each value in use of which an input has moved since its measurement.

    An input has moved if its present value differs from the used one by more than 3 combined errors,

        |present - used| > 3 sqrt(present_error² + used_error²),

    where unknown errors contribute nothing, and any difference counts if both are unknown. A value whose input was measured with
    an input that has moved since both were measured is marked, too. Defaults and values of the laboratory's own are not compared.

    Parameters
    ----------
    repositories : Repositories
        Repositories of the snapshot from which the values were read.
    project_id : str
        Project of the chip.
    stored : sequence of StoredValues
        Values in use of all qubits and couplings of the chip.
    targets : collection of str or None
        Targets whose marks are needed, or None for all.
    """
    values = {(one["qid"], name): value for one in stored for name, value in one["data"].items()}
    wanted = [place for place in values if targets is None or place[0] in targets]
    measurements = _read_measurements(repositories, project_id, values, wanted)
    moved = _spread(measurements)
    return {
        place: _make_mark(place, move, direct=measurements[place].move is move)
        for place, move in moved.items()
        if targets is None or place[0] in targets
    }


def _read_measurements(
    repositories: Repositories, project_id: str, values: Mapping[Place, StoredValue], wanted: Iterable[Place]
) -> dict[Place, _Measurement]:
    """Return the measurements of the wanted values and of all their inputs, with the moves of inputs."""
    found: dict[Place, _Measurement] = {}
    left = list(wanted)
    while left:
        origins = {place: values[place].get("task_id", "") for place in left}
        results = {
            one["task_id"]: one
            for one in repositories.results.list_inputs(project_id, {*origins.values()} - {""})
        }
        for place, task_id in origins.items():
            if (result := results.get(task_id)) is not None:
                found[place] = _compare(result, place, values)
        reached = {one for place in left if place in found for one in found[place].inputs}
        left = [place for place in reached if place not in found and place in values and place not in left]
    return found


def _compare(result: MeasuredInputs, place: Place, values: Mapping[Place, StoredValue]) -> _Measurement:
    """Return a measurement with the largest move of its inputs."""
    started = result["start_at"] or _NEVER
    measurement = _Measurement(get_time(values[place].get("calibrated_at")) or started, [])
    for target, parameter, used in _iter_inputs(result):
        present = values.get((target, parameter))
        if present is None or present.get("task_id") == result["task_id"]:
            continue
        measurement.inputs.append((target, parameter))
        if present.get("task_id") == used.get("task_id"):
            continue
        move = _find_move((target, parameter), used, present, started)
        if move is not None and (measurement.move is None or _get_size(move) > _get_size(measurement.move)):
            measurement.move = move
    return measurement


def _iter_inputs(result: MeasuredInputs) -> Iterator[tuple[str, str, StoredInput]]:
    """Yield the inputs that were values of the chip; the result's own value of an input that it has determined anew."""
    outputs = result["output_parameters"]
    for used in result["input_parameters"].values():
        target, parameter = used.get("target"), used.get("parameter")
        if target is None or parameter is None or not used.get("task_id") or used.get("from_laboratory"):
            continue
        own = outputs.get(parameter) if target == result["qid"] else None
        yield target, parameter, used if own is None else own


def _find_move(place: Place, used: StoredInput, present: StoredValue, started: datetime) -> _Move | None:
    given = used.get("given")
    change = abs(present["value"] - (used["value"] if given is None else given))
    error = present.get("error")
    # The error of a value that the laboratory has rounded is not recorded; it was about that of the present one.
    used_error = error if given is not None and used.get("error") is None else used.get("error")
    combined = math.hypot(error or 0.0, used_error or 0.0)
    if change <= MOST_ERRORS * combined or math.isclose(change, 0.0, abs_tol=1e-12 * abs(present["value"])):
        return None
    present_at = get_time(present.get("calibrated_at"))
    at = present_at if present_at is not None and present_at > started else _AT_ANY_TIME
    return _Move(at, place, change / combined if combined else None, present.get("task_id", ""))


def _get_size(move: _Move) -> float:
    return math.inf if move.errors is None else move.errors


def _spread(measurements: Mapping[Place, _Measurement]) -> dict[Place, _Move]:
    """Return the move that concerns each value: of one of its inputs, else the latest one that its inputs were measured before.

    A move concerns a value only if it happened after the measurement of the value.
    """
    users: dict[Place, list[Place]] = {}
    for place, measurement in measurements.items():
        for used in measurement.inputs:
            users.setdefault(used, []).append(place)
    moved: dict[Place, _Move] = {}
    latest: dict[Place, datetime] = {}
    queue: list[tuple[float, int, Place, _Move]] = []

    def push(place: Place, move: _Move) -> None:
        heapq.heappush(queue, (-move.at.timestamp(), len(latest) + len(queue), place, move))

    for place, measurement in measurements.items():
        if measurement.move is not None:
            push(place, measurement.move)
    while queue:
        _, _, place, move = heapq.heappop(queue)
        if place in latest:
            continue
        latest[place] = move.at
        moved[place] = measurements[place].move or move
        for user in users.get(place, ()):
            if user not in latest and move.place != user and move.at > measurements[user].measured_at:
                push(user, move)
    return moved


def _make_mark(place: Place, move: _Move, *, direct: bool) -> ValueMark:
    target, parameter = move.place
    named = parameter if target == place[0] else f"{parameter} of {target}"
    size = "" if move.errors is None else f" by {move.errors:.1f} combined errors"
    reason = f"{named} has moved{size} since"
    if not direct:
        reason = f"an input was measured before {named} moved{size}"
    return ValueMark(mark=Mark.INPUTS_MOVED, reason=reason, task_id=move.task_id)


def get_time(stored: str | datetime | None) -> datetime | None:
    """Return the time of a stored value, which bulk reading leaves as text."""
    return datetime.fromisoformat(stored) if isinstance(stored, str) else stored
