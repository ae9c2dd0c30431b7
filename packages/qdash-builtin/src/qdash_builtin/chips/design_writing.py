"""Design values of a stored chip."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.repositories.chips import get_target_repository

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_core.models.chip import ChipModel, DesignValues
    from qdash_core.repositories.repositories import Repositories


def write_design(
    repositories: Repositories, header: ChipModel, design: Mapping[str, DesignValues], *, today: str
) -> None:
    """Update the design values of a chip, also in today's copies, with validated values."""
    for target, values in design.items():
        kept = get_target_repository(repositories, target)
        kept.set_design(
            header.project_id,
            header.chip_id,
            target,
            values,
            recorded_date=today,
            cooldown_id=header.current_cooldown_id,
        )
