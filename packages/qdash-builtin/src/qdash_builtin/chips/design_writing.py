"""Design values of a stored chip."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qdash_core.models.chip import DesignChange
from qdash_core.repositories.chip_events import log_chip
from qdash_core.repositories.chips import ChipRepository, get_target_repository

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from qdash_core.models.chip import ChipModel, DesignValues
    from qdash_core.repositories.chips import TargetRepository
    from qdash_core.repositories.repositories import Repositories

_MOST_KEPT = 50
"""Number of changes that the record of a chip keeps."""
_MOST_TARGETS = 20
"""Number of targets that a kept change names; of a change of more it names none, which stands for the chip."""


def write_design(
    repositories: Repositories,
    header: ChipModel,
    design: Mapping[str, DesignValues],
    *,
    username: str,
    today: str,
    now: datetime,
) -> ChipModel:
    """Update the design values of a chip, also in today's copies, with validated values, and return its changed record."""
    changes: dict[str, list[str]] = {}
    for target, values in design.items():
        targets: TargetRepository[Any] = get_target_repository(repositories, target)
        known = targets.require(header.project_id, header.chip_id, target)
        if names := [
            name for name, value in values.items() if name not in known.design or known.design[name] != value
        ]:
            changes[target] = names
        changed = known.with_changes(design={**known.design, **values}, now=now)
        targets.write_values(
            changed, former=known, recorded_date=today, cooldown_id=header.current_cooldown_id
        )
    kept = header.design_changes
    if changes:
        named = changes if len(changes) <= _MOST_TARGETS else {}
        kept = [*kept, DesignChange(at=now, username=username, designs=named)][-_MOST_KEPT:]
    written = header.with_changes(design_changes=kept, now=now)
    repositories.of(ChipRepository).put(written)
    log_chip(repositories, header.project_id, header.chip_id, "design", username=username, targets=design)
    return written
