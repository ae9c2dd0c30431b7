"""What a run planned, as it is recorded, so that one can say later how good its schedule was."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.scheduling.conflicts import Conflicts

if TYPE_CHECKING:
    from qdash_core.models.execution import StageModel


def conflicts_of(stage: StageModel) -> Conflicts:
    """Return the conflicts that a stage ran with."""
    needed = {target: frozenset(names) for target, names in stage.resources.items()}
    return Conflicts(needed, stage.max_parallel)
