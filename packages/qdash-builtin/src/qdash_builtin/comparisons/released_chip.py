"""Chip of a release, as it was known at that time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.metrics.definition_file import (
    load_builtin,
    load_builtin_without_limits,
    parse_metrics_file,
)
from qdash_builtin.metrics.judgement.reader import judge_past_chip
from qdash_builtin.values.release_repository import ReleaseTargetRepository
from qdash_core.chips.chip import Chip
from qdash_core.errors import InvalidInputError
from qdash_core.models.chip import CouplingModel, QubitModel

if TYPE_CHECKING:
    from qdash_builtin.metrics.definitions import MetricsFile
    from qdash_builtin.values.release import ReleaseModel
    from qdash_core.repositories.repositories import Repositories
    from qdash_core.tasks.value_declarations import ValueDeclarations


def read_released_chip(
    repositories: Repositories, release: ReleaseModel, declared: ValueDeclarations
) -> Chip:
    """Return the chip of a release, read from a snapshot, with its judgement at that time."""
    targets = repositories.of(ReleaseTargetRepository).list_states(release)
    chip = Chip(
        release.chip,
        {one.qid: one for one in targets if isinstance(one, QubitModel)},
        {one.qid: one for one in targets if isinstance(one, CouplingModel)},
    )
    judgement = judge_past_chip(
        repositories, chip, read_released_metrics(release), declared=declared, at=release.created_at
    )
    return chip.judge(judgement)


def read_released_metrics(release: ReleaseModel) -> MetricsFile:
    """Return the definitions of the metrics at the time of a release; without limits if its file was invalid."""
    if release.metrics_file is None:
        return load_builtin()
    try:
        return parse_metrics_file(release.metrics_file, name=f"metrics file of release {release.name}")
    except InvalidInputError:
        return load_builtin_without_limits()
