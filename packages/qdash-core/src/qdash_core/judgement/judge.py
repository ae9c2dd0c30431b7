"""Judge of the values and targets of chips, which a feature provides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from qdash_core.features.declarations import Service

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from qdash_core.chips.chip import Chip
    from qdash_core.models.chip import ChipModel, StoredValues
    from qdash_core.models.chip_judgement import Judgement
    from qdash_core.repositories.repositories import Repositories


class Judge(Protocol):
    """Judge of values and targets."""

    def read(
        self,
        repositories: Repositories,
        project_id: str,
        chip_id: str,
        targets: Collection[str] | None = None,
    ) -> Judgement:
        """Return the judgement of a chip, or of some of its targets."""
        ...

    def read_of(
        self,
        repositories: Repositories,
        project_id: str,
        chip_id: str,
        stored: Sequence[StoredValues],
        targets: Collection[str] | None = None,
        *,
        header: ChipModel | None = None,
    ) -> Judgement:
        """Return the judgement of some or all targets of a chip; they, and the chip if it is given, were read from the same snapshot."""
        ...

    def judge_past(self, repositories: Repositories, chip: Chip, at: datetime) -> Judgement:
        """Return the judgement of a chip as it was at an earlier moment, by the present definitions."""
        ...


JUDGE: Service[Judge] = Service(name="judge")
"""Key of the judge, which a feature provides."""


class NoJudge:
    """Judge of a QDash without the feature: it judges nothing."""

    def read(self, *_where: object) -> Judgement:
        """Return no judgement."""
        return _judge_nothing()

    def read_of(self, *_where: object, header: ChipModel | None = None) -> Judgement:  # noqa: ARG002  as of a judge
        """Return no judgement."""
        return _judge_nothing()

    def judge_past(self, *_where: object) -> Judgement:
        """Return no judgement."""
        return _judge_nothing()


def _judge_nothing() -> Judgement:
    from qdash_core.models.chip_judgement import (
        Judgement,  # not at the import of features, which name the key
    )

    return Judgement()
