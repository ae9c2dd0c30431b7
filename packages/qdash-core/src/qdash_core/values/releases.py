"""Values and directions of a release, for reversion."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.values.reversion import FormerState

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from qdash_core.models.chip import ChipModel
    from qdash_core.repositories.repositories import Repositories


def read_release(
    repositories: Repositories, header: ChipModel, name: str, targets: Collection[str]
) -> Mapping[str, FormerState]:
    """Return the values and directions of some targets in a release.

    Raises
    ------
    NotFoundError
        If there is no release of this name.
    StoreError
        If a part of it is missing.
    """
    release = repositories.releases.require(header.project_id, header.chip_id, name)
    return {
        one["qid"]: FormerState(one["state"]["data"], one["state"].get("control"))
        for one in repositories.release_targets.list_values(release, targets)
    }
