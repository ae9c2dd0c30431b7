"""Adoption of the values of a simulated execution by its chip."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_core.chips.chip import get_control_qubit
from qdash_core.chips.deletion import refuse_while_measured
from qdash_core.errors import ConflictError, InvalidInputError
from qdash_core.locks.liveness import is_live
from qdash_core.models.base import utc_now
from qdash_core.models.chip import CouplingModel
from qdash_core.models.execution import Adoption
from qdash_core.models.project import ProjectRole
from qdash_core.models.times import format_day
from qdash_core.models.value_change import ChangedControl, ValueEventKind
from qdash_core.record.run_attempts import make_execution_event
from qdash_core.repositories.chips import WITHOUT_DIRECTION
from qdash_core.repositories.repositories import Repositories
from qdash_core.values.accepted_values import collect_accepted, is_later
from qdash_core.values.writer import EventOrigin, TargetEdit, write_event

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from qdash_core.models.access import Access
    from qdash_core.models.chip import ChipModel, ParameterModel, QubitModel
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.models.task import TaskResultModel
    from qdash_core.repositories.store import Store

_Values = dict[str, dict[str, "ParameterModel"]]


@dataclass(frozen=True, slots=True)
class AdoptedValues:
    """Adopted values of a simulated execution.

    Parameters
    ----------
    execution : ExecutionModel
        The execution.
    adopted : dict
        Values that became the chip's, by target and name.
    kept : dict
        Values of the chip that stay because they are newer, by target and name.
    directions : dict of str to str
        New control qubit by coupling.
    """

    execution: ExecutionModel
    adopted: _Values
    kept: _Values
    directions: dict[str, str]


class AdoptionService:
    """Service for the adoption of simulated values.

    Parameters
    ----------
    store : Store
        The store.
    zone : ZoneInfo
        Time zone that defines the days of the daily copies.
    clock : callable
        Returns the present moment in UTC.
    """

    def __init__(self, store: Store, zone: ZoneInfo, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._store = store
        self._zone = zone
        self._clock = clock

    def adopt(self, access: Access, execution_id: str, *, chip_id: str) -> AdoptedValues:
        """Make the accepted values of a simulated execution the chip's, in one transaction.

        Values that were measured after them stay. The adopted values remain marked as simulated.

        Parameters
        ----------
        access : Access
            Access of an editor.
        execution_id : str
            The execution.
        chip_id : str
            Id of its chip, as the user typed it to confirm.

        Raises
        ------
        NotFoundError
            If there is no such execution, or its chip was deleted.
        InvalidInputError
            If it was not simulated, or the id is that of another chip. Nothing is written.
        ConflictError
            If it has not ended, was adopted before, or has no accepted value, or its chip was deleted and created again.
        LockedError
            If a run is measuring the chip.
        """
        access.require(ProjectRole.EDITOR)
        now = self._clock()
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            execution = repositories.executions.require(access.project_id, execution_id)
            header = _require_adoptable(repositories, execution, chip_id)
            # A run reads directions at its start, and its values would belong to others.
            refuse_while_measured(repositories, access.project_id, chip_id, lambda lock: is_live(lock, now))
            results = repositories.results.list_by_execution(access.project_id, execution_id)
            by_target = _group_by_target(results)
            if not by_target:
                raise ConflictError(f"execution {execution_id} has no accepted value to adopt")
            found = AdoptedValues(
                execution.model_copy(
                    update={
                        "adopted": Adoption(username=access.username, adopted_at=now),
                        "updated_at": now,
                    }
                ),
                {},
                {},
                {},
            )
            edits = [
                edit
                for target, of_target in by_target.items()
                if (edit := _plan_target(repositories, header, target, of_target, found)) is not None
            ]
            write_event(
                repositories,
                access.project_id,
                chip_id,
                EventOrigin(
                    ValueEventKind.ADOPTED,
                    access.username,
                    execution_id=execution_id,
                ),
                edits,
                today=format_day(now, self._zone),
                cooldown_id=header.current_cooldown_id,
                now=now,
            )
            repositories.executions.replace(found.execution, was=execution.status)
            event = make_execution_event(found.execution, "adopted")
            repositories.events.append(
                event.model_copy(update={"data": {**event.data, "username": access.username}})
            )
        return found


def _require_adoptable(repositories: Repositories, execution: ExecutionModel, chip_id: str) -> ChipModel:
    """Return the header of the chip of a simulated execution that can be adopted."""
    named = f"execution {execution.execution_id}"
    if not execution.simulated:
        raise InvalidInputError(f"{named} was not simulated: there is nothing to adopt")
    if execution.request is not None and not execution.request.saved:
        raise InvalidInputError(f"{named} was a trial: run it with --save to adopt its values")
    if chip_id != execution.chip_id:
        raise InvalidInputError(
            f"{named} belongs to chip {execution.chip_id}, not {chip_id!r}: confirm with the id of its chip to adopt its values"
        )
    if execution.adopted is not None:
        raise ConflictError(f"{named} was adopted already, by {execution.adopted.username}")
    if not execution.status.terminal:
        raise ConflictError(f"{named} is {execution.status}: adopt its values after its end")
    header = repositories.chips.require(execution.project_id, chip_id)
    if execution.start_at is not None and header.created_at > execution.start_at:
        raise ConflictError(f"chip {chip_id} was deleted and created again since {named}")
    return header


def _group_by_target(results: Iterable[TaskResultModel]) -> dict[str, list[TaskResultModel]]:
    """Return the accepted results of qubits and couplings by target, in the order of their measurements."""
    found: dict[str, list[TaskResultModel]] = {}
    accepted = [one for one in results if one.accepted and one.task_type in ("qubit", "coupling")]
    for result in sorted(accepted, key=_make_order_key):
        found.setdefault(result.qid, []).append(result)
    return found


def _make_order_key(result: TaskResultModel) -> tuple[datetime, datetime]:
    """Return the time of the measurement, which a refit shares with its original, then that of the analysis."""
    assert result.end_at is not None
    measured = [one.calibrated_at for one in result.output_parameters.values() if one.calibrated_at]
    return max(measured, default=result.end_at), result.end_at


def _plan_target(
    repositories: Repositories,
    header: ChipModel,
    target: str,
    results: list[TaskResultModel],
    found: AdoptedValues,
) -> TargetEdit | None:
    """Return the edit that adopts the values of a target, and add them to the adopted ones; None without a target or value."""
    where = header.project_id, header.chip_id, target
    stored: QubitModel | CouplingModel | None
    stored = repositories.couplings.find(*where) if "-" in target else repositories.qubits.find(*where)
    if stored is None:
        return None
    control = next((one.control for one in reversed(results) if one.control is not None), None)
    values = collect_accepted(results, control=control)
    present = stored.data
    turned = None
    if isinstance(stored, CouplingModel) and control not in (None, get_control_qubit(stored)):
        if _has_newer_direction(stored, values):
            # Values measured since are valid for the present direction only.
            values = {name: value for name, value in values.items() if name in WITHOUT_DIRECTION}
        else:
            turned = ChangedControl(before=stored.control, after=control)
            found.directions[target] = control
            present = {name: value for name, value in present.items() if name in WITHOUT_DIRECTION}
    kept = {name: present[name] for name, value in values.items() if is_later(present.get(name), value)}
    adopted = {name: value for name, value in values.items() if name not in kept}
    if kept:
        found.kept[target] = kept
    if adopted:
        found.adopted[target] = adopted
    return TargetEdit(target, adopted, turned)


def _has_newer_direction(coupling: CouplingModel, values: Mapping[str, ParameterModel]) -> bool:
    """Return whether a value of the present direction was measured after the value of its name, or after the first of all."""
    first = min(values.values(), key=lambda one: one.calibrated_at or utc_now(), default=None)
    return any(
        is_later(known, values.get(name, first))
        for name, known in coupling.data.items()
        if name not in WITHOUT_DIRECTION
    )
