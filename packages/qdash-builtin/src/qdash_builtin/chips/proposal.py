"""Exclusion of targets from flows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.chips.targets import make_status_basis
from qdash_builtin.proposals.action import (
    ActionArguments,
    ChangedTargets,
    Confirmation,
    Name,
    Outcome,
    ProposalAction,
)
from qdash_core.errors import ConflictError
from qdash_core.models.chip import TargetStatus
from qdash_core.models.references import Reference
from qdash_core.models.target_lists import name_targets

if TYPE_CHECKING:
    from qdash_builtin.chips.targets import TargetService
    from qdash_core.models.access import Access


class ExcludeArguments(ActionArguments):
    """Targets that flows leave out."""

    chip_id: Name
    targets: ChangedTargets


class ExcludeAction(ProposalAction[ExcludeArguments]):
    """Exclusion of targets from flows."""

    kind = "exclude"
    arguments = ExcludeArguments
    description = "Proposes to exclude targets from the measurements of flows, with the reason as their note."

    def __init__(self, targets: TargetService) -> None:
        self._targets = targets

    def describe(self, access: Access, arguments: ExcludeArguments) -> tuple[str, str]:
        """Return the exclusion. It depends on the status and note of each target."""
        named = arguments.targets
        states = {one: self._targets.show(access, arguments.chip_id, one).state for one in named}
        if aside := [target for target, state in states.items() if state.status.set_aside]:
            raise ConflictError(f"{', '.join(aside)} of chip {arguments.chip_id}: already excluded or dead")
        summary = f"Exclude {name_targets(named)} of chip {arguments.chip_id} from flows."
        return summary, make_status_basis(states)

    def is_performed(self, access: Access, arguments: ExcludeArguments, by: Confirmation) -> bool:
        """Return whether the targets are excluded with the note of this proposal."""
        note = by.sign(arguments.reason)
        states = [self._targets.show(access, arguments.chip_id, one).state for one in arguments.targets]
        return all(one.status is TargetStatus.EXCLUDED and one.note.content == note for one in states)

    def perform(self, access: Access, arguments: ExcludeArguments, basis: str, by: Confirmation) -> Outcome:
        """Exclude the targets, if their status and notes are still the described ones."""
        named = arguments.targets
        if not self.is_performed(access, arguments, by):
            note = by.sign(arguments.reason)
            self._targets.set_aside(
                access, arguments.chip_id, named, TargetStatus.EXCLUDED, note, basis=basis
            )
        return Outcome(
            f"{name_targets(named)} of chip {arguments.chip_id} excluded",
            Reference("chip", arguments.chip_id),
        )
