"""Transfer of accepted values, directions and statuses to their chip: the plan shared by adoption and commit."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from qdash_core.models.chip import CouplingModel, TargetStatus
from qdash_core.models.targets import get_control_qubit
from qdash_core.models.value_change import ChangedControl, ChangedStatus, ChangedValue
from qdash_core.process.clock import utc_now
from qdash_core.repositories.chips import WITHOUT_DIRECTION, get_target_repository
from qdash_core.values.accepted_values import collect_accepted, is_later
from qdash_core.values.scopes import find_control
from qdash_core.values.writer import TargetEdit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_core.models.chip import ChipModel, ParameterModel, QubitModel
    from qdash_core.repositories.repositories import Repositories
    from qdash_core.values.scopes import ScopeContents

Changes = dict[str, dict[str, ChangedValue]]
"""Changed values by target and name."""


@dataclass(frozen=True, slots=True)
class ValueTransfer:
    """Changes that make values of results, and statuses, the chip's.

    Parameters
    ----------
    changes : dict
        New values with those of the chip before.
    kept : dict
        Values of the chip that stay because they were measured later; `after` is the value that is not transferred.
    removed : dict
        Values of the chip that are removed because they hold for the former direction of a coupling only.
    directions : dict of str to str
        New control qubit by coupling.
    statuses : dict of str to ChangedStatus
        New statuses with those of the chip before.
    kept_statuses : dict of str to ChangedStatus
        Statuses of the chip that stay; `after` is the status that is not transferred.
    edits : list of TargetEdit
        The same, for the writer.
    """

    changes: Changes = field(default_factory=dict)
    kept: Changes = field(default_factory=dict)
    removed: Changes = field(default_factory=dict)
    directions: dict[str, str] = field(default_factory=dict)
    statuses: dict[str, ChangedStatus] = field(default_factory=dict)
    kept_statuses: dict[str, ChangedStatus] = field(default_factory=dict)
    edits: list[TargetEdit] = field(default_factory=list)


def plan_transfer(repositories: Repositories, header: ChipModel, contents: ScopeContents) -> ValueTransfer:
    """Return the transfer of accepted values and statuses to their chip. Nothing is written.

    Values of the chip that were measured later stay, as do statuses that were set later or by users.
    """
    found = ValueTransfer()
    for target in dict.fromkeys((*contents.results, *contents.statuses)):
        where = header.project_id, header.chip_id, target
        stored = get_target_repository(repositories, target).find(*where)
        if stored is not None:
            _plan_target(stored, contents, found)
    return found


def _plan_target(stored: QubitModel | CouplingModel, contents: ScopeContents, found: ValueTransfer) -> None:
    """Add the transfer of the values and the status of one target."""
    target = stored.qid
    results = contents.results.get(target, ())
    control, status = find_control(results), contents.statuses.get(target)
    kept_status = stored.status.set_aside or _is_status_later(stored, contents)
    values = collect_accepted(results, control=control)
    present, turned = stored.data, None
    if isinstance(stored, CouplingModel) and control not in (None, get_control_qubit(stored)):
        if _has_newer_direction(stored, values):
            # Values measured since, and the status, are valid for the present direction only.
            kept_status = True
            values = {name: value for name, value in values.items() if name in WITHOUT_DIRECTION}
        else:
            turned = ChangedControl(before=stored.control, after=control)
            found.directions[target] = control
            status, kept_status = status or TargetStatus.PENDING, stored.status.set_aside
            present = {name: value for name, value in present.items() if name in WITHOUT_DIRECTION}
    kept = {name: present[name] for name, value in values.items() if is_later(present.get(name), value)}
    new = {name: value for name, value in values.items() if name not in kept}
    removed = {name: value for name, value in stored.data.items() if name not in present and name not in new}
    for part, of_target in (
        (found.changes, {name: ChangedValue(before=stored.data.get(name), after=new[name]) for name in new}),
        (found.kept, {name: ChangedValue(before=kept[name], after=values[name]) for name in kept}),
        (found.removed, {name: ChangedValue(before=value) for name, value in removed.items()}),
    ):
        if of_target:
            part[target] = of_target
    changed = _make_changed_status(stored, contents, status)
    if changed is not None and changed.before != changed.after:
        (found.kept_statuses if kept_status else found.statuses)[target] = changed
    found.edits.append(TargetEdit(target, new, turned, status=None if kept_status else changed))


def _make_changed_status(
    stored: QubitModel | CouplingModel, contents: ScopeContents, status: TargetStatus | None
) -> ChangedStatus | None:
    """Return the change to a status, or None without one."""
    if status is None:
        return None
    set_at = contents.status_times.get(stored.qid)
    return ChangedStatus(before=stored.status, after=status, before_at=stored.status_at, after_at=set_at)


def _is_status_later(stored: QubitModel | CouplingModel, contents: ScopeContents) -> bool:
    """Return whether the status of the chip is known to be set later than that of the scope."""
    set_at = contents.status_times.get(stored.qid)
    return stored.status_at is not None and set_at is not None and stored.status_at > set_at


def _has_newer_direction(coupling: CouplingModel, values: Mapping[str, ParameterModel]) -> bool:
    """Return whether a value of the present direction was measured after the value of its name, or after the first of all."""
    first = min(values.values(), key=lambda one: one.calibrated_at or utc_now(), default=None)
    return any(
        is_later(known, values.get(name, first))
        for name, known in coupling.data.items()
        if name not in WITHOUT_DIRECTION
    )
