"""Reversion of the values of a chip: former values, and the changes that restore them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from qdash_builtin.values.former_values import FormerValues
from qdash_builtin.values.release_repository import ReleaseTargetRepository
from qdash_builtin.values.withdrawals import Withdrawals
from qdash_core.errors import ConflictError, InvalidInputError
from qdash_core.models.chip import CouplingModel, ParameterModel
from qdash_core.models.targets import split_coupling
from qdash_core.models.value_change import ChangedControl
from qdash_core.repositories.chips import WITHOUT_DIRECTION
from qdash_core.values.accepted_values import is_same
from qdash_core.values.writer import TargetEdit

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from qdash_builtin.values.point_in_time import PointInTime
    from qdash_builtin.values.release import ReleaseModel
    from qdash_core.models.chip import ChipModel, QubitModel
    from qdash_core.repositories.repositories import Repositories
    from qdash_core.values.usable_results import UsableResults
    from qdash_core.values.writer import ValueEvent


@dataclass(frozen=True, slots=True)
class FormerState:
    """Values and direction of a target at another time; `control` is the control qubit of a coupling."""

    values: Mapping[str, ParameterModel]
    control: str | None = None


class RevertedValue(NamedTuple):
    """Value of a parameter before and after a reversion; None where there is none."""

    qid: str
    name: str
    before: ParameterModel | None
    after: ParameterModel | None


@dataclass(frozen=True, slots=True)
class Reversion:
    """Changes that restore former values.

    Parameters
    ----------
    source : str
        The point in time, as the user wrote it; a duration before now as the time.
    values : sequence of RevertedValue
        Changed values, in order of target and name.
    kept : sequence of RevertedValue
        Values that stay because their parameter had no value in the former state (`before` and `after` are equal).
    withdrawn : sequence of RevertedValue
        Former values (`after`) that are not restored because they were withdrawn since; the present ones (`before`) stay.
    directions : mapping of str to str
        Restored control qubit by coupling.
    event : ValueEvent or None
        None for a preview, or if nothing changes.
    """

    source: str
    values: Sequence[RevertedValue]
    kept: Sequence[RevertedValue] = ()
    withdrawn: Sequence[RevertedValue] = ()
    directions: Mapping[str, str] = field(default_factory=dict)
    event: ValueEvent | None = None


def find_former_states(
    targets: Iterable[QubitModel | CouplingModel], former: FormerValues, moment: datetime
) -> dict[str, FormerState]:
    """Return the values and directions of targets of one chip at a time.

    The log may begin after that time. Values that were measured after it are therefore left out.

    Parameters
    ----------
    targets : iterable of QubitModel or CouplingModel
        The targets in their present state.
    former : FormerValues
        Values before the changes of the chip since the time.
    """
    return {
        target.qid: FormerState(
            {
                name: value
                for name, value in {**target.data, **former.values.get(target.qid, {})}.items()
                if value is not None and (value.calibrated_at is None or value.calibrated_at <= moment)
            },
            former.controls.get(target.qid, target.control if isinstance(target, CouplingModel) else None),
        )
        for target in targets
    }


def read_release(
    repositories: Repositories, release: ReleaseModel, targets: Collection[str]
) -> dict[str, FormerState]:
    """Return the values and directions of some targets in a release; raise StoreError if a part of it is missing."""
    return {
        one["qid"]: FormerState(one["state"]["data"], one["state"].get("control"))
        for one in repositories.of(ReleaseTargetRepository).list_values(release, targets)
    }


def read_former_states(
    repositories: Repositories,
    header: ChipModel,
    point: PointInTime,
    targets: Sequence[QubitModel | CouplingModel],
) -> tuple[Mapping[str, FormerState], Withdrawals]:
    """Return the states of targets of a chip at a point in time, and the withdrawals since.

    Raises
    ------
    NotFoundError, ConflictError, StoreError
        As `PointInTime.find_release`, `PointInTime.find_moment` and `read_release`.
    InvalidInputError
        As these, or if the point in time is before the creation of the chip.
    """
    where = header.project_id, header.chip_id
    release = point.find_release(repositories, *where)
    moment = point.find_moment(repositories, *where) if release is None else release.created_at
    if moment < header.created_at:
        raise InvalidInputError(
            f"{point.text!r} is before the creation of chip {header.chip_id}, which had no values at that time"
        )
    if release is not None:
        former = read_release(repositories, release, [target.qid for target in targets])
    else:
        former = find_former_states(targets, FormerValues(repositories, *where, moment), moment)
    number = None if release is None else release.last_event
    return former, Withdrawals.read(repositories, header, moment=moment, number=number)


def refuse_unadopted(usable: UsableResults, edits: Iterable[TargetEdit]) -> None:
    """Raise ConflictError if an edit restores a value of a simulated execution that is not adopted."""
    for edit in edits:
        for name, value in edit.values.items():
            if value is not None and usable.is_unadopted(value):
                raise ConflictError(
                    f"the former {name} of {edit.qid} is a simulated value of execution {value.execution_id}, which is not adopted: "
                    "adopt the execution, or leave out the target or the parameter"
                )


def plan_reversion(
    source: str,
    targets: Sequence[QubitModel | CouplingModel],
    former: Mapping[str, FormerState],
    names: Collection[str] | None,
    withdrawals: Withdrawals,
) -> tuple[Reversion, list[TargetEdit]]:
    """Return the changes that restore former states, for display and as edits.

    Values that the former state lacks stay, except those that are valid only for the direction that is replaced. So do values whose
    former one was withdrawn since.

    Parameters
    ----------
    targets : sequence of QubitModel or CouplingModel
        The targets in their present state.
    former : mapping of str to FormerState
        Their former states; a target without one stays as it is.

    Raises
    ------
    ConflictError
        If parameters are named and a direction would change.
    """
    values: list[RevertedValue] = []
    kept: list[RevertedValue] = []
    withdrawn: list[RevertedValue] = []
    directions: dict[str, str] = {}
    edits: list[TargetEdit] = []
    for target in targets:
        state = former.get(target.qid)
        if state is None:
            continue
        changed = {
            name: value
            for name, value in state.values.items()
            if (names is None or name in names) and not is_same(target.data.get(name), value)
        }
        restored = {
            name: value for name, value in changed.items() if withdrawals.find_reason(name, value) is None
        }
        withdrawn += [
            RevertedValue(target.qid, name, target.data.get(name), changed[name])
            for name in sorted(changed.keys() - restored.keys())
        ]
        control = _plan_direction(target, state, restored)
        if control is not None and names is not None:
            raise ConflictError(
                f"the former values of {target.qid} hold for another control qubit, and some of them alone would leave a gate without the "
                "others: restore all parameters of the coupling, without --metrics"
            )
        lost = {
            name for name in target.data if control and name not in WITHOUT_DIRECTION and name not in restored
        }
        for name in sorted({*restored, *lost}):
            values.append(RevertedValue(target.qid, name, target.data.get(name), restored.get(name)))
        for name in sorted(target.data):
            wanted = names is None or name in names
            if wanted and name not in state.values and name not in lost:
                present = target.data[name]
                kept.append(RevertedValue(target.qid, name, present, present))
        if control:
            directions[target.qid] = control.after or split_coupling(target.qid)[0]
        if restored or control:
            edits.append(TargetEdit(target.qid, restored, control))
    return Reversion(source, values, kept, withdrawn, directions), edits


def describe_reversion(event: ValueEvent) -> Reversion:
    """Return the changes of the event of a reversion; values that stayed are not recorded."""
    directions = {
        part.qid: part.control.after or split_coupling(part.qid)[0]
        for part in event.parts
        if part.control is not None
    }
    return Reversion(event.head.source, list_changed_values(event), directions=directions, event=event)


def list_changed_values(event: ValueEvent) -> list[RevertedValue]:
    """Return the changed values of an event, in order of target and name."""
    return [
        RevertedValue(part.qid, name, change.before, change.after)
        for part in event.parts
        for name, change in sorted(part.values.items())
    ]


def _plan_direction(
    target: QubitModel | CouplingModel, state: FormerState, restored: Collection[str]
) -> ChangedControl | None:
    """Return the change of direction that the restored values need to be valid, or None."""
    if not isinstance(target, CouplingModel) or target.control == state.control:
        return None
    lower = split_coupling(target.qid)[0]
    turned = (target.control or lower) != (state.control or lower)
    if turned and any(name not in WITHOUT_DIRECTION for name in restored):
        return ChangedControl(before=target.control, after=state.control)
    return None
