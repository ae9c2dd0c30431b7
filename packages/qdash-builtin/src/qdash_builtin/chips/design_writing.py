"""Design values of a stored chip."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qdash_core.process.clock import utc_now
from qdash_core.repositories.chips import get_target_repository

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_core.models.chip import ChipModel, DesignValues
    from qdash_core.repositories.chips import TargetRepository
    from qdash_core.repositories.repositories import Repositories


def write_design(
    repositories: Repositories, header: ChipModel, design: Mapping[str, DesignValues], *, today: str
) -> None:
    """Update the design values of a chip, also in today's copies, with validated values."""
    for target, values in design.items():
        targets: TargetRepository[Any] = get_target_repository(repositories, target)
        known = targets.require(header.project_id, header.chip_id, target)
        changed = known.with_changes(design={**known.design, **values}, now=utc_now())
        targets.write_values(
            changed, former=known, recorded_date=today, cooldown_id=header.current_cooldown_id
        )
