"""Values and directions of a release, for reversion."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.models.chip import CouplingModel
from qdash_core.values.reversion import FormerState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_core.models.chip import ChipModel
    from qdash_core.repositories.repositories import Repositories


def read_release(repositories: Repositories, header: ChipModel, name: str) -> Mapping[str, FormerState]:
    """Return the values and directions of a release by target; NotFoundError if there is none of this name."""
    where = header.project_id, header.chip_id, name
    repositories.releases.require(*where)
    return {
        target.qid: FormerState(target.data, target.control if isinstance(target, CouplingModel) else None)
        for target in repositories.releases.list_targets(*where)
    }
